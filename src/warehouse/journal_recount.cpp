#include "warehouse/journal_recount.h"

#include <algorithm>
#include <string_view>

#include "journal/codec.h"

namespace tallystick::warehouse {
namespace {

constexpr std::array<std::string_view, 3> kTables = {"impressions", "clicks", "conversions"};
constexpr std::array<std::string_view, 2> kForwardingStates = {"forwarded", "failed"};

void put(RowCounts& counts, std::string name, std::uint64_t count) {
  if (count != 0) {
    counts.emplace(std::move(name), count);
  }
}

}  // namespace

JournalRecount::JournalRecount(const journal::Journal& journal, base::Timestamp since)
    : reader_(journal.make_reader(0)), since_(since) {}

base::Result<bool> JournalRecount::step(std::uint64_t end, std::size_t max_records) {
  journal::Record record;
  for (std::size_t i = 0; i < max_records; ++i) {
    if (reader_->position() >= end) {
      return false;
    }
    TALLY_ASSIGN(const bool is_there, reader_->next(record, 0));
    if (!is_there) {
      return false;
    }
    first_ = first_.value_or(record.sequence);
    take(record);
  }
  return true;
}

void JournalRecount::take_event(std::size_t table, base::Timestamp occurred_at, journal::VerdictClass verdict_class) {
  if (occurred_at >= since_) {
    ++events_[table][static_cast<std::size_t>(verdict_class)];
  }
}

void JournalRecount::take(const journal::Record& record) {
  switch (record.kind) {
    case journal::RecordKind::kImpression:
      if (const auto event = journal::decode_impression(record.fields)) {
        take_event(0, event->occurred_at, event->verdict.klass);
      }
      break;
    case journal::RecordKind::kClick:
      if (const auto event = journal::decode_click(record.fields)) {
        take_event(1, record.received_at, event->verdict.klass);
      }
      break;
    case journal::RecordKind::kConversion:
      if (const auto event = journal::decode_conversion(record.fields)) {
        take_event(2, event->occurred_at, event->verdict.klass);
      }
      break;
    case journal::RecordKind::kVerdictRevision:
      if (const auto event = journal::decode_verdict_revision(record.fields);
          event && event->sequence >= *first_ && record.received_at >= since_) {
        ++revisions_;
      }
      break;
    case journal::RecordKind::kForwarding:
      if (const auto event = journal::decode_forwarding(record.fields, sequences_);
          event && record.received_at >= since_) {
        const auto kept = std::ranges::count_if(sequences_, [&](std::uint64_t click) { return click >= *first_; });
        forwardings_[event->state == journal::ForwardingState::kForwarded ? 0 : 1] += static_cast<std::uint64_t>(kept);
      }
      break;
    default:
      break;
  }
}

RowCounts JournalRecount::counts() const {
  RowCounts counts;
  for (std::size_t table = 0; table < kTables.size(); ++table) {
    std::uint64_t all = 0;
    for (std::size_t klass = 0; klass < events_[table].size(); ++klass) {
      put(counts,
          std::string(kTables[table]) + "/" + std::string(journal::name_of(static_cast<journal::VerdictClass>(klass))),
          events_[table][klass]);
      all += events_[table][klass];
    }
    if (table == 0) {
      put(counts, "exposure_hourly", all);
      put(counts, "placement_hourly", all);
      put(counts, "placement_daily", all);
    } else if (table == 1) {
      put(counts, "click_hourly", all);
    }
  }
  for (std::size_t state = 0; state < kForwardingStates.size(); ++state) {
    put(counts, "forwardings/" + std::string(kForwardingStates[state]), forwardings_[state]);
  }
  put(counts, "verdict_revisions", revisions_);
  return counts;
}

}  // namespace tallystick::warehouse
