#include "cli/output.h"

#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cli/progress.h"

namespace tallystick::cli {
namespace {

TEST(Table, AlignsNumbersAtTheRight) {
  Table table({"name", "count"});
  table.add({"sent", "1,000"});
  table.add({"é", "7"});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(),
            "name  count\n"
            "sent  1,000\n"
            "é         7\n");
}

TEST(WithThousands, GroupsDigitsByThree) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1'000), "1,000");
  EXPECT_EQ(with_thousands(1'234'567), "1,234,567");
}

TEST(PrintJson, IndentsWhatIsNotEmpty) {
  std::ostringstream out;
  print_json(out, boost::json::parse(R"({"a":[1,{"b":"x\n"}],"c":{},"d":[]})"));
  EXPECT_EQ(out.str(),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\\n\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}\n");
}

TEST(Progress, DrawsOnATerminalOnly) {
  for (const bool is_interactive : {true, false}) {
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{out, err, is_interactive};
    const base::ManualClock clock({1});
    {
      Progress progress(terminal, clock, "reading");
      progress.update(5, 10);
      progress.update(6, 10);  // within the redraw time
    }
    EXPECT_EQ(err.str(), is_interactive ? "\rreading [###############               ]  50 % \x1b[K\r\x1b[K" : "");
    EXPECT_EQ(out.str(), "");
  }
}

}  // namespace
}  // namespace tallystick::cli
