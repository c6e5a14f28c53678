// rooms: journal base
// A segment file of any content: the scanner reports damage, and never reads outside it.
#include <algorithm>
#include <cstring>

#include "journal/segment.h"

namespace {

using namespace tallystick;

class MemoryFile final : public journal::File {
 public:
  explicit MemoryFile(journal::Bytes bytes) : bytes_(bytes) {}
  base::Result<void> write_at(std::span<const journal::Bytes>, std::uint64_t) override { return {}; }
  base::Result<std::size_t> read_at(std::span<std::uint8_t> out, std::uint64_t offset) const override {
    const std::size_t start = std::min<std::size_t>(offset, bytes_.size());
    const std::size_t size = std::min(out.size(), bytes_.size() - start);
    if (size > 0) {
      std::memcpy(out.data(), bytes_.data() + start, size);
    }
    return size;
  }
  base::Result<void> sync() override { return {}; }
  base::Result<void> truncate(std::uint64_t) override { return {}; }
  base::Result<std::uint64_t> size() const override { return bytes_.size(); }

 private:
  journal::Bytes bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const journal::Bytes bytes(data, size);
  (void)journal::parse_segment_header(bytes);
  (void)journal::parse_segment_footer(bytes);
  const MemoryFile file(bytes);
  journal::SegmentScanner scanner(file, {0, 0}, size);
  journal::ScannedRecord record;
  while (true) {
    const auto state = scanner.next(record);
    if (!state || *state != journal::ScanState::kRecord) {
      break;
    }
    if (record.bytes.size() != record.frame.size || !journal::parse_entry(record.frame.entry)) {
      break;
    }
  }
  journal::SegmentScanner skipping(file, {0, 0}, size);
  (void)skipping.skip_to(1000);
  return 0;
}
