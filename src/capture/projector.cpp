#include "capture/projector.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "base/encoding.h"
#include "capture/batch_append.h"
#include "capture/recent_window.h"
#include "journal/codec.h"
#include "quality/rules.h"
#include "quality/verdict.h"

namespace tallystick::capture {
namespace {

constexpr const char* kReaderName = "capture.projector";
constexpr std::size_t kMaxRecordsPerStep = 4096;
constexpr std::uint64_t kSaveEveryRecords = 65'536;  // also without dead letters, so that a restart reads little
constexpr std::uint64_t kWatchedAtStart = 262'144;   // clicks among the last records may be open, however old they are
constexpr std::size_t kMaxRoundsPerStep = 16;        // then the work that is due by time has its turn
constexpr std::int64_t kWorkIntervalUs = base::kMicrosPerSecond / 2;
constexpr std::int64_t kWaitUs = 200 * base::kMicrosPerMilli;
constexpr std::chrono::milliseconds kGather{20};  // between two steps: being woken for every group would cost more
constexpr std::size_t kMaxOrphansPerBatch = 1000;

// A UUID version 7 whose random part is the sequence number, so that ids order as the records do and a copy made again
// has the same id.
base::Uuid make_row_id(const journal::Record& record, base::Random& random) {
  base::Uuid id = base::make_uuid_v7(record.received_at, random);
  id.bytes[6] = 0x70;
  id.bytes[7] = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[8 + i] = static_cast<std::uint8_t>(record.sequence >> (56 - 8 * i));
  }
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
  return id;
}

// The verdict as it stood in the record.
base::Result<journal::Verdict> load_click_verdict(const journal::Journal& journal, std::uint64_t sequence) {
  journal::Record record;
  const auto reader = journal.make_reader(sequence);
  TALLY_ASSIGN(const bool is_there, reader->next(record, 0));
  if (!is_there || record.sequence != sequence || record.kind != journal::RecordKind::kClick) {
    return base::fail(base::ErrorKind::kNotFound, "record_not_found", "the click to revise is not there");
  }
  TALLY_ASSIGN(const journal::Click click, journal::decode_click(record.fields));
  return click.verdict;
}

}  // namespace

Projector::Projector(Capture& capture, records::Database& database, AlertSink& alerts)
    : capture_(capture), database_(database), alerts_(alerts) {}

base::Result<void> Projector::start() {
  TALLY_ASSIGN(saved_, database_.read<std::uint64_t>([](soci::session& session) -> base::Result<std::uint64_t> {
    return load_reader_position(session, kReaderName);
  }));
  const CaptureRooms& rooms = capture_.rooms();
  // Clicks that were open when the last run ended are before the saved position.
  const base::Timestamp since = rooms.clock.now() - 2 * capture_.settings().unforwarded_after_us;
  TALLY_ASSIGN(const std::uint64_t recent, find_sequence_at(rooms.journal, since));
  TALLY_ASSIGN([[maybe_unused]] const std::uint64_t told,
               rebuild_judge(rooms.journal, rooms.judge, rooms.clock.now() - capture_.settings().judge_window_us));
  copied_below_ = saved_;
  position_ = std::min(saved_, recent);
  const std::uint64_t size = rooms.journal.size();
  watched_from_ = std::min(recent, size - std::min(size, kWatchedAtStart));
  reader_ = rooms.journal.make_reader(position_);
  return {};
}

// A log that was there before its projection (imported, or restored beside a new records database) is followed at the
// speed of its dead letters.
void Projector::skip_history() {
  if (position_ < watched_from_) {
    const journal::Journal& journal = capture_.rooms().journal;
    const std::uint64_t next =
        std::min(journal.skip_without(position_, journal::RecordKind::kDeadLetter), watched_from_);
    if (next != position_) {
      position_ = next;
      reader_ = journal.make_reader(position_);
    }
  }
}

base::Result<bool> Projector::read_some(std::int64_t wait_us) {
  skip_history();
  journal::Record record;
  for (std::size_t i = 0; i < kMaxRecordsPerStep; ++i) {
    TALLY_ASSIGN(const bool is_there, reader_->next(record, i == 0 ? wait_us : 0));
    if (!is_there) {
      return i > 0;
    }
    if (record.sequence >= watched_from_) {
      watch_.take(record);
    }
    if (record.kind == journal::RecordKind::kDeadLetter && record.sequence >= copied_below_) {
      take_dead_letter(record);
    }
    position_ = reader_->position();
  }
  return true;
}

void Projector::take_dead_letter(const journal::Record& record) {
  const auto letter = journal::decode_dead_letter(record.fields);
  if (!letter) {
    return;
  }
  DeadLetterRow row;
  row.id = base::format_uuid(make_row_id(record, capture_.rooms().random));
  row.sequence = static_cast<std::int64_t>(record.sequence);
  row.event_id = record.event_id.is_nil() ? std::string() : base::format_uuid(record.event_id);
  row.endpoint = letter->endpoint;
  row.code = letter->code;
  row.detail = letter->detail;
  row.raw = letter->raw;
  row.received_at = record.received_at.us;
  if (!record.personal.empty()) {
    if (const auto personal = journal::decode_personal(record.personal)) {
      row.user_hash = personal->user ? base::to_hex(*personal->user) : std::string();
      row.session_hash = personal->session ? base::to_hex(*personal->session) : std::string();
    }
  }
  rows_.push_back(std::move(row));
}

base::Result<void> Projector::save() {
  if (position_ <= copied_below_ || (rows_.empty() && position_ - saved_ < kSaveEveryRecords)) {
    return {};
  }
  const bool has_new = !rows_.empty();
  TALLY_ASSIGN(const std::int64_t open,
               database_.write<std::int64_t>([&](soci::session& session) -> base::Result<std::int64_t> {
                 for (const DeadLetterRow& row : rows_) {
                   insert_dead_letter(session, row);
                 }
                 save_reader_position(session, kReaderName, position_);
                 return has_new ? count_open_dead_letters(session) : 0;
               }));
  rows_.clear();
  saved_ = position_;
  if (open > capture_.settings().dead_letter_alert_above) {
    alerts_.raise({.severity = AlertSeverity::kWarning,
                   .dedupe_key = "capture.dead_letters",
                   .subject = "dead letters",
                   .summary = std::to_string(open) + " refused events wait to be looked at",
                   .evidence = "{\"open\":" + std::to_string(open) + "}"});
  }
  return {};
}

base::Result<void> Projector::revise_orphans() {
  const CaptureRooms& rooms = capture_.rooms();
  auto fresh = rooms.judge.take_orphans(rooms.clock.now());
  orphans_.insert(orphans_.end(), fresh.begin(), fresh.end());
  while (!orphans_.empty()) {
    const std::size_t count = std::min(orphans_.size(), kMaxOrphansPerBatch);
    auto batch = std::make_unique<journal::Batch>();
    std::string fields;
    const base::Timestamp now = rooms.clock.now();
    for (std::size_t i = 0; i < count; ++i) {
      const auto verdict = load_click_verdict(rooms.journal, orphans_[i].sequence);
      if (!verdict) {
        continue;  // dropped by retention in the meantime
      }
      fields.clear();
      journal::encode(
          journal::VerdictRevision{
              .sequence = orphans_[i].sequence,
              .event_id = orphans_[i].event_id,
              .event_kind = journal::RecordKind::kClick,
              .verdict = quality::with_reason(*verdict, journal::Reason::kNoImpression, rooms.judge.rules()->version()),
              .detector = "no_impression"},
          fields);
      batch->add({.kind = journal::RecordKind::kVerdictRevision,
                  .window = journal::DedupeWindow::kNone,
                  .event_id = base::make_uuid_v7(now, rooms.random),
                  .received_at = now},
                 fields,
                 {},
                 rooms.random);
    }
    if (!batch->is_empty()) {
      TALLY_ASSIGN(const auto done, append_batch(rooms.journal, std::move(batch)));
    }
    orphans_.erase(orphans_.begin(), orphans_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return {};
}

void Projector::alert_overdue() {
  const base::Timestamp before = capture_.rooms().clock.now() - capture_.settings().unforwarded_after_us;
  const auto overdue = watch_.take_overdue(before);
  if (overdue.empty()) {
    return;
  }
  std::string evidence = "{\"clicks\":" + std::to_string(overdue.size()) + ",\"sequences\":[";
  constexpr std::size_t kMaxNamed = 10;
  for (std::size_t i = 0; i < std::min(overdue.size(), kMaxNamed); ++i) {
    evidence += (i == 0 ? "" : ",") + std::to_string(overdue[i]);
  }
  evidence += "]}";
  alerts_.raise({.severity = AlertSeverity::kWarning,
                 .dedupe_key = "capture.pending_forward",
                 .subject = "redirects",
                 .summary = std::to_string(overdue.size()) + " clicks are recorded, but not known to be forwarded",
                 .evidence = std::move(evidence)});
}

base::Result<void> Projector::do_timely_work() {
  const std::int64_t now_us = capture_.rooms().clock.monotonic_us();
  if (now_us < next_work_us_) {
    return {};
  }
  next_work_us_ = now_us + kWorkIntervalUs;
  capture_.tick();
  for (const Alert& alert : capture_.alerts().take_all()) {
    alerts_.raise(alert);
  }
  return revise_orphans();
}

base::Result<void> Projector::step(std::int64_t wait_us) {
  TALLY_TRY(save());  // what an earlier step could not
  bool has_more = true;
  for (std::size_t round = 0; has_more && round < kMaxRoundsPerStep; ++round) {
    TALLY_ASSIGN(has_more, read_some(wait_us));
    wait_us = 0;
    TALLY_TRY(save());
  }
  alert_overdue();
  return do_timely_work();
}

void Projector::run(const std::stop_token& stop, const std::function<void(const base::Error&)>& on_error) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  while (!stop.stop_requested()) {
    std::chrono::milliseconds pause = kGather;
    if (const auto done = step(kWaitUs); !done) {
      on_error(done.error());
      pause = std::chrono::seconds(1);
    }
    std::unique_lock lock(mutex);
    stopped.wait_for(lock, stop, pause, [] { return false; });
  }
}

}  // namespace tallystick::capture
