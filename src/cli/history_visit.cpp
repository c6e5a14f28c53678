#include "cli/history_visit.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "quality/verdict.h"

namespace tallystick::cli {
namespace {

using base::kMicrosPerDay;
using base::kMicrosPerHour;
using base::kMicrosPerMilli;
using base::kMicrosPerMinute;
using base::kMicrosPerSecond;
using journal::ConversionStatus;
using journal::Reason;
using journal::RecordKind;

constexpr std::uint32_t kRulesVersion = 1;
constexpr std::size_t kFewestShown = 3;
constexpr std::size_t kMostShown = 12;
constexpr std::size_t kMostPlacements = 3;
constexpr std::size_t kMerchantShift = 7;  // every placement has favourites of its own

constexpr auto kCampaigns = std::to_array<std::string_view>({"spring", "summer", "autumn", "winter", "always-on"});
constexpr auto kArticles = std::to_array<std::string_view>({"ten-tents-compared",
                                                            "a-weekend-by-rail",
                                                            "headphones-for-the-train",
                                                            "a-kitchen-for-two",
                                                            "first-camera",
                                                            "books-for-the-beach",
                                                            "boots-that-last",
                                                            "a-garden-in-a-week"});
constexpr auto kVariants = std::to_array<std::string_view>({"", "", "blue-button", "short-text"});

journal::Verdict verdict_of(std::initializer_list<Reason> reasons) {
  journal::Verdict verdict;
  for (const Reason reason : reasons) {
    verdict.add(reason);
  }
  return quality::make_verdict(verdict.reasons, kRulesVersion);
}

journal::Verdict verdict_of(HistoryNature nature) {
  switch (nature) {
    case HistoryNature::kElsewhere:
      return verdict_of({Reason::kGeoMismatch});
    case HistoryNature::kCrawler:
      return verdict_of({Reason::kUaCrawler});
    case HistoryNature::kDatacenter:
      return verdict_of({Reason::kDatacenterIp});
    case HistoryNature::kFlood:
      return verdict_of({Reason::kRateSession});
    case HistoryNature::kPerson:
      break;
  }
  return verdict_of({});
}

template <typename T>
std::vector<std::uint16_t> make_lots(const std::vector<T>& things) {
  std::vector<std::uint16_t> lots;
  for (std::size_t i = 0; i < things.size(); ++i) {
    lots.insert(lots.end(), things[i].weight, static_cast<std::uint16_t>(i));
  }
  return lots;
}

}  // namespace

HistoryVisitPlanner::HistoryVisitPlanner(const HistoryWorld& world,
                                         const HistorySettings& settings,
                                         const HistoryPeople& people)
    : world_(world),
      settings_(settings),
      people_(people),
      placement_lots_(make_lots(world.placements)),
      merchant_lots_(make_lots(world.merchants)) {}

std::span<const HistoryEvent> HistoryVisitPlanner::plan(std::uint64_t number,
                                                        base::Timestamp start,
                                                        std::uint64_t max_events) {
  shown_.clear();
  later_.clear();
  Visit visit{.random = HistoryRandom(settings_.seed, number), .who = {}, .number = number};
  HistoryRandom& random = visit.random;
  visit.who = people_.make_visitor(number, random);
  visit.verdict = verdict_of(visit.who.nature);
  if (visit.who.nature == HistoryNature::kPerson && random.happens(4, 1'000)) {
    visit.is_found_out = true;
    visit.found_out_at = start + random.between(40, 90) * kMicrosPerMinute;
  }
  const std::size_t wanted = kFewestShown + random.below(kMostShown - kFewestShown + 1);
  std::array<std::size_t, kMostPlacements> places{};
  const std::size_t place_count = 1 + random.below(kMostPlacements);
  for (std::size_t i = 0; i < place_count; ++i) {
    places[i] = placement_lots_[random.below(placement_lots_.size())];
  }
  base::Timestamp at = start;
  std::size_t place = 0;
  while (shown_.size() < wanted) {
    show_page(visit, places[place], at, wanted - shown_.size());
    place = place + 1 < place_count ? place + 1 : 0;
    at = at + random.between(4'000, 60'000) * kMicrosPerMilli;
  }
  shown_.insert(shown_.end(), std::make_move_iterator(later_.begin()), std::make_move_iterator(later_.end()));
  // What does not fit falls off the end: conversions first, then clicks, and what is left still hangs together.
  shown_.resize(std::min<std::uint64_t>(shown_.size(), max_events));
  return shown_;
}

HistoryEvent HistoryVisitPlanner::make_event(const Visit& visit, RecordKind kind) const {
  HistoryEvent event;
  event.kind = kind;
  event.visitor = visit.who.visitor;
  event.verdict = visit.verdict;
  return event;
}

void HistoryVisitPlanner::show_page(Visit& visit, std::size_t placement, base::Timestamp at, std::size_t most) {
  HistoryRandom& random = visit.random;
  const HistoryPlacement& place = world_.placements[placement];
  HistoryEvent event = make_event(visit, RecordKind::kImpression);
  event.placement = placement;
  event.occurred_at = at;
  // A page's events arrive together, within the client's 5 s buffer; a few only when the device is online again.
  const std::int64_t delay_us = random.happens(7, 1'000) ? random.between(60, 540) * kMicrosPerSecond
                                                         : random.between(1'600, 6'500) * kMicrosPerMilli;
  event.received_at = cut(at + delay_us);
  if (visit.is_found_out) {
    event.revision = {std::max<std::int64_t>(visit.found_out_at - event.received_at, kMicrosPerMinute),
                      verdict_of({Reason::kRateSession}),
                      "session_ring"};
  }
  if (place.is_advertisement()) {
    show_advertisement(visit, event);
    return;
  }
  const std::size_t items = place.is_list() ? 1 + random.below(std::min(place.slots, most)) : 1;
  show_list(visit, event, items);
}

void HistoryVisitPlanner::show_advertisement(Visit& visit, HistoryEvent event) {
  HistoryRandom& random = visit.random;
  event.link = random.below(world_.links.size());
  event.partner = world_.links[event.link].partner;
  event.campaign = kCampaigns[random.below(kCampaigns.size())];
  event.article = kArticles[random.below(kArticles.size())];
  event.variant = kVariants[random.below(kVariants.size())];
  const std::uint64_t point = random.below(100);
  event.state = point < 20   ? journal::ImpressionState::kServed
                : point < 35 ? journal::ImpressionState::kMeasurable
                             : journal::ImpressionState::kViewable;
  if (event.state == journal::ImpressionState::kViewable) {
    event.visible_ratio_permille = static_cast<std::uint16_t>(random.between(500, 1'000));
    event.visible_ms = static_cast<std::uint32_t>(random.between(1'000, 30'000));
  }
  event.occurred_at = cut(event.occurred_at);
  event.event_id = random.make_id(event.occurred_at);
  shown_.push_back(event);
  click(visit, shown_.back());
}

std::size_t HistoryVisitPlanner::pick_merchant(Visit& visit, std::size_t placement) const {
  const std::size_t lot = merchant_lots_[visit.random.below(merchant_lots_.size())];
  return (lot + placement * kMerchantShift) % world_.merchants.size();
}

void HistoryVisitPlanner::show_list(Visit& visit, const HistoryEvent& common, std::size_t items) {
  HistoryRandom& random = visit.random;
  const HistoryPlacement& place = world_.placements[common.placement];
  listed_.clear();
  for (std::size_t rank = 1; rank <= items; ++rank) {
    std::size_t merchant = pick_merchant(visit, common.placement);
    while (std::find(listed_.begin(), listed_.end(), merchant) != listed_.end()) {
      merchant = (merchant + 1) % world_.merchants.size();
    }
    listed_.push_back(merchant);
    HistoryEvent event = common;
    event.merchant = merchant;
    event.link = world_.merchants[merchant].link;
    event.occurred_at = cut(common.occurred_at + static_cast<std::int64_t>(rank - 1) * 120 * kMicrosPerMilli);
    event.event_id = random.make_id(event.occurred_at);
    event.state = random.happens(70, 100) ? journal::ImpressionState::kViewable : journal::ImpressionState::kServed;
    if (place.is_list()) {
      event.rank = rank;
      event.list_items = items;
    }
    shown_.push_back(event);
    click(visit, shown_.back());
  }
}

// What is further down is clicked less; what follows every link is no person.
void HistoryVisitPlanner::click(Visit& visit, const HistoryEvent& shown) {
  HistoryRandom& random = visit.random;
  const std::uint64_t first_place = world_.placements[shown.placement].clicks_per_10000;
  const std::uint64_t rate =
      visit.who.nature == HistoryNature::kFlood ? 1'000 : first_place * 4 / (3 + std::max<std::size_t>(shown.rank, 1));
  if (!random.happens(rate, 10'000)) {
    return;
  }
  HistoryEvent event = make_event(visit, RecordKind::kClick);
  event.received_at = event.occurred_at = cut(shown.occurred_at + random.between(900, 40'000) * kMicrosPerMilli);
  event.event_id = random.make_id(event.occurred_at);
  event.placement = shown.placement;
  event.merchant = shown.merchant;
  event.link = shown.link;
  event.partner = world_.links[shown.link].partner;
  event.campaign = shown.campaign;
  event.article = shown.article;
  event.variant = shown.variant;
  event.related_id = shown.event_id;
  event.is_forwarding_failed = random.happens(3, 1'000);
  const bool is_person = visit.who.nature == HistoryNature::kPerson;
  if (visit.is_found_out) {
    event.revision = {std::max<std::int64_t>(visit.found_out_at - event.received_at, kMicrosPerMinute),
                      verdict_of({Reason::kRateSession}),
                      "session_ring"};
  } else if (is_person && random.happens(10, 1'000)) {
    event.related_id = random.make_id(event.occurred_at);  // of an impression that never came
    event.revision = {6 * kMicrosPerMinute, verdict_of({Reason::kNoImpression}), "no_impression"};
  }
  later_.push_back(event);
  if (is_person) {
    const std::uint64_t sales =
        event.merchant == kNoObject ? 200 : world_.merchants[event.merchant].conversions_per_10000;
    if (random.happens(sales, 10'000)) {
      const std::int64_t delay_us = random.happens(60, 100) ? random.between(3, 60) * kMicrosPerMinute
                                                            : random.between(kMicrosPerHour, 5 * kMicrosPerDay);
      convert(visit, event, event.received_at + delay_us);
    }
    if (random.happens(15, 1'000)) {  // twice by accident
      event.received_at = event.occurred_at = cut(event.received_at + random.between(300, 4'000) * kMicrosPerMilli);
      event.event_id = random.make_id(event.occurred_at);
      event.verdict = verdict_of({Reason::kDuplicateClick});
      event.revision = {};
      later_.push_back(event);
    }
  }
}

void HistoryVisitPlanner::convert(Visit& visit, const HistoryEvent& clicked, base::Timestamp sold_at) {
  HistoryRandom& random = visit.random;
  HistoryEvent event = make_event(visit, RecordKind::kConversion);
  event.verdict = verdict_of({});
  event.order = visit.number * 256 + visit.orders++;
  event.partner = clicked.partner;
  event.related_id = clicked.event_id;
  event.is_postback = random.happens(70, 100);
  if (event.is_postback) {
    event.visitor = {};  // a network tells us the click and nothing of the person
  } else {
    // The caller is a server: nothing is kept of the person but the user it names.
    const std::optional<crypto::Digest> user = event.visitor.user;
    event.visitor = {};
    event.visitor.user = user;
    event.visitor.consent = visit.who.visitor.consent;
    event.merchant = clicked.merchant;
    if (clicked.merchant != kNoObject && event.visitor.user && random.happens(40, 100)) {
      event.related_id = {};  // reported with the user and the merchant instead
    }
  }
  const std::int64_t usual =
      clicked.merchant == kNoObject ? 4'000 : world_.merchants[clicked.merchant].usual_amount_hundredths;
  const std::int64_t hundredths = usual * random.between(30, 220) / 100;
  const std::int64_t rate =
      clicked.merchant == kNoObject ? 600 : world_.merchants[clicked.merchant].commission_basis_points;
  // A yen is worth about as much as a cent.
  event.amount_minor = world_.partners[event.partner].currency.exponent == 0 ? hundredths * 3 / 2 : hundredths;
  event.commission_minor = event.amount_minor * rate / 10'000;
  event.occurred_at = sold_at;
  event.event_id = random.make_id(sold_at);
  base::Timestamp at = sold_at + random.between(1, 600) * kMicrosPerSecond;
  add_status(event, ConversionStatus::kPending, at);
  const std::uint64_t point = random.below(100);
  at = at + random.between(2 * kMicrosPerDay, 12 * kMicrosPerDay);
  event.status_before = ConversionStatus::kPending;
  event.event_id = random.make_id(at);
  if (point < 80) {
    add_status(event, ConversionStatus::kApproved, at);
    at = at + random.between(3 * kMicrosPerDay, 9 * kMicrosPerDay);
    event.status_before = ConversionStatus::kApproved;
    event.event_id = random.make_id(at);
    if (point < 68) {
      add_status(event, ConversionStatus::kPaid, at);
    } else if (point < 71) {
      add_status(event, ConversionStatus::kReversed, at);
    }
  } else if (point < 91) {
    add_status(event, ConversionStatus::kReversed, at);
  }
}

void HistoryVisitPlanner::add_status(HistoryEvent event, ConversionStatus status, base::Timestamp at) {
  event.status = status;
  event.received_at = at;
  if (at < settings_.until) {
    later_.push_back(event);
  }
}

}  // namespace tallystick::cli
