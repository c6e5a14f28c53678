#include "capture/recent_window.h"

#include <unordered_map>
#include <unordered_set>

#include "journal/codec.h"

namespace tallystick::capture {
namespace {

struct OpenClick {
  base::Uuid event_id;
  base::Uuid impression_id;
  base::Timestamp received_at;
};

class Rebuild {
 public:
  explicit Rebuild(quality::Judge& judge) : judge_(judge) {}

  void take(const journal::Record& record) {
    switch (record.kind) {
      case journal::RecordKind::kImpression:
        judge_.remember_impression(record.event_id, record.received_at);
        break;
      case journal::RecordKind::kClick:
        take_click(record);
        break;
      case journal::RecordKind::kVerdictRevision:
        if (const auto revision = journal::decode_verdict_revision(record.fields);
            revision && revision->detector == "no_impression") {
          revised_.insert(revision->event_id);
        }
        break;
      default:
        break;
    }
  }

  void watch_the_rest() {
    for (const auto& [sequence, click] : open_) {
      if (!revised_.contains(click.event_id) && !judge_.has_impression(click.impression_id)) {
        judge_.watch_click(click.event_id, click.impression_id, sequence, click.received_at);
      }
    }
  }

 private:
  void take_click(const journal::Record& record) {
    const auto click = journal::decode_click(record.fields);
    if (!click || click->verdict.has(journal::Reason::kPrefetch)) {
      return;
    }
    std::optional<crypto::Digest> session;
    if (!record.personal.empty()) {
      if (const auto personal = journal::decode_personal(record.personal)) {
        session = personal->session;
      }
    }
    judge_.remember_click(record.event_id,
                          click->impression_id,
                          session,
                          click->partner_id,
                          record.received_at,
                          click->verdict.klass == journal::VerdictClass::kValid);
    if (!click->impression_id.is_nil()) {
      open_[record.sequence] = {record.event_id, click->impression_id, record.received_at};
    }
  }

  quality::Judge& judge_;
  std::unordered_map<std::uint64_t, OpenClick> open_;
  std::unordered_set<base::Uuid, base::UuidHash> revised_;
};

}  // namespace

base::Result<std::uint64_t> find_sequence_at(const journal::Journal& journal, base::Timestamp since) {
  std::uint64_t low = 0;
  std::uint64_t high = journal.size();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    journal::Record record;
    const auto reader = journal.make_reader(middle);
    TALLY_ASSIGN(const bool is_there, reader->next(record, 0));
    if (is_there && record.received_at < since) {
      low = record.sequence + 1;  // dropped segments are skipped: this may be beyond the middle
    } else {
      high = middle;
    }
  }
  return low;
}

base::Result<std::uint64_t> rebuild_judge(const journal::Journal& journal,
                                          quality::Judge& judge,
                                          base::Timestamp since) {
  TALLY_ASSIGN(const std::uint64_t first, find_sequence_at(journal, since));
  const std::uint64_t end = journal.size();
  const auto reader = journal.make_reader(first);
  Rebuild rebuild(judge);
  std::uint64_t count = 0;
  journal::Record record;
  while (reader->position() < end) {
    TALLY_ASSIGN(const bool is_there, reader->next(record, 0));
    if (!is_there) {
      break;
    }
    rebuild.take(record);
    ++count;
  }
  rebuild.watch_the_rest();
  return count;
}

}  // namespace tallystick::capture
