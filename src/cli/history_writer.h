#pragma once
// Puts the events of a history into the journal as the server would have recorded them. The journal is open here and
// nowhere else, so every record's sequence number is known before it is written; finish() checks that it came so. One
// thread, beside the journal's own.

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "cli/history_model.h"
#include "journal/batch.h"
#include "journal/journal.h"

namespace tallystick::cli {

// The order id of the conversion that has this number in a history.
[[nodiscard]] std::string history_order_id(std::uint64_t seed, std::uint64_t order);

class HistoryWriter final : private journal::BatchOwner {
 public:
  // All outlive it. `random` draws the salts.
  HistoryWriter(journal::Journal& journal, const HistoryWorld& world, std::uint64_t seed, base::Random& random);
  // Waits for what was submitted.
  ~HistoryWriter() override;
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  // The sequence number of the record that is written next.
  [[nodiscard]] std::uint64_t next_sequence() const { return next_sequence_; }
  [[nodiscard]] std::uint64_t records() const { return next_sequence_ - first_sequence_; }

  [[nodiscard]] base::Result<void> write(const HistoryEvent& event);
  // `sequences`: of clicks, ascending.
  [[nodiscard]] base::Result<void> write_forwarding(base::Timestamp at,
                                                    const base::Uuid& event_id,
                                                    journal::ForwardingState state,
                                                    std::span<const std::uint64_t> sequences);
  // Returns when everything is in the log. Error codes: those of the journal, "history_misplaced".
  [[nodiscard]] base::Result<void> finish();

 private:
  void on_batch_done(std::unique_ptr<journal::Batch> batch) override;
  [[nodiscard]] base::Result<void> add(const journal::RecordHeader& header, std::string_view personal);
  void submit();
  [[nodiscard]] base::Result<void> take_free();
  void wait_for_all();
  void encode_impression(const HistoryEvent& event);
  void encode_click(const HistoryEvent& event);
  void encode_conversion(const HistoryEvent& event);
  void encode_revision(const HistoryEvent& event);
  void encode_personal(const HistoryVisitor& visitor);

  journal::Journal& journal_;
  const HistoryWorld& world_;
  const std::uint64_t seed_;
  base::Random& random_;
  const std::uint64_t first_sequence_;
  std::uint64_t next_sequence_;
  std::string fields_;
  std::string personal_;
  std::string order_id_;
  std::string transaction_id_;
  std::string source_;
  std::unique_ptr<journal::Batch> batch_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<std::unique_ptr<journal::Batch>> free_;
  std::uint64_t expected_ = 0;  // sequence number of the first record of the next batch that comes back
  std::optional<base::Error> failure_;
};

}  // namespace tallystick::cli
