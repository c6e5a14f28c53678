#include "cli/settle_traffic.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "cli/history_forwardings.h"
#include "cli/history_random.h"
#include "cli/history_writer.h"
#include "quality/verdict.h"

namespace tallystick::cli {
namespace {

using base::kMicrosPerDay;
using base::kMicrosPerHour;
using base::kMicrosPerMilli;
using base::kMicrosPerMinute;
using base::kMicrosPerSecond;
using journal::ConversionStatus;
using journal::RecordKind;

constexpr std::uint32_t kSettleRulesVersion = 1;
constexpr std::uint64_t kRecordsBetweenProgress = 16'384;
constexpr std::uint64_t kSaleStream = (1ULL << 61) + (1ULL << 60);  // apart from visitors and plans

enum class Step : std::uint8_t { kShow, kClick, kPending, kApprove, kPay, kReverse, kRevise };

// Small, because there may be millions; the event is made when its turn comes.
struct Due {
  base::Timestamp at;
  std::uint32_t index = 0;  // of the visit for kShow and kClick, else of the sale
  Step step = Step::kShow;
  bool is_second_record = false;  // of a sale that is recorded twice

  friend bool operator<(const Due& a, const Due& b) {
    return std::tie(a.at, a.index, a.step, a.is_second_record) < std::tie(b.at, b.index, b.step, b.is_second_record);
  }
};

ConversionStatus status_of(Step step) {
  return step == Step::kApprove   ? ConversionStatus::kApproved
         : step == Step::kPay     ? ConversionStatus::kPaid
         : step == Step::kReverse ? ConversionStatus::kReversed
                                  : ConversionStatus::kPending;
}

journal::Verdict make_settle_verdict(std::initializer_list<journal::Reason> reasons) {
  journal::Verdict verdict;
  for (const journal::Reason reason : reasons) {
    verdict.add(reason);
  }
  return quality::make_verdict(verdict.reasons, kSettleRulesVersion);
}

class Schedule {
 public:
  Schedule(const SettlePlan& plan, const SettleSettings& settings) : plan_(plan), settings_(settings) {}

  std::vector<Due> make() {
    for (std::size_t i = 0; i < plan_.visits.size(); ++i) {
      HistoryRandom random(settings_.seed, plan_.visits[i].number);
      const base::Timestamp clicked_at = plan_.visits[i].clicked_at;
      add(clicked_at - random.between(900, 40'000) * kMicrosPerMilli, i, Step::kShow);
      add(clicked_at, i, Step::kClick);
    }
    for (std::size_t i = 0; i < plan_.sales.size(); ++i) {
      add_sale(i);
    }
    std::sort(due_.begin(), due_.end());
    return std::move(due_);
  }

 private:
  void add(base::Timestamp at, std::size_t index, Step step, bool is_second_record = false) {
    if (at < settings_.until) {
      due_.push_back({at, static_cast<std::uint32_t>(index), step, is_second_record});
    }
  }

  void add_sale(std::size_t index) {
    const SettleSale& sale = plan_.sales[index];
    HistoryRandom random(settings_.seed, kSaleStream + index);
    const base::Timestamp at = sale.occurred_at + random.between(1, 120) * kMicrosPerSecond;
    add_statuses(at, index, false);
    if (sale.is_recorded_twice) {
      add_statuses(at + random.between(1, 5) * kMicrosPerMinute, index, true);
    }
    if (sale.is_invalid) {
      add(at + kMicrosPerDay + 2 * kMicrosPerHour, index, Step::kRevise);
    }
  }

  void add_statuses(base::Timestamp at, std::size_t index, bool is_second_record) {
    const SettleSale& sale = plan_.sales[index];
    add(at, index, Step::kPending, is_second_record);
    if (sale.is_reversed) {
      add(at + 2 * kMicrosPerDay, index, Step::kReverse, is_second_record);
      return;
    }
    add(at + kMicrosPerDay, index, Step::kApprove, is_second_record);
    if (!sale.is_invalid && sale.order % 3 == 0) {
      add(at + 9 * kMicrosPerDay, index, Step::kPay, is_second_record);
    }
  }

  const SettlePlan& plan_;
  const SettleSettings& settings_;
  std::vector<Due> due_;
};

class TrafficWriter {
 public:
  TrafficWriter(journal::Journal& journal,
                const HistoryWorld& world,
                const SettlePlan& plan,
                const SettleSettings& settings,
                const HistoryPeople& people,
                base::Random& random)
      : world_(world),
        plan_(plan),
        settings_(settings),
        people_(people),
        tally_(world),
        writer_(journal, world, settings.seed, random),
        forwardings_(writer_, tally_, settings.seed) {}

  base::Result<void> write(const Due& due) {
    TALLY_TRY(forwardings_.write_due(due.at));
    switch (due.step) {
      case Step::kShow:
        ++traffic_.impressions;
        return writer_.write(make_shown(due));
      case Step::kClick:
        return write_click(due);
      case Step::kRevise:
        return revise(due);
      default:
        return write_status(due);
    }
  }

  base::Result<SettleTraffic> finish(base::Timestamp at) {
    TALLY_TRY(forwardings_.write(at));
    TALLY_TRY(writer_.finish());
    traffic_.records = writer_.records();
    return traffic_;
  }

  [[nodiscard]] std::uint64_t records() const { return writer_.records(); }

 private:
  // Enough about an event that it can be revised.
  struct Written {
    std::uint64_t sequence = 0;
    RecordKind kind = RecordKind::kClick;
    base::Uuid event_id;
  };

  HistoryEvent make_event(const SettleVisit& visit, base::Timestamp at, RecordKind kind) const {
    const HistoryNature wanted = visit.is_crawler ? HistoryNature::kCrawler : HistoryNature::kPerson;
    HistoryRandom random(settings_.seed, visit.number);
    HistoryPeople::Visitor who = people_.make_visitor(visit.number, random);
    while (who.nature != wanted) {
      who = people_.make_visitor(visit.number, random);
    }
    HistoryEvent event;
    event.kind = kind;
    event.received_at = event.occurred_at = at;
    event.visitor = who.visitor;
    event.verdict = visit.is_crawler ? make_settle_verdict({journal::Reason::kUaCrawler}) : make_settle_verdict({});
    event.placement = visit.number % world_.placements.size();
    event.link = visit.slot * kSettleLinks + visit.number % kSettleLinks;
    event.partner = visit.slot;
    return event;
  }

  HistoryEvent make_shown(const Due& due) const {
    const SettleVisit& visit = plan_.visits[due.index];
    HistoryEvent event = make_event(visit, due.at, RecordKind::kImpression);
    event.event_id = visit.impression_id;
    event.state = journal::ImpressionState::kViewable;
    event.visible_ratio_permille = 1'000;
    event.visible_ms = 1'000;
    return event;
  }

  base::Result<void> write_click(const Due& due) {
    const SettleVisit& visit = plan_.visits[due.index];
    HistoryEvent event = make_event(visit, due.at, RecordKind::kClick);
    event.event_id = visit.click_id;
    event.related_id = visit.impression_id;
    const std::uint64_t sequence = writer_.next_sequence();
    ++traffic_.clicks;
    if (visit.is_found_out) {
      revisable_[due.index].push_back({sequence, event.kind, event.event_id});
    }
    TALLY_TRY(writer_.write(event));
    return forwardings_.add(event, sequence);
  }

  base::Result<void> write_status(const Due& due) {
    const SettleSale& sale = plan_.sales[due.index];
    const SettleVisit& visit = plan_.visits[sale.visit];
    HistoryEvent event;
    event.kind = RecordKind::kConversion;
    event.received_at = due.at;
    event.occurred_at = sale.occurred_at;
    event.event_id = ids_.make_id(due.at);
    event.verdict = make_settle_verdict({});
    event.partner = visit.slot;
    event.related_id = visit.click_id;
    event.order = sale.order;
    event.amount_minor = sale.amount_minor;
    event.commission_minor = sale.commission_minor;
    event.status = status_of(due.step);
    event.is_postback = sale.is_postback != due.is_second_record;
    ++traffic_.conversions;
    if (sale.is_invalid) {
      revisable_[sale.visit].push_back({writer_.next_sequence(), event.kind, event.event_id});
    }
    return writer_.write(event);
  }

  // The click of a sale, and the sale in every status it had.
  base::Result<void> revise(const Due& due) {
    const SettleSale& sale = plan_.sales[due.index];
    for (const Written& written : revisable_[sale.visit]) {
      HistoryEvent event = make_event(plan_.visits[sale.visit], due.at, RecordKind::kVerdictRevision);
      event.event_id = written.event_id;
      event.verdict = make_settle_verdict({journal::Reason::kRateSession});
      event.revision.detector = "session_ring";
      event.revised_sequence = written.sequence;
      event.revised_kind = written.kind;
      ++traffic_.revisions;
      TALLY_TRY(writer_.write(event));
    }
    return {};
  }

  const HistoryWorld& world_;
  const SettlePlan& plan_;
  const SettleSettings& settings_;
  const HistoryPeople& people_;
  SettleTraffic traffic_;
  HistoryTally tally_;
  HistoryWriter writer_;
  HistoryForwardings forwardings_;
  HistoryRandom ids_{settings_.seed, kSaleStream - 1};
  std::unordered_map<std::size_t, std::vector<Written>> revisable_;  // by visit
};

}  // namespace

base::Result<SettleTraffic> write_settle_traffic(journal::Journal& journal,
                                                 const HistoryWorld& world,
                                                 const SettlePlan& plan,
                                                 const SettleSettings& settings,
                                                 const HistoryPeople& people,
                                                 base::Random& random,
                                                 const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  const std::vector<Due> due = Schedule(plan, settings).make();
  TrafficWriter writer(journal, world, plan, settings, people, random);
  for (std::size_t i = 0; i < due.size(); ++i) {
    TALLY_TRY(writer.write(due[i]));
    if (i % kRecordsBetweenProgress == 0) {
      progress(i, due.size());
    }
  }
  return writer.finish(due.empty() ? settings.until : due.back().at);
}

}  // namespace tallystick::cli
