#pragma once
// Which profile a header belongs to, and the evidence. A header is recognised when a profile finds all columns it
// requires; of several the one that finds most. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "settlement/profile.h"
#include "settlement/profile_library.h"

namespace tallystick::settlement {

inline constexpr int kNoColumn = -1;

// A profile laid over a header.
struct HeaderFit {
  const Profile* profile = nullptr;
  std::array<int, kFieldCount> columns{};  // by field; kNoColumn
  std::vector<Field> missing;              // of the required
  std::size_t found = 0;

  [[nodiscard]] bool is_complete() const { return profile != nullptr && missing.empty(); }
  [[nodiscard]] int column(Field field) const { return columns[static_cast<std::size_t>(field)]; }
};

// `names` as in the file.
[[nodiscard]] HeaderFit fit_header(const Profile& profile, std::span<const std::string> names);

// The best fit, and the second best among the other profiles.
struct HeaderFits {
  HeaderFit best;
  HeaderFit runner_up;
};
// Ranks `network`'s profiles before others of an equal fit.
[[nodiscard]] HeaderFits rank_profiles(std::span<const Profile* const> profiles,
                                       std::span<const std::string> names,
                                       std::string_view network);

// Whether reports of the profile may be those of a partner in this network.
[[nodiscard]] bool belongs_to(const Profile& profile, std::string_view network);

}  // namespace tallystick::settlement
