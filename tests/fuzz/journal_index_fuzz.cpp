// rooms: journal base
// An index file of any content: refused, or asked without reading outside it. Files whose header fits their size are
// asked too, whatever entries and groups they have.
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "journal/crc32c.h"
#include "journal/id_index.h"

namespace {

using namespace tallystick;

constexpr std::size_t kHeaderBytes = 32;
constexpr std::size_t kChecksumAt = 28;
constexpr std::size_t kEntryBytes = 20;
constexpr std::size_t kGroupBytes = 16;

void ask(const journal::SegmentIndex& index, const base::Uuid& id) {
  std::vector<std::uint64_t> sequences;
  index.find(id, sequences);
  index.find({}, sequences);
  for (const std::uint64_t sequence : {std::uint64_t{0}, std::uint64_t{1000}, UINT64_MAX}) {
    (void)index.locate(sequence);
  }
  (void)index.may_have(journal::RecordKind::kErasureDone);
}

bool open_and_ask(std::span<const std::uint8_t> bytes) {
  const int descriptor = ::memfd_create("index", MFD_CLOEXEC);
  if (descriptor < 0 || ::write(descriptor, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    std::abort();
  }
  const auto index = journal::open_index("/proc/self/fd/" + std::to_string(descriptor), 0);
  if (index) {
    base::Uuid id;
    if (bytes.size() >= kHeaderBytes + id.bytes.size()) {
      std::memcpy(id.bytes.data(), bytes.data() + kHeaderBytes, id.bytes.size());
    }
    ask(**index, id);
  }
  ::close(descriptor);
  return index.has_value();
}

// As many groups and entries as there are bytes for, at least one group.
bool make_fitting(std::vector<std::uint8_t>& bytes) {
  for (std::size_t groups = 1; bytes.size() >= kHeaderBytes + groups * kGroupBytes; ++groups) {
    const std::size_t left = bytes.size() - kHeaderBytes - groups * kGroupBytes;
    if (left % kEntryBytes != 0) {
      continue;
    }
    const auto put = [&](std::size_t at, auto value) {
      std::memcpy(bytes.data() + at, &value, sizeof(value));
    };
    std::memcpy(bytes.data(), "TALLYIDX", 8);
    put(8, std::uint16_t{1});
    put(12, static_cast<std::uint32_t>(left / kEntryBytes));
    put(16, std::uint64_t{0});
    put(24, static_cast<std::uint32_t>(groups));
    put(kChecksumAt, journal::crc32c(std::span(bytes).first(kChecksumAt)));
    return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)open_and_ask({data, size});
  std::vector<std::uint8_t> bytes(data, data + size);
  bytes.resize(size / 4 * 4);
  if (make_fitting(bytes) && !open_and_ask(bytes)) {
    std::abort();
  }
  return 0;
}
