#pragma once
// Records staged by one thread, encoded and hashed there, so that the single writer only checks for
// duplicates and writes. A batch belongs to its producer until it is submitted, then to the journal
// until it comes back through BatchOwner. Reusable: clear() keeps the memory.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"
#include "journal/event.h"

namespace tallystick::journal {

// How long an id is remembered, so that the same event sent again is answered "duplicate" (15-journal, "Append").
enum class DedupeWindow : std::uint8_t {
  kNone,   // never a duplicate: administration, revisions, forwarding
  kShort,  // impressions: the acceptance window of 10 minutes and a margin
  kLong,   // clicks and conversions: 24 hours
};

struct RecordHeader {
  RecordKind kind = RecordKind::kImpression;
  DedupeWindow window = DedupeWindow::kNone;
  base::Uuid event_id;
  base::Timestamp received_at;
};

enum class Outcome : std::uint8_t { kPending, kAccepted, kDuplicate };

class Batch {
 public:
  // Stages a record and returns its position in the batch. `fields` and `personal` are already
  // encoded (journal/codec.h); a fresh salt is drawn when `personal` is not empty. An entry is at
  // most kMaxEntryBytes; a longer one is a programming error (limits are checked at the door).
  std::size_t add(const RecordHeader& header, std::string_view fields, std::string_view personal, base::Random& random);

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool is_empty() const { return items_.empty(); }
  [[nodiscard]] std::size_t bytes() const { return frames_.size(); }
  void clear();

  // After completion. When error() is set nothing of the batch was appended.
  [[nodiscard]] const std::optional<base::Error>& error() const { return error_; }
  [[nodiscard]] Outcome outcome(std::size_t position) const { return items_[position].outcome; }
  // Of the record itself, or of the first one when it is a duplicate.
  [[nodiscard]] std::uint64_t sequence(std::size_t position) const { return items_[position].sequence; }

 private:
  friend class Writer;

  struct Item {
    RecordHeader header;
    std::uint32_t offset = 0;  // of the frame in frames_
    std::uint32_t length = 0;
    crypto::Digest leaf{};  // RFC 6962 leaf hash of the entry
    std::uint64_t sequence = 0;
    Outcome outcome = Outcome::kPending;
  };
  std::vector<std::uint8_t> frames_;
  std::vector<Item> items_;
  std::optional<base::Error> error_;
};

class BatchOwner {
 public:
  virtual ~BatchOwner() = default;
  // On a thread of the journal; must not block. The records are durable (or error() is set).
  virtual void on_batch_done(std::unique_ptr<Batch> batch) = 0;
};

inline constexpr std::size_t kMaxEntryBytes = 60'000;  // a tlog-tiles entry bundle has 16-bit lengths

}  // namespace tallystick::journal
