#pragma once
// The history's own exact counts, taken while it is written, so that whatever counts it later can be held against them.
// Memory depends on the number of objects, not of events. One thread.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/history_model.h"

namespace tallystick::cli {

inline constexpr std::size_t kHistoryKinds = 3;  // impressions, clicks, conversions
inline constexpr std::size_t kHistoryClasses = 4;
inline constexpr std::size_t kHistoryStatuses = 4;

using HistoryClasses = std::array<std::uint64_t, kHistoryClasses>;  // by journal::VerdictClass

// Valid and suspect ones.
[[nodiscard]] inline std::uint64_t net_of(const HistoryClasses& counts) {
  return counts[0] + counts[1];
}
[[nodiscard]] inline std::uint64_t gross_of(const HistoryClasses& counts) {
  return counts[0] + counts[1] + counts[2] + counts[3];
}

// Conversions of one currency by their latest status; what is reversed earns nothing.
struct HistoryRevenue {
  std::array<std::uint64_t, kHistoryStatuses> conversions{};
  std::array<std::int64_t, kHistoryStatuses> amount_minor{};
  std::array<std::int64_t, kHistoryStatuses> commission_minor{};

  [[nodiscard]] std::uint64_t all_conversions() const;
  [[nodiscard]] std::int64_t revenue_minor() const;  // commission of all that is not reversed
};

class HistoryTally {
 public:
  explicit HistoryTally(const HistoryWorld& world);

  void count(const HistoryEvent& event);
  void count_forwarding(journal::ForwardingState state, std::size_t clicks);

  struct Kind {
    HistoryClasses recorded{};   // by the verdict in the record
    HistoryClasses effective{};  // by the latest revision, if there was one
  };
  struct Place {
    HistoryClasses impressions{};  // effective
    HistoryClasses clicks{};
  };

  std::array<Kind, kHistoryKinds> kinds{};  // conversions: one a status event
  std::vector<Place> placements;            // as in the world
  std::map<std::string, HistoryRevenue, std::less<>> currencies;
  std::uint64_t revisions = 0;
  std::uint64_t forwarding_records = 0;
  std::uint64_t clicks_forwarded = 0;
  std::uint64_t clicks_failed = 0;
  std::uint64_t with_user = 0;     // impressions, clicks and conversions that name one
  std::uint64_t with_session = 0;  // the same
  std::uint64_t ranked = 0;        // impressions in a list

  [[nodiscard]] std::uint64_t events() const;

 private:
  void count_revision(const HistoryEvent& revision);
  void count_status(const HistoryEvent& event);

  const HistoryWorld& world_;
};

// The position of an event's kind in HistoryTally::kinds.
[[nodiscard]] std::size_t history_kind(journal::RecordKind kind);

}  // namespace tallystick::cli
