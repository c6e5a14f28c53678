#include "insights/question.h"

#include <array>

namespace tallystick::insights {
namespace {

constexpr auto kModels =
    std::to_array<std::string_view>({"last", "first", "linear", "time_decay", "position"});  // in the order of Model

}  // namespace

std::string_view name_of(Basis basis) {
  return basis == Basis::kNet ? "net" : "gross";
}

base::Result<Basis> parse_basis(std::string_view text) {
  if (text == "net" || text == "gross") {
    return text == "net" ? Basis::kNet : Basis::kGross;
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_basis", "basis is net or gross");
}

std::string_view name_of(Model model) {
  return kModels.at(static_cast<std::size_t>(model));
}

base::Result<Model> parse_model(std::string_view text) {
  for (std::size_t i = 0; i < kModels.size(); ++i) {
    if (kModels.at(i) == text) {
      return static_cast<Model>(i);
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_model", "model is last, first, linear, time_decay or position");
}

}  // namespace tallystick::insights
