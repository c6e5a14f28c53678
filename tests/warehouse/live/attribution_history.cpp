#include "tests/warehouse/live/attribution_history.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <stdexcept>

#include "warehouse/block.h"

namespace tallystick::warehouse {

namespace {

constexpr std::array<std::uint32_t, 2> kLogs{7, 8};

base::Uuid make_id(std::uint8_t kind, std::uint64_t number) {
  base::Uuid id;
  id.bytes[0] = kind;
  for (std::size_t byte = 0; byte < 8; ++byte) {
    id.bytes[15 - byte] = static_cast<std::uint8_t>(number >> (8 * byte));
  }
  return id;
}

class Maker {
 public:
  Maker(std::uint64_t seed, base::Timestamp until) : random_(seed), start_(until - 11 * base::kMicrosPerDay) {}

  History make() {
    for (int i = 0; i < 300; ++i) {
      add_exposure();
    }
    for (int i = 0; i < 60; ++i) {
      add_click();
    }
    for (int i = 0; i < 40; ++i) {
      add_conversion();
    }
    number_events(out_);
    add_revisions();
    number_events(out_);
    return std::move(out_);
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  base::Uuid maybe(std::uint8_t kind, std::uint64_t choices, std::uint64_t percent) {
    return chance(percent) ? make_id(kind, 1 + below(choices)) : base::Uuid{};
  }
  // A session is active for three hours on one of nine days, and belongs to a user that has several.
  base::Timestamp moment(std::uint64_t session) {
    return start_ + static_cast<std::int64_t>(session) * base::kMicrosPerDay +
           static_cast<std::int64_t>(below(18)) * 10 * base::kMicrosPerMinute;
  }
  void head(EventHead& event, std::uint8_t kind, base::Timestamp occurred_at, std::int64_t delay_us) {
    event.log_id = kLogs[below(2)];
    event.event_id = make_id(kind, ++last_id_);
    event.occurred_at = occurred_at;
    event.received_at = occurred_at + delay_us;
  }

  void add_exposure() {
    ExposureEvent event;
    const std::uint64_t session = 1 + below(9);
    const bool is_replayed = chance(3);
    head(event,
         1,
         moment(session),
         is_replayed ? 2 * base::kMicrosPerHour : static_cast<std::int64_t>(below(12)) * base::kMicrosPerMinute);
    event.placement_id = maybe(2, 5, 97);
    event.merchant_id = maybe(3, 2, 95);
    event.user = chance(90) ? 1 + session % 3 : 0;
    event.session = chance(90) ? session : 0;
    out_.exposures.push_back(event);
  }

  void add_click() {
    ClickEvent event;
    const std::uint64_t session = 1 + below(9);
    head(event, 4, moment(session), 0);
    event.partner_id = make_id(5, 1 + below(2));
    event.placement_id = maybe(2, 5, 60);
    event.merchant_id = maybe(3, 3, 90);
    event.verdict_class = static_cast<std::int8_t>(below(4));
    event.user = chance(70) ? 1 + session % 3 : 0;
    event.session = chance(80) ? session : 0;
    out_.clicks.push_back(event);
  }

  // Up to three events of one conversion, of which the later ones say something else.
  void add_conversion() {
    const ClickEvent& click = out_.clicks[below(out_.clicks.size())];
    const bool is_named = chance(60);
    const base::Uuid key = make_id(6, ++last_id_);
    base::Timestamp at = click.occurred_at + static_cast<std::int64_t>(below(8 * 24 * 6)) * 10 * base::kMicrosPerMinute;
    at = std::min(at, start_ + 11 * base::kMicrosPerDay - base::kMicrosPerDay);
    for (std::uint64_t left = 1 + below(3); left > 0; --left) {
      ConversionEvent event;
      head(event, 7, at, static_cast<std::int64_t>(below(180)) * base::kMicrosPerMinute);
      event.log_id = is_named ? click.log_id : event.log_id;
      event.conversion_key = key;
      event.click_id = is_named ? click.event_id : (chance(10) ? make_id(4, 999'999) : base::Uuid{});
      event.partner_id = maybe(5, 2, 50);
      event.merchant_id = maybe(3, 3, is_named ? 40 : 95);
      event.commission_minor = static_cast<std::int64_t>(below(2'000)) - 200;
      event.user = chance(is_named ? 30 : 95) ? 1 + below(4) : 0;
      out_.conversions.push_back(event);
      at = at + static_cast<std::int64_t>(below(600)) * base::kMicrosPerMinute;
    }
  }

  void add_revisions() {
    for (const ClickEvent& click : out_.clicks) {
      std::int8_t klass = click.verdict_class;
      base::Timestamp at = click.received_at;
      while (chance(30)) {
        RevisionEvent event;
        at = at + static_cast<std::int64_t>(1 + below(600)) * base::kMicrosPerMinute;
        event.log_id = click.log_id;
        event.event_id = click.event_id;
        event.received_at = at;
        event.occurred_at = click.occurred_at;
        event.old_class = klass;
        klass = static_cast<std::int8_t>(below(4));
        event.new_class = klass;
        out_.revisions.push_back(event);
      }
    }
  }

  std::mt19937_64 random_;
  base::Timestamp start_;
  std::uint64_t last_id_ = 0;
  History out_;
};

template <typename Event>
void keep_received(const std::vector<Event>& from,
                   base::Timestamp after,
                   base::Timestamp until,
                   std::vector<Event>& to) {
  std::ranges::copy_if(from, std::back_inserter(to), [&](const Event& event) {
    return event.received_at > after && event.received_at <= until;
  });
}

template <typename Visit>
void visit_heads(History& history, const Visit& visit) {
  std::ranges::for_each(history.exposures, visit);
  std::ranges::for_each(history.clicks, visit);
  std::ranges::for_each(history.conversions, visit);
  std::ranges::for_each(history.revisions, visit);
}

void check(const base::Result<void>& outcome) {
  if (!outcome) {
    throw std::runtime_error(outcome.error().code + ": " + outcome.error().message);
  }
}

using enum ColumnType;

std::vector<BlockColumn> with_head(std::initializer_list<BlockColumn> more) {
  std::vector<BlockColumn> columns{{"log_id", kUInt32},
                                   {"sequence", kUInt64},
                                   {"event_id", kUuid},
                                   {"received_at", kDateTime64},
                                   {"occurred_at", kDateTime64}};
  columns.insert(columns.end(), more);
  return columns;
}

BlockRow add_head(Block& block, const EventHead& event) {
  BlockRow row = block.row();
  row.uint32(event.log_id).uint64(event.sequence).uuid(event.event_id).time(event.received_at).time(event.occurred_at);
  return row;
}

}  // namespace

History History::received(base::Timestamp after, base::Timestamp until) const {
  History out;
  keep_received(exposures, after, until, out.exposures);
  keep_received(clicks, after, until, out.clicks);
  keep_received(conversions, after, until, out.conversions);
  keep_received(revisions, after, until, out.revisions);
  return out;
}

std::uint64_t History::end_of(std::uint32_t log_id) const {
  std::uint64_t end = 0;
  History copy = *this;
  visit_heads(copy,
              [&](const EventHead& event) { end = event.log_id == log_id ? std::max(end, event.sequence + 1) : end; });
  return end;
}

History make_history(std::uint64_t seed, base::Timestamp until) {
  return Maker(seed, until).make();
}

void number_events(History& history) {
  std::map<base::Uuid, ClickEvent*> clicks;
  std::vector<EventHead*> all;
  visit_heads(history, [&](EventHead& event) { all.push_back(&event); });
  std::ranges::stable_sort(all, {}, [](const EventHead* event) { return event->received_at; });
  std::map<std::uint32_t, std::uint64_t> next;
  for (EventHead* event : all) {
    event->sequence = next[event->log_id]++;
  }
  for (ClickEvent& click : history.clicks) {
    clicks[click.event_id] = &click;
  }
  for (RevisionEvent& revision : history.revisions) {
    revision.revised_sequence = clicks.at(revision.event_id)->sequence;
  }
}

void insert_history(Client& client, const Layout& layout, const History& history) {
  Block exposures(
      with_head({{"placement_id", kUuid}, {"merchant_id", kUuid}, {"user", kUInt64}, {"session", kUInt64}}));
  for (const ExposureEvent& event : history.exposures) {
    add_head(exposures, event)
        .uuid(event.placement_id)
        .uuid(event.merchant_id)
        .uint64(event.user)
        .uint64(event.session)
        .end();
  }
  Block clicks(with_head({{"partner_id", kUuid},
                          {"placement_id", kUuid},
                          {"merchant_id", kUuid},
                          {"verdict_class", kEnum8},
                          {"user", kUInt64},
                          {"session", kUInt64}}));
  for (const ClickEvent& event : history.clicks) {
    add_head(clicks, event)
        .uuid(event.partner_id)
        .uuid(event.placement_id)
        .uuid(event.merchant_id)
        .enumerator(event.verdict_class)
        .uint64(event.user)
        .uint64(event.session)
        .end();
  }
  Block conversions(with_head({{"conversion_key", kUuid},
                               {"click_id", kUuid},
                               {"partner_id", kUuid},
                               {"merchant_id", kUuid},
                               {"commission_minor", kInt64},
                               {"user", kUInt64}}));
  for (const ConversionEvent& event : history.conversions) {
    add_head(conversions, event)
        .uuid(event.conversion_key)
        .uuid(event.click_id)
        .uuid(event.partner_id)
        .uuid(event.merchant_id)
        .int64(event.commission_minor)
        .uint64(event.user)
        .end();
  }
  Block revisions(
      with_head({{"revised_sequence", kUInt64}, {"event_kind", kEnum8}, {"old_class", kEnum8}, {"new_class", kEnum8}}));
  for (const RevisionEvent& event : history.revisions) {
    add_head(revisions, event)
        .uint64(event.revised_sequence)
        .enumerator(2)
        .enumerator(event.old_class)
        .enumerator(event.new_class)
        .end();
  }
  check(client.insert(layout.table("impressions"), exposures));
  check(client.insert(layout.table("clicks"), clicks));
  check(client.insert(layout.table("conversions"), conversions));
  check(client.insert(layout.table("verdict_revisions"), revisions));
}

}  // namespace tallystick::warehouse
