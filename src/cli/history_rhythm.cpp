#include "cli/history_rhythm.h"

#include <algorithm>
#include <array>

namespace tallystick::cli {
namespace {

// A day of a shopping site whose visitors live in several time zones.
constexpr std::array<std::uint64_t, 24> kByHour = {50,  40,  33,  30,  32,  42,  60,  82,  98,  105, 110, 115,
                                                   122, 118, 112, 110, 116, 128, 145, 162, 170, 158, 120, 80};
// Monday first.
constexpr std::array<std::uint64_t, 7> kByDay = {104, 102, 100, 101, 96, 82, 90};
__extension__ using Wide = unsigned __int128;
constexpr std::int64_t kThursday = 3;  // 1970-01-01

}  // namespace

std::uint64_t HistoryRhythm::weight_at(base::Timestamp hour) {
  const std::int64_t hours = hour.us / base::kMicrosPerHour;
  const auto day = static_cast<std::size_t>((hours / 24 + kThursday) % 7);
  return kByHour[static_cast<std::size_t>(hours % 24)] * kByDay[day] / 100;
}

HistoryRhythm::HistoryRhythm(base::Timestamp from, base::Timestamp until, std::uint64_t events)
    : from_(from), until_(until), events_(std::max<std::uint64_t>(events, 1)) {
  std::uint64_t done = 0;
  std::int64_t at_us = from.us;
  while (at_us < until.us) {
    begin_us_.push_back(at_us);
    done_.push_back(done);
    const std::int64_t next_us = std::min(until.us, (at_us / base::kMicrosPerHour + 1) * base::kMicrosPerHour);
    done += weight_at({at_us}) * static_cast<std::uint64_t>(next_us - at_us);
    at_us = next_us;
  }
  done_.push_back(done);
}

base::Timestamp HistoryRhythm::time_of(std::uint64_t number) const {
  if (number >= events_) {
    return until_ - 1;
  }
  const auto due = static_cast<std::uint64_t>(static_cast<Wide>(done_.back()) * number / events_);
  const auto after = std::upper_bound(done_.begin(), done_.end() - 1, due);
  const auto piece = static_cast<std::size_t>(after - done_.begin()) - 1;
  const auto into_us = static_cast<std::int64_t>((due - done_[piece]) / weight_at({begin_us_[piece]}));
  return std::min(base::Timestamp{begin_us_[piece] + into_us}, until_ - 1);
}

}  // namespace tallystick::cli
