#include "journal/layout.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "base/encoding.h"
#include "journal/codec.h"
#include "journal/crc32c.h"

namespace tallystick::journal {
namespace {

std::unexpected<base::Error> corrupt(const std::filesystem::path& path) {
  return base::fail(base::ErrorKind::kCorrupt,
                    "journal_corrupt",
                    "The file " + path.filename().string() + " does not match its checksum.");
}

// The body and its CRC-32C as a last line.
std::string seal_text(const std::string& body) {
  return fmt::format("{}crc32c {:08x}\n", body, crc32c(base::as_bytes(body)));
}

}  // namespace

base::Result<RetentionState> load_retention(FileSystem& files, const Layout& layout) {
  auto text = load_text(files, layout.retention());
  if (!text) {
    if (text.error().code == "file_missing") {
      return RetentionState{};
    }
    return std::unexpected(std::move(text).error());
  }
  RetentionState state;
  const auto number_after = [&](std::string_view name, std::uint64_t& value) {
    const std::size_t at = text->find(name);
    if (at != std::string::npos) {
      std::from_chars(text->data() + at + name.size(), text->data() + text->size(), value);
    }
  };
  number_after("dropped_below ", state.dropped_below);
  number_after("erased_below ", state.erased_below);
  const std::string body = fmt::format("dropped_below {}\nerased_below {}\n", state.dropped_below, state.erased_below);
  if (*text != seal_text(body)) {
    return corrupt(layout.retention());
  }
  return state;
}

base::Result<void> save_retention(FileSystem& files, const Layout& layout, const RetentionState& state) {
  const std::string body = fmt::format("dropped_below {}\nerased_below {}\n", state.dropped_below, state.erased_below);
  return save_text(files, layout.retention(), seal_text(body));
}

bool PendingErasure::covers(std::uint64_t sequence) const {
  return sequence < below_sequence || std::binary_search(sequences.begin(), sequences.end(), sequence);
}

base::Result<std::optional<PendingErasure>> load_pending_erasure(FileSystem& files, const Layout& layout) {
  auto bytes = load_text(files, layout.pending_erasure());
  if (!bytes) {
    if (bytes.error().code == "file_missing") {
      return std::optional<PendingErasure>();
    }
    return std::unexpected(std::move(bytes).error());
  }
  std::uint32_t checksum = 0;
  if (bytes->size() < sizeof checksum) {
    return corrupt(layout.pending_erasure());
  }
  std::memcpy(&checksum, bytes->data(), sizeof checksum);
  const std::string_view body = std::string_view(*bytes).substr(sizeof checksum);
  PendingErasure pending;
  const auto erasure = decode_erasure(body, pending.sequences);
  if (!erasure || checksum != crc32c(base::as_bytes(body))) {
    return corrupt(layout.pending_erasure());
  }
  pending.cause = erasure->cause;
  pending.below_sequence = erasure->below_sequence;
  return pending;
}

base::Result<void> save_pending_erasure(FileSystem& files, const Layout& layout, const PendingErasure& erasure) {
  std::string body;
  encode(Erasure{erasure.cause, erasure.sequences, erasure.below_sequence}, body);
  const std::uint32_t checksum = crc32c(base::as_bytes(body));
  std::string bytes(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  bytes += body;
  return save_text(files, layout.pending_erasure(), bytes);
}

}  // namespace tallystick::journal
