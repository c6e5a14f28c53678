#include "cli/history_tally.h"

#include <numeric>

namespace tallystick::cli {
namespace {

using journal::ConversionStatus;
using journal::RecordKind;

template <typename Enumerator>
constexpr std::size_t index_of(Enumerator value) {
  return static_cast<std::size_t>(value);
}

}  // namespace

std::size_t history_kind(RecordKind kind) {
  return index_of(kind) - index_of(RecordKind::kImpression);
}

std::uint64_t HistoryRevenue::all_conversions() const {
  return std::accumulate(conversions.begin(), conversions.end(), std::uint64_t{0});
}

std::int64_t HistoryRevenue::revenue_minor() const {
  return std::accumulate(commission_minor.begin(), commission_minor.end(), std::int64_t{0}) -
         commission_minor[index_of(ConversionStatus::kReversed)];
}

HistoryTally::HistoryTally(const HistoryWorld& world) : placements(world.placements.size()), world_(world) {}

std::uint64_t HistoryTally::events() const {
  return gross_of(kinds[0].recorded) + gross_of(kinds[1].recorded) + gross_of(kinds[2].recorded);
}

void HistoryTally::count(const HistoryEvent& event) {
  if (event.kind == RecordKind::kVerdictRevision) {
    count_revision(event);
    return;
  }
  Kind& kind = kinds[history_kind(event.kind)];
  ++kind.recorded[index_of(event.verdict.klass)];
  ++kind.effective[index_of(event.verdict.klass)];
  with_user += event.visitor.user ? 1 : 0;
  with_session += event.visitor.session ? 1 : 0;
  if (event.kind == RecordKind::kImpression) {
    ranked += event.rank > 0 ? 1 : 0;
    ++placements[event.placement].impressions[index_of(event.verdict.klass)];
  } else if (event.kind == RecordKind::kClick) {
    ++placements[event.placement].clicks[index_of(event.verdict.klass)];
  } else {
    count_status(event);
  }
}

void HistoryTally::count_revision(const HistoryEvent& revision) {
  ++revisions;
  const std::size_t before = index_of(revision.class_before);
  const std::size_t after = index_of(revision.verdict.klass);
  HistoryClasses& kind = kinds[history_kind(revision.revised_kind)].effective;
  --kind[before];
  ++kind[after];
  Place& place = placements[revision.placement];
  HistoryClasses& counts = revision.revised_kind == RecordKind::kClick ? place.clicks : place.impressions;
  --counts[before];
  ++counts[after];
}

void HistoryTally::count_status(const HistoryEvent& event) {
  const std::string_view currency = world_.partners[event.partner].currency.text();
  auto found = currencies.find(currency);
  if (found == currencies.end()) {
    found = currencies.emplace(std::string(currency), HistoryRevenue{}).first;
  }
  HistoryRevenue& revenue = found->second;
  if (event.status_before) {
    const std::size_t before = index_of(*event.status_before);
    --revenue.conversions[before];
    revenue.amount_minor[before] -= event.amount_minor;
    revenue.commission_minor[before] -= event.commission_minor;
  }
  const std::size_t now = index_of(event.status);
  ++revenue.conversions[now];
  revenue.amount_minor[now] += event.amount_minor;
  revenue.commission_minor[now] += event.commission_minor;
}

void HistoryTally::count_forwarding(journal::ForwardingState state, std::size_t clicks) {
  ++forwarding_records;
  (state == journal::ForwardingState::kForwarded ? clicks_forwarded : clicks_failed) += clicks;
}

}  // namespace tallystick::cli
