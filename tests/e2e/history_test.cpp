// A history written into the data directory of a server that does not run: whole, counted alike, and shown by the
// server afterwards.
#include <gtest/gtest.h>

#include "tests/e2e/instance.h"

namespace tallystick::e2e {
namespace {

namespace json = boost::json;

json::value make_history(const Instance& instance, const std::string& seed) {
  return instance.run_json({"demo", "--history", "10d", "--events", "20000", "--seed", seed});
}

TEST(History, IsWholeAndCountedAlikeAndServed) {
  Instance instance;
  ASSERT_EQ(instance.stop(), 0);
  const json::value before = instance.run_json({"journal", "stats"});
  const json::value history = make_history(instance, "5");
  EXPECT_EQ(history.at("events"), 20'000);
  EXPECT_EQ(history.at("objects_made"), 6 + 12 + 20 + 100 + 200);

  const support::CommandResult verified = instance.run({"journal", "verify"});
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
  const json::value after = instance.run_json({"journal", "stats"});
  const auto& kinds = after.at("by_kind").as_object();
  for (const char* kind : {"impression", "click", "conversion"}) {
    EXPECT_EQ(kinds.at(kind), history.at("by_kind").at(kind).at("events")) << kind;
  }
  EXPECT_EQ(kinds.at("verdict_revision"), history.at("verdict_revisions"));
  EXPECT_EQ(kinds.at("forwarding"), history.at("forwardings").at("records"));

  instance.start();
  const support::RawAnswer answer =
      instance.exchange("GET", "/api/placements/past-home-carousel", instance.authorization());
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(json::parse(answer.body).at("id"), history.at("placements").at(0).at("id"));
  // One of the people may be erased like anybody else.
  const support::CommandResult erased =
      instance.run({"privacy", "erase", "--user", std::string(history.at("example_user").as_string())});
  EXPECT_EQ(erased.exit_code, 0) << erased.output;
  EXPECT_EQ(instance.stop(), 0);
  EXPECT_EQ(instance.run({"journal", "verify"}).exit_code, 0);
}

TEST(History, IsRefusedWhileTheServerRuns) {
  Instance instance;
  const support::CommandResult refused = instance.run({"demo", "--history", "10d", "--events", "1000"});
  EXPECT_EQ(refused.exit_code, 1) << refused.output;
  EXPECT_NE(refused.output.find("A server runs on this data directory"), std::string::npos) << refused.output;
  const support::RawAnswer answer = instance.exchange("GET", "/api/placements", instance.authorization());
  EXPECT_EQ(answer.body.find("past-"), std::string::npos) << "nothing was created";
}

TEST(History, NeedsNoServerEver) {
  const support::TemporaryDirectory folder;
  const auto data = folder.path() / "fresh";
  const support::CommandResult made =
      support::run_command({support::tallystick_binary(), "demo", "--history", "36h", "--events", "500"},
                           support::command_environment(data));
  EXPECT_EQ(made.exit_code, 0) << made.output;
  support::ServerProcess server(data);
  EXPECT_FALSE(server.first_key().empty()) << "this is the server's first start";
  EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace tallystick::e2e
