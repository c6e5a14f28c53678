#include "warehouse/insert_buffer.h"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

namespace tallystick::warehouse {

bool InsertBuffer::write_shared(const Block& block) {
  if (!shared_.is_open()) {
    auto made = base::MemoryFile::make();
    if (!made) {
      return false;
    }
    shared_ = *std::move(made);
  }
  const auto place = shared_.resize(block.serialised_bytes());
  peak_ = std::max(peak_, shared_.size());
  if (!place) {
    return false;
  }
  block.serialise(*place);
  return true;
}

std::string InsertBuffer::shared_name() const {
  return fmt::format("{} {} {}", ::getpid(), shared_.fd(), shared_.size());
}

std::string_view InsertBuffer::write(const Block& block) {
  plain_.resize(block.serialised_bytes());
  block.serialise(plain_);
  peak_ = std::max(peak_, plain_.size());
  return plain_;
}

std::string_view InsertBuffer::write_compressed(const Block& block) {
  compressor_.compress(write(block), compressed_);
  return compressed_;
}

}  // namespace tallystick::warehouse
