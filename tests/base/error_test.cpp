#include "base/error.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tallystick::base {
namespace {

TEST(Error, EveryKindHasAStatusAnExitCodeAndAName) {
  struct Case {
    ErrorKind kind;
    int status;
    int exit;
  };
  const std::vector<Case> cases = {{ErrorKind::kInvalid, 400, 2},
                                   {ErrorKind::kUnauthenticated, 401, 1},
                                   {ErrorKind::kForbidden, 403, 1},
                                   {ErrorKind::kNotFound, 404, 1},
                                   {ErrorKind::kTimeout, 408, 4},
                                   {ErrorKind::kConflict, 409, 1},
                                   {ErrorKind::kGone, 410, 1},
                                   {ErrorKind::kTooLarge, 413, 2},
                                   {ErrorKind::kUnprocessable, 422, 2},
                                   {ErrorKind::kRateLimited, 429, 4},
                                   {ErrorKind::kInternal, 500, 1},
                                   {ErrorKind::kUnavailable, 503, 4},
                                   {ErrorKind::kCorrupt, 500, 3}};
  std::set<std::string> names;
  for (const Case& c : cases) {
    EXPECT_EQ(http_status(c.kind), c.status) << name_of(c.kind);
    EXPECT_EQ(exit_code(c.kind), c.exit) << name_of(c.kind);
    names.emplace(name_of(c.kind));
  }
  EXPECT_EQ(names.size(), cases.size());
}

Result<int> halve(int value) {
  if (value % 2 != 0) {
    return fail(ErrorKind::kInvalid, "odd", "an odd number");
  }
  return value / 2;
}

Result<int> quarter(int value) {
  TALLY_ASSIGN(const int half, halve(value));
  TALLY_TRY(halve(half));
  return half / 2;
}

TEST(Error, TheMacrosHandErrorsUp) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(3).error().code, "odd");
  EXPECT_EQ(quarter(6).error().code, "odd");
  EXPECT_EQ(quarter(6).error().message, "an odd number");
}

}  // namespace
}  // namespace tallystick::base
