#include "reconcile/pair_habits.h"

#include <algorithm>
#include <array>

#include "reconcile/arithmetic.h"
#include "reconcile/logarithm.h"

namespace tallystick::reconcile {
namespace {

constexpr auto kUnit = static_cast<std::uint64_t>(4 * base::kMicrosPerSecond);
constexpr std::size_t kClassesPerOctave = 4;
// Of the pairs that were counted, and in all with the one share that knows nothing.
constexpr std::uint64_t kCountedShares = 255;
constexpr std::int64_t kShareBits = 8;
constexpr unsigned kMassBits = 32;  // of a share
constexpr std::uint64_t kMass = std::uint64_t{1} << kMassBits;

// The octave of a class on its side of 0: its width doubles with each.
std::size_t octave_of(std::size_t number) {
  constexpr auto kZero = static_cast<std::size_t>(LagClass::kSide);
  return (number >= kZero ? number - kZero : kZero - 1 - number) / kClassesPerOctave;
}

// Without knowledge a lag is as likely within one doubling of a minute as within the next (pair_score.cpp): the mass of
// a class is what that logarithm grows by in it.
std::array<std::uint64_t, LagClass::kAll> unknowing_masses() {
  constexpr auto kMinute = static_cast<std::uint64_t>(base::kMicrosPerMinute);
  constexpr auto kZero = static_cast<std::size_t>(LagClass::kSide);
  std::array<std::uint64_t, LagClass::kAll> masses{};
  std::uint64_t total = 0;
  std::uint64_t start = 0;
  for (std::size_t i = 0; i < kZero; ++i) {
    const std::uint64_t end = start + ((kUnit / kClassesPerOctave) << octave_of(kZero + i));
    const auto grown = static_cast<std::uint64_t>(log2_of_ratio(end, kMinute) - log2_of_ratio(start, kMinute));
    masses.at(kZero + i) = masses.at(kZero - 1 - i) = grown;
    total += 2 * grown;
    start = end;
  }
  for (std::uint64_t& mass : masses) {
    mass = mass * kMass / total;
  }
  return masses;
}

// Of something that is so in `count` of all, beside its being otherwise; 0 when it is what is usual.
std::int64_t surprise_of(std::uint64_t count, std::uint64_t total) {
  return std::max<std::int64_t>(log2_of_ratio(total - count, 1) - log2_of_ratio(count, 1), 0);
}

}  // namespace

std::int64_t LagClass::place_of(bool is_before, std::uint64_t lag_us) {
  static_assert((std::int64_t{1} << kPlaceBits) * static_cast<std::int64_t>(kClassesPerOctave) == kOneBit);
  constexpr std::int64_t kZero = kSide << kPlaceBits;
  const std::int64_t from_zero = std::min(log2_of_ratio(lag_us, kUnit), kZero - 1);
  return is_before ? kZero - 1 - from_zero : kZero + from_zero;
}

void PairHabits::add(std::span<const Match> matches, std::span<const Claim> claims, std::span<const Truth> truths) {
  lags_.resize(LagClass::kAll);
  for (const Match& match : matches) {
    const Claim& claim = claims[match.claim];
    const Truth& truth = truths[match.truth];
    if (truth.kind != TruthKind::kConversion) {
      continue;
    }
    const std::int64_t place =
        LagClass::place_of(claim.occurred_at < truth.occurred_at, distance(claim.occurred_at.us, truth.occurred_at.us));
    ++lags_[static_cast<std::size_t>(place >> LagClass::kPlaceBits)];
    ++total_;
    other_amounts_ += claim.amount_minor != truth.amount_minor ? 1 : 0;
    unknown_links_ += claim.link_id.is_nil() || truth.link_id.is_nil() ? 1 : 0;
  }
}

UsualPairs PairHabits::usual() const {
  const auto unknowing = unknowing_masses();
  UsualPairs usual{.lags = std::vector<std::int64_t>(LagClass::kAll),
                   .other_amount = surprise_of(other_amounts_, total_),
                   .unknown_link = surprise_of(unknown_links_, total_)};
  std::int64_t best = INT64_MIN;
  for (std::size_t i = 0; i < LagClass::kAll; ++i) {
    const std::uint64_t counted = total_ == 0 ? 0 : std::uint64_t{lags_[i]} * kMass / total_;
    const std::uint64_t mass = std::max<std::uint64_t>(unknowing.at(i) + kCountedShares * counted, 1);
    const std::int64_t density = log2_of_ratio(mass - 1, 1) - static_cast<std::int64_t>(octave_of(i)) * kOneBit;
    usual.lags[i] = -density;
    best = std::max(best, density);
  }
  for (std::int64_t& surprise : usual.lags) {
    surprise += best;
  }
  usual.best_density = best - (kShareBits + static_cast<std::int64_t>(kMassBits)) * kOneBit;
  return usual;
}

}  // namespace tallystick::reconcile
