#pragma once
// What a reader asks of every report: the period, which verdicts count, how exactly. Plain values.

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "insights/period.h"

namespace tallystick::insights {

// Net: valid and suspect. Gross: all (20-quality).
enum class Basis : std::uint8_t { kNet, kGross };
[[nodiscard]] std::string_view name_of(Basis basis);
// Error code: "bad_basis".
[[nodiscard]] base::Result<Basis> parse_basis(std::string_view text);

// How the revenue of a conversion is shared among the placements that its user saw (60-exposure).
enum class Model : std::uint8_t { kLast, kFirst, kLinear, kTimeDecay, kPosition };
[[nodiscard]] std::string_view name_of(Model model);
// Error code: "bad_model".
[[nodiscard]] base::Result<Model> parse_model(std::string_view text);

struct Question {
  Period period;
  Basis basis = Basis::kNet;
  bool is_exact = false;  // recount from the events instead of reading sketches
  Model model = Model::kLast;
};

}  // namespace tallystick::insights
