#include "settlement/recognition.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace tallystick::settlement {
namespace {

// Greater is better: no required column missing, then as many columns as possible.
auto rank_of(const HeaderFit& fit, std::string_view network) {
  return std::tuple(
      -static_cast<std::ptrdiff_t>(fit.missing.size()), fit.found, fit.profile->network == network ? 1 : 0);
}

}  // namespace

HeaderFit fit_header(const Profile& profile, std::span<const std::string> names) {
  std::vector<std::string> normal;
  normal.reserve(names.size());
  std::ranges::transform(
      names, std::back_inserter(normal), [](const std::string& name) { return parse_column_name(name).name; });
  HeaderFit fit;
  fit.profile = &profile;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    fit.columns[i] = kNoColumn;
    for (const std::string& wanted : profile.columns[i]) {
      const auto found = std::ranges::find(normal, wanted);
      if (found != normal.end()) {
        fit.columns[i] = static_cast<int>(found - normal.begin());
        ++fit.found;
        break;
      }
    }
  }
  for (const Field field : profile.required) {
    if (fit.column(field) == kNoColumn) {
      fit.missing.push_back(field);
    }
  }
  return fit;
}

HeaderFits rank_profiles(std::span<const Profile* const> profiles,
                         std::span<const std::string> names,
                         std::string_view network) {
  std::vector<HeaderFit> fits;
  for (const Profile* profile : profiles) {
    HeaderFit fit = fit_header(*profile, names);
    if (fit.found > 0) {
      fits.push_back(std::move(fit));
    }
  }
  std::ranges::stable_sort(
      fits, [&](const HeaderFit& a, const HeaderFit& b) { return rank_of(a, network) > rank_of(b, network); });
  HeaderFits ranked;
  if (!fits.empty()) {
    ranked.best = std::move(fits[0]);
  }
  if (fits.size() > 1) {
    ranked.runner_up = std::move(fits[1]);
  }
  return ranked;
}

bool belongs_to(const Profile& profile, std::string_view network) {
  return profile.network == network || profile.network == "generic" || network == "generic";
}

}  // namespace tallystick::settlement
