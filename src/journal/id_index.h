#pragma once
// Finds the records of one segment by event id, the group a sequence number lies in, and which kinds of records there
// are. GrowingIndex is that of the active segment, in memory; a sealed segment's is a sorted file, mapped. Derived
// data: rebuilt from the segment when missing, and what it says is checked against the record that is read.
// Thread-safe.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/uuid.h"
#include "journal/event.h"
#include "journal/file.h"
#include "journal/segment.h"

namespace tallystick::journal {

class SegmentIndex {
 public:
  virtual ~SegmentIndex() = default;
  // Appends the sequence numbers of the records with this id, ascending.
  virtual void find(const base::Uuid& id, std::vector<std::uint64_t>& sequences) const = 0;
  // A group that begins at or before the record, and not long before.
  [[nodiscard]] virtual GroupPosition locate(std::uint64_t sequence) const = 0;
  // Whether a record of this kind may be among them: never falsely that none is.
  [[nodiscard]] virtual bool may_have(RecordKind kind) const = 0;
};

class GrowingIndex final : public SegmentIndex {
 public:
  explicit GrowingIndex(std::uint64_t first_sequence);

  // Groups in order; one id per record (nil ids are not indexed), and their kinds.
  void add(GroupPosition group, std::span<const base::Uuid> ids, RecordKinds kinds);
  void find(const base::Uuid& id, std::vector<std::uint64_t>& sequences) const override;
  [[nodiscard]] GroupPosition locate(std::uint64_t sequence) const override;
  [[nodiscard]] bool may_have(RecordKind kind) const override;
  // The file form, written atomically.
  [[nodiscard]] base::Result<void> save(FileSystem& files, const std::filesystem::path& path) const;

 private:
  void grow();

  const std::uint64_t first_sequence_;
  mutable std::shared_mutex mutex_;
  const base::SeededUuidHash hash_;    // clients choose ids
  std::vector<base::Uuid> ids_;        // by sequence - first_sequence_
  std::vector<std::uint32_t> slots_;   // position in ids_ + 1, open addressing
  std::vector<GroupPosition> groups_;  // thinned out
  RecordKinds kinds_;
};

// The file form of the segment beginning at `first_sequence`. Error code: "bad_index" (rebuild it).
[[nodiscard]] base::Result<std::shared_ptr<const SegmentIndex>> open_index(const std::filesystem::path& path,
                                                                           std::uint64_t first_sequence);

[[nodiscard]] std::string index_name(std::uint64_t first_sequence);  // 20 digits and ".idx"

}  // namespace tallystick::journal
