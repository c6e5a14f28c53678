#pragma once
// Follows the journal in the background: copies dead letters into the records database exactly once (its position is
// saved in the same transaction), watches for clicks that were never forwarded, journals verdict revisions for clicks
// whose impression never came, and hands the alerts of the capture path to the sink. One thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "base/error.h"
#include "capture/alert_sink.h"
#include "capture/capture.h"
#include "capture/dead_letter_store.h"
#include "capture/forwarding_watch.h"
#include "journal/journal.h"
#include "records/database.h"

namespace tallystick::capture {

class Projector {
 public:
  // All outlive it.
  Projector(Capture& capture, records::Database& database, AlertSink& alerts);

  // Reads where it left off, and tells the judge of the recent past. Once, before the server listens and the first
  // step().
  [[nodiscard]] base::Result<void> start();
  // Projects what is there, waiting up to `wait_us` for a first record; then the work that is due by time. On an
  // error nothing was lost: the next step begins where this one did.
  [[nodiscard]] base::Result<void> step(std::int64_t wait_us);
  // step() until asked to stop. After an error, which is told to `on_error`, it waits a second and goes on.
  void run(const std::stop_token& stop, const std::function<void(const base::Error&)>& on_error);

  // The next sequence number it will read.
  [[nodiscard]] std::uint64_t position() const { return position_; }

 private:
  void skip_history();
  [[nodiscard]] base::Result<bool> read_some(std::int64_t wait_us);
  void take_dead_letter(const journal::Record& record);
  [[nodiscard]] base::Result<void> save();
  [[nodiscard]] base::Result<void> revise_orphans();
  void alert_overdue();
  [[nodiscard]] base::Result<void> do_timely_work();

  Capture& capture_;
  records::Database& database_;
  AlertSink& alerts_;
  std::unique_ptr<journal::Reader> reader_;
  ForwardingWatch watch_;
  std::vector<DeadLetterRow> rows_;
  std::vector<quality::Judge::Orphan> orphans_;  // taken from the judge, not journaled yet
  std::uint64_t position_ = 0;
  std::uint64_t saved_ = 0;
  std::uint64_t copied_below_ = 0;  // dead letters before it are in the database already
  std::uint64_t watched_from_ = 0;  // what is before it is looked through for dead letters alone
  std::int64_t next_work_us_ = 0;   // monotonic
};

}  // namespace tallystick::capture
