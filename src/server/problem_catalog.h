#pragma once
// Explanations of problem codes, for /problems/{code}: what it means and what to do.

#include <string_view>

namespace tallystick::server {

struct ProblemText {
  std::string_view code;
  std::string_view title;
  std::string_view text;
};

// Null for a code without a page.
[[nodiscard]] const ProblemText* find_problem(std::string_view code);

}  // namespace tallystick::server
