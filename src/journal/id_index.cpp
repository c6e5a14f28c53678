#include "journal/id_index.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <numeric>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encoding.h"
#include "journal/crc32c.h"

namespace tallystick::journal {
namespace {

constexpr std::uint64_t kGroupSpacingBytes = 64 << 10;
constexpr std::size_t kFirstSlots = 1 << 12;
constexpr std::array<char, 8> kMagic = {'T', 'A', 'L', 'L', 'Y', 'I', 'D', 'X'};
constexpr std::size_t kIndexEntryBytes = 20;  // id, sequence - first sequence
constexpr std::size_t kIndexGroupBytes = 16;

struct IndexHeader {
  std::array<char, 8> magic = kMagic;
  std::uint16_t version = 1;
  RecordKinds kinds;  // none: written before kinds were, so that there may be any
  std::uint32_t entry_count = 0;
  std::uint64_t first_sequence = 0;
  std::uint32_t group_count = 0;
  std::uint32_t checksum = 0;  // of all before
};
static_assert(sizeof(IndexHeader) == 32);

std::uint32_t checksum_of(const IndexHeader& header) {
  return crc32c({reinterpret_cast<const std::uint8_t*>(&header), offsetof(IndexHeader, checksum)});
}

class MappedIndex final : public SegmentIndex {
 public:
  MappedIndex(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {
    std::memcpy(&header_, data, sizeof header_);
    if (header_.entry_count > 0 && size >= sizeof header_ + header_.entry_count * kIndexEntryBytes) {
      const std::uint8_t* const entries = data + sizeof header_;
      std::memcpy(least_.data(), entries, least_.size());
      std::memcpy(greatest_.data(), entries + (header_.entry_count - 1) * kIndexEntryBytes, greatest_.size());
    }
  }
  MappedIndex(const MappedIndex&) = delete;
  MappedIndex& operator=(const MappedIndex&) = delete;
  ~MappedIndex() override { ::munmap(const_cast<std::uint8_t*>(data_), size_); }

  void find(const base::Uuid& id, std::vector<std::uint64_t>& sequences) const override {
    // Ids that were made here begin with their time: most segments need not be touched.
    if (id.bytes < least_ || greatest_ < id.bytes) {
      return;
    }
    const std::uint8_t* const entries = data_ + sizeof(IndexHeader);
    std::size_t low = 0;
    std::size_t high = header_.entry_count;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (std::memcmp(entries + middle * kIndexEntryBytes, id.bytes.data(), 16) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (; low < header_.entry_count; ++low) {
      const std::uint8_t* const entry = entries + low * kIndexEntryBytes;
      if (std::memcmp(entry, id.bytes.data(), 16) != 0) {
        break;
      }
      std::uint32_t relative = 0;
      std::memcpy(&relative, entry + 16, sizeof relative);
      sequences.push_back(header_.first_sequence + relative);
    }
  }

  GroupPosition locate(std::uint64_t sequence) const override {
    const std::uint8_t* const groups = data_ + sizeof(IndexHeader) + header_.entry_count * kIndexEntryBytes;
    const auto load = [&](std::size_t i) {
      GroupPosition group;
      std::memcpy(&group.sequence, groups + i * kIndexGroupBytes, 8);
      std::memcpy(&group.offset, groups + i * kIndexGroupBytes + 8, 8);
      return group;
    };
    std::size_t low = 0;
    std::size_t high = header_.group_count;
    while (high - low > 1) {
      const std::size_t middle = (low + high) / 2;
      (load(middle).sequence <= sequence ? low : high) = middle;
    }
    return load(low);
  }

  bool may_have(RecordKind kind) const override { return header_.kinds.bits == 0 || header_.kinds.has(kind); }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  IndexHeader header_;
  std::array<std::uint8_t, 16> least_{};
  std::array<std::uint8_t, 16> greatest_{};
};

}  // namespace

std::string index_name(std::uint64_t first_sequence) {
  return fmt::format("{:020}.idx", first_sequence);
}

GrowingIndex::GrowingIndex(std::uint64_t first_sequence) : first_sequence_(first_sequence), slots_(kFirstSlots) {
  groups_.push_back({first_sequence, kSegmentHeaderBytes});
}

void GrowingIndex::grow() {
  std::vector<std::uint32_t> slots(slots_.size() * 2);
  const std::size_t mask = slots.size() - 1;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (ids_[i].is_nil()) {
      continue;
    }
    std::size_t at = static_cast<std::size_t>(hash_(ids_[i])) & mask;
    while (slots[at] != 0) {
      at = (at + 1) & mask;
    }
    slots[at] = static_cast<std::uint32_t>(i + 1);
  }
  slots_.swap(slots);
}

void GrowingIndex::add(GroupPosition group, std::span<const base::Uuid> ids, RecordKinds kinds) {
  const std::unique_lock lock(mutex_);
  kinds_.add(kinds);
  if (group.offset >= groups_.back().offset + kGroupSpacingBytes) {
    groups_.push_back(group);
  }
  for (const base::Uuid& id : ids) {
    ids_.push_back(id);
    if (id.is_nil()) {
      continue;
    }
    if (ids_.size() * 2 > slots_.size()) {
      grow();
      continue;
    }
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash_(id)) & mask;
    while (slots_[at] != 0) {
      at = (at + 1) & mask;
    }
    slots_[at] = static_cast<std::uint32_t>(ids_.size());
  }
}

void GrowingIndex::find(const base::Uuid& id, std::vector<std::uint64_t>& sequences) const {
  const std::shared_lock lock(mutex_);
  const std::size_t mask = slots_.size() - 1;
  const std::size_t before = sequences.size();
  for (std::size_t at = static_cast<std::size_t>(hash_(id)) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    if (ids_[slots_[at] - 1] == id) {
      sequences.push_back(first_sequence_ + slots_[at] - 1);
    }
  }
  std::sort(sequences.begin() + static_cast<std::ptrdiff_t>(before), sequences.end());
}

GroupPosition GrowingIndex::locate(std::uint64_t sequence) const {
  const std::shared_lock lock(mutex_);
  const auto after = std::upper_bound(
      groups_.begin(), groups_.end(), sequence, [](std::uint64_t value, const auto& g) { return value < g.sequence; });
  return after == groups_.begin() ? groups_.front() : *(after - 1);
}

bool GrowingIndex::may_have(RecordKind kind) const {
  const std::shared_lock lock(mutex_);
  return kinds_.has(kind);
}

base::Result<void> GrowingIndex::save(FileSystem& files, const std::filesystem::path& path) const {
  std::string bytes;
  {
    const std::shared_lock lock(mutex_);
    std::vector<std::uint32_t> order;
    order.reserve(ids_.size());
    for (std::uint32_t i = 0; i < ids_.size(); ++i) {
      if (!ids_[i].is_nil()) {
        order.push_back(i);
      }
    }
    std::sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
      return ids_[a] == ids_[b] ? a < b : ids_[a] < ids_[b];
    });
    IndexHeader header;
    header.kinds = kinds_;
    header.entry_count = static_cast<std::uint32_t>(order.size());
    header.first_sequence = first_sequence_;
    header.group_count = static_cast<std::uint32_t>(groups_.size());
    header.checksum = checksum_of(header);
    bytes.reserve(sizeof header + order.size() * kIndexEntryBytes + groups_.size() * kIndexGroupBytes);
    bytes.append(reinterpret_cast<const char*>(&header), sizeof header);
    for (const std::uint32_t i : order) {
      bytes.append(base::as_text(ids_[i].bytes));
      bytes.append(reinterpret_cast<const char*>(&i), sizeof i);
    }
    for (const GroupPosition& group : groups_) {
      bytes.append(reinterpret_cast<const char*>(&group.sequence), 8);
      bytes.append(reinterpret_cast<const char*>(&group.offset), 8);
    }
  }
  return save_text(files, path, bytes);
}

base::Result<std::shared_ptr<const SegmentIndex>> open_index(const std::filesystem::path& path,
                                                             std::uint64_t first_sequence) {
  const auto bad = [&] {
    return base::fail(
        base::ErrorKind::kCorrupt, "bad_index", "The index " + path.filename().string() + " is unusable.");
  };
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return bad();
  }
  struct stat status {};
  const bool has_size = ::fstat(descriptor, &status) == 0;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (!has_size || size < sizeof(IndexHeader)) {
    ::close(descriptor);
    return bad();
  }
  void* const data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
  ::close(descriptor);
  if (data == MAP_FAILED) {
    return bad();
  }
  auto index = std::make_shared<MappedIndex>(static_cast<const std::uint8_t*>(data), size);
  IndexHeader header;
  std::memcpy(&header, data, sizeof header);
  if (header.magic != kMagic || header.version != 1 || header.checksum != checksum_of(header) ||
      header.first_sequence != first_sequence || header.group_count == 0 ||
      size != sizeof header + header.entry_count * kIndexEntryBytes + header.group_count * kIndexGroupBytes) {
    return bad();
  }
  return index;
}

}  // namespace tallystick::journal
