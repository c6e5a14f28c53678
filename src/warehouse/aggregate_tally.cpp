#include "warehouse/aggregate_tally.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace tallystick::warehouse {
namespace {

constexpr std::uint32_t kSecondsPerHour = 3'600;
constexpr std::size_t kRowsAhead = 16;    // by then a row has been fetched
constexpr std::size_t kCountedLines = 1;  // of a row have what is counted (event_columns.cpp)

std::uint32_t hour_start(std::int64_t us) {
  return static_cast<std::uint32_t>(us / base::kMicrosPerHour) * kSecondsPerHour;
}

std::uint16_t day_number(std::int64_t us) {
  return static_cast<std::uint16_t>(us / base::kMicrosPerDay);
}

std::size_t mix_key(std::size_t hash, std::uint64_t value) {
  hash = (hash ^ static_cast<std::size_t>(value)) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 32);
}

std::size_t mix_key(std::size_t hash, const StoredUuid& id) {
  return mix_key(mix_key(hash, id.first), id.second);
}

std::uint64_t with_class(std::uint64_t value, journal::VerdictClass verdict_class) {
  return value << 8 | static_cast<std::uint8_t>(verdict_class);
}

void reset_figures(PlacementFigures& figures) {
  figures.impressions = 0;
  figures.slots_max = 0;
  figures.users.clear();
  figures.sessions.clear();
  figures.session_merchants.clear();
}

void add_figures(PlacementFigures& figures, const PlacementFigures& more) {
  figures.impressions += more.impressions;
  figures.slots_max = std::max(figures.slots_max, more.slots_max);
  figures.users.add_all(more.users);
  figures.sessions.add_all(more.sessions);
  figures.session_merchants.add_all(more.session_merchants);
}

constexpr auto kReset = [](auto& figures) {
  figures = {};
};

}  // namespace

struct AggregateTally::Impression {
  std::int64_t occurred_us = 0;
  StoredUuid placement_id = {};
  StoredUuid merchant_id = {};
  StoredUuid partner_id = {};
  journal::VerdictClass verdict_class = {};
  journal::ImpressionState state = {};
  std::int32_t rank_position = 0;
  std::uint64_t user = 0;
  std::uint64_t session = 0;
  std::uint16_t slots_filled = 0;
};

std::size_t AggregateTally::Hash::operator()(const PlacementHourKey& key) const {
  return mix_key(mix_key(mix_key(0, with_class(key.hour, key.verdict_class)), key.placement_id), key.partner_id);
}

std::size_t AggregateTally::Hash::operator()(const ExposureDayKey& key) const {
  return mix_key(mix_key(mix_key(0, key.day), key.placement_id), key.merchant_id);
}

std::size_t AggregateTally::Hash::operator()(const PlacementDayKey& key) const {
  return mix_key(mix_key(0, key.day), key.placement_id);
}

std::size_t AggregateTally::Hash::operator()(const PlacementWeekKey& key) const {
  return mix_key(mix_key(0, key.monday), key.placement_id);
}

std::size_t AggregateTally::Hash::operator()(const ClickHourKey& key) const {
  return mix_key(
      mix_key(mix_key(mix_key(mix_key(0, with_class(key.hour, key.verdict_class)), key.partner_id), key.link_id),
              key.placement_id),
      key.merchant_id);
}

void AggregateTally::add_impressions(const Block& impressions) {
  if (impressions.empty()) {
    return;
  }
  const auto times = impressions.values<std::int64_t>("occurred_at");
  const auto placements = impressions.values<std::uint16_t>("placement_id");
  const auto merchants = impressions.values<std::uint16_t>("merchant_id");
  const auto partners = impressions.values<std::uint16_t>("partner_id");
  const UuidDictionary& placement_ids = impressions.uuids("placement_id");
  const UuidDictionary& merchant_ids = impressions.uuids("merchant_id");
  const UuidDictionary& partner_ids = impressions.uuids("partner_id");
  const auto classes = impressions.values<journal::VerdictClass>("verdict_class");
  const auto states = impressions.values<journal::ImpressionState>("state");
  const auto ranks = impressions.values<std::int32_t>("rank_position");
  const auto users = impressions.values<std::uint64_t>("user");
  const auto sessions = impressions.values<std::uint64_t>("session");
  const auto slots = impressions.values<std::uint16_t>("slots_filled");
  for (std::size_t n = 0; n < impressions.rows(); ++n) {
    if (n + kRowsAhead < impressions.rows()) {
      impressions.prefetch(impressions.row_at(n + kRowsAhead), kCountedLines);
    }
    const std::size_t row = impressions.row_at(n);
    const Impression impression{.occurred_us = times[row],
                                .placement_id = placement_ids.id_of(placements[row]),
                                .merchant_id = merchant_ids.id_of(merchants[row]),
                                .partner_id = partner_ids.id_of(partners[row]),
                                .verdict_class = classes[row],
                                .state = states[row],
                                .rank_position = ranks[row],
                                .user = users[row],
                                .session = sessions[row],
                                .slots_filled = slots[row]};
    add_to_hour(impression);
    add_to_days(impression);
  }
  end_hour();
}

void AggregateTally::add_to_hour(const Impression& impression) {
  const std::uint32_t hour = hour_start(impression.occurred_us);
  if (hour_begin_ < exposure_hours_.size()) {
    const ExposureHourKey& present = exposure_hours_[hour_begin_].key;
    if (present.hour != hour || present.placement_id != impression.placement_id ||
        present.merchant_id != impression.merchant_id) {
      end_hour();
    }
  }
  auto cell = std::find_if(exposure_hours_.begin() + static_cast<std::ptrdiff_t>(hour_begin_),
                           exposure_hours_.end(),
                           [&](const ExposureHour& each) {
                             return each.key.verdict_class == impression.verdict_class &&
                                    each.key.partner_id == impression.partner_id;
                           });
  if (cell == exposure_hours_.end()) {
    exposure_hours_.push_back(
        {{hour, impression.placement_id, impression.merchant_id, impression.partner_id, impression.verdict_class}, {}});
    cell = exposure_hours_.end() - 1;
  }
  cell->figures.add(1, impression.state, impression.rank_position);
}

void AggregateTally::end_hour() {
  for (; hour_begin_ < exposure_hours_.size(); ++hour_begin_) {
    const auto& [key, figures] = exposure_hours_[hour_begin_];
    placement_hours_.at({key.hour, key.placement_id, key.partner_id, key.verdict_class}, kReset).add(figures);
  }
}

// In the order of their table, as the engine would have to bring them into it: there are as many as a tenth of the
// impressions.
void AggregateTally::append_exposure_hours() {
  hours_in_order_.resize(exposure_hours_.size());
  std::iota(hours_in_order_.begin(), hours_in_order_.end(), 0U);
  std::ranges::sort(hours_in_order_, {}, [this](std::uint32_t number) {
    const ExposureHourKey& key = exposure_hours_[number].key;
    return std::tuple(key.hour,
                      key.placement_id.second,
                      key.placement_id.first,
                      key.merchant_id.second,
                      key.merchant_id.first,
                      key.partner_id.second,
                      key.partner_id.first,
                      key.verdict_class);
  });
  for (const std::uint32_t number : hours_in_order_) {
    append_exposure_hour(exposure_hourly_, log_id_, exposure_hours_[number].key, exposure_hours_[number].figures);
  }
}

void AggregateTally::add_to_days(const Impression& impression) {
  const ExposureDayKey key{day_number(impression.occurred_us), impression.placement_id, impression.merchant_id};
  if (last_placement_ == nullptr || last_day_.day != key.day || last_day_.placement_id != key.placement_id) {
    last_placement_ = &placement_day({key.day, key.placement_id});
    last_day_mixed_ = mix_part(key.day);
    last_exposure_ = nullptr;
  }
  const bool has_merchant = !key.merchant_id.is_nil();
  if (has_merchant && (last_exposure_ == nullptr || last_day_.merchant_id != key.merchant_id)) {
    last_exposure_ = &exposure_day(key);
  }
  last_day_ = key;
  const bool is_of_net = is_net(impression.verdict_class);
  PlacementFigures& placement = is_of_net ? last_placement_->net : last_placement_->other;
  ++placement.impressions;
  placement.slots_max = std::max(placement.slots_max, impression.slots_filled);
  if (impression.user != 0) {
    placement.users.add(impression.user);
  }
  if (impression.session != 0) {
    const std::uint64_t day_session = mix_part(impression.session) ^ last_day_mixed_;
    placement.sessions.add(day_session);
    if (has_merchant) {
      placement.session_merchants.add(day_session ^ key.merchant_id.second);
    }
  }
  if (has_merchant) {
    last_exposure_->counts.at(static_cast<std::size_t>(impression.verdict_class))
        .add(1, impression.state, impression.rank_position);
    if (impression.user != 0) {
      (is_of_net ? last_exposure_->net_users : last_exposure_->other_users).add(impression.user);
    }
  }
}

void AggregateTally::add_clicks(const Block& clicks) {
  if (clicks.empty()) {
    return;
  }
  const auto times = clicks.values<std::int64_t>("occurred_at");
  const auto partners = clicks.values<StoredUuid>("partner_id");
  const auto links = clicks.values<StoredUuid>("link_id");
  const auto placements = clicks.values<StoredUuid>("placement_id");
  const auto merchants = clicks.values<StoredUuid>("merchant_id");
  const auto classes = clicks.values<journal::VerdictClass>("verdict_class");
  for (std::size_t row = 0; row < clicks.rows(); ++row) {
    ++click_hour({hour_start(times[row]), partners[row], links[row], placements[row], merchants[row], classes[row]})
          .clicks;
  }
}

void AggregateTally::add_forwardings(const Block& forwardings) {
  if (forwardings.empty()) {
    return;
  }
  const auto times = forwardings.values<std::int64_t>("occurred_at");
  const auto partners = forwardings.values<StoredUuid>("partner_id");
  const auto links = forwardings.values<StoredUuid>("link_id");
  const auto placements = forwardings.values<StoredUuid>("placement_id");
  const auto merchants = forwardings.values<StoredUuid>("merchant_id");
  const auto classes = forwardings.values<journal::VerdictClass>("verdict_class");
  const auto states = forwardings.values<journal::ForwardingState>("state");
  for (std::size_t row = 0; row < forwardings.rows(); ++row) {
    ClickFigures& figures =
        click_hour({hour_start(times[row]), partners[row], links[row], placements[row], merchants[row], classes[row]});
    ++(states[row] == journal::ForwardingState::kForwarded ? figures.forwarded : figures.failed);
  }
}

void AggregateTally::add_revision(const RevisionRow& row, journal::VerdictClass old_class) {
  if (row.verdict.klass == old_class) {
    return;
  }
  const EventDimensions& event = row.event;
  const std::int64_t us = storable(event.occurred_at).us;
  const StoredUuid placement_id(event.placement_id);
  const StoredUuid merchant_id(event.merchant_id);
  const StoredUuid partner_id(event.partner_id);
  for (const auto& [klass, count] : {std::pair(old_class, -1), std::pair(row.verdict.klass, 1)}) {
    if (row.event_kind == journal::RecordKind::kImpression) {
      ExposureFigures figures;
      figures.add(count, event.state, event.rank_position);
      exposure_hours_.push_back({{hour_start(us), placement_id, merchant_id, partner_id, klass}, figures});
      end_hour();
      PlacementDay& placement = placement_day({day_number(us), placement_id});
      (is_net(klass) ? placement.net : placement.other).impressions += count;
      if (!merchant_id.is_nil()) {
        exposure_day({day_number(us), placement_id, merchant_id})
            .counts.at(static_cast<std::size_t>(klass))
            .add(count, event.state, event.rank_position);
      }
    } else if (row.event_kind == journal::RecordKind::kClick) {
      click_hour({hour_start(us), partner_id, StoredUuid(event.link_id), placement_id, merchant_id, klass}).clicks +=
          count;
    }
  }
}

AggregateTally::ExposureDay& AggregateTally::exposure_day(const ExposureDayKey& key) {
  return exposure_days_.at(key, [](ExposureDay& figures) {
    figures.counts = {};
    figures.net_users.clear();
    figures.other_users.clear();
  });
}

AggregateTally::PlacementDay& AggregateTally::placement_day(const PlacementDayKey& key) {
  return placement_days_.at(key, [](PlacementDay& figures) {
    reset_figures(figures.net);
    reset_figures(figures.other);
  });
}

void AggregateTally::append_exposure_days() {
  exposure_days_.for_each([this](const ExposureDayKey& key, ExposureDay& figures) {
    for (std::size_t i = 0; i < kClasses; ++i) {
      if (const ExposureFigures& counts = figures.counts.at(i); counts != ExposureFigures{}) {
        append_exposure_day(exposure_daily_, log_id_, key, static_cast<journal::VerdictClass>(i), counts);
      }
    }
    if (!figures.net_users.is_empty()) {
      append_exposure_users(exposure_users_daily_, log_id_, key, Basis::kNet, figures.net_users);
    }
    figures.other_users.add_all(figures.net_users);
    if (!figures.other_users.is_empty()) {
      append_exposure_users(exposure_users_daily_, log_id_, key, Basis::kGross, figures.other_users);
    }
  });
}

void AggregateTally::append_placement_days() {
  placement_days_.for_each([this](const PlacementDayKey& key, PlacementDay& figures) {
    PlacementFigures& gross = figures.other;
    add_figures(gross, figures.net);
    append_placement_day(placement_daily_, log_id_, key, Basis::kNet, figures.net);
    append_placement_day(placement_daily_, log_id_, key, Basis::kGross, gross);
    PlacementWeek& week = placement_weeks_.at({monday_of(key.day), key.placement_id}, [](PlacementWeek& used) {
      reset_figures(used.net);
      reset_figures(used.gross);
    });
    add_figures(week.net, figures.net);
    add_figures(week.gross, gross);
  });
}

void AggregateTally::append_placement_weeks() {
  placement_weeks_.for_each([this](const PlacementWeekKey& key, PlacementWeek& figures) {
    append_placement_week(placement_weekly_, log_id_, key, Basis::kNet, figures.net);
    append_placement_week(placement_weekly_, log_id_, key, Basis::kGross, figures.gross);
  });
}

ClickFigures& AggregateTally::click_hour(const ClickHourKey& key) {
  return click_hours_.at(key, kReset);
}

void AggregateTally::finish() {
  append_exposure_hours();
  placement_hours_.for_each([this](const PlacementHourKey& key, const ExposureFigures& figures) {
    append_placement_hour(placement_hourly_, log_id_, key, figures);
  });
  append_exposure_days();
  append_placement_days();
  append_placement_weeks();
  click_hours_.for_each([this](const ClickHourKey& key, const ClickFigures& figures) {
    append_click_hour(click_hourly_, log_id_, key, figures);
  });
}

void AggregateTally::clear() {
  for (Block* block : {&exposure_hourly_,
                       &placement_hourly_,
                       &exposure_daily_,
                       &exposure_users_daily_,
                       &placement_daily_,
                       &placement_weekly_,
                       &click_hourly_}) {
    block->clear();
  }
  exposure_days_.clear();
  placement_days_.clear();
  placement_weeks_.clear();
  click_hours_.clear();
  exposure_hours_.clear();
  hour_begin_ = 0;
  placement_hours_.clear();
  last_exposure_ = nullptr;
  last_placement_ = nullptr;
}

}  // namespace tallystick::warehouse
