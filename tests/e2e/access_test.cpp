// People and programs on the command line and over HTTP: a principal, its key, what disabling does, and the trail.
#include <fstream>

#include <gtest/gtest.h>

#include "tests/e2e/instance.h"

namespace tallystick::e2e {
namespace {

namespace json = boost::json;

TEST(Access, APrincipalsKeyIsBoundByTheRoleAndStopsWithThePrincipal) {
  Instance instance;
  const json::value ada = instance.run_json({"principals", "create", "--name", "Ada Lovelace", "--role", "analyst"});
  const std::string id(ada.at("id").as_string());
  const json::value key = instance.run_json({"keys", "create", "--name", "laptop", "--principal", id});
  const std::string header = "Authorization: Bearer " + std::string(key.at("key").as_string()) + "\r\n";
  EXPECT_EQ(instance.exchange("GET", "/api/partners", header).status, 200) << "a new key is good at once";
  EXPECT_EQ(instance.exchange("GET", "/api/keys", header).status, 403);
  EXPECT_EQ(instance.run({"keys", "create", "--name", "x", "--principal", id, "--scope", "keys:write"}).exit_code, 2);

  EXPECT_EQ(instance.run({"principals", "change", id, "--role", "support"}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return instance.exchange("GET", "/api/journal/statistics", header).status == 403; }));
  EXPECT_EQ(instance.run({"principals", "disable", id}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return instance.exchange("GET", "/api/partners", header).status == 401; }));
  EXPECT_EQ(instance.run({"principals", "enable", id}).exit_code, 0);
  EXPECT_TRUE(eventually([&] { return instance.exchange("GET", "/api/partners", header).status == 200; }));
  const auto listed = instance.run({"principals", "list", "--role", "support"});
  EXPECT_NE(listed.output.find("Ada Lovelace"), std::string::npos) << listed.output;
  EXPECT_NE(instance.run({"principals", "list", "--role", "client"}).output.find("no such principal"),
            std::string::npos);
}

TEST(Access, TheLastAdministratorCannotBeDisabled) {
  Instance instance;
  const json::value admins = instance.run_json({"principals", "list", "--role", "admin"});
  ASSERT_EQ(admins.at("principals").as_array().size(), 1U) << "the first start made one";
  const auto refused =
      instance.run({"principals", "disable", std::string(admins.at("principals").at(0).at("id").as_string())});
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.output.find("last administrator"), std::string::npos) << refused.output;
  EXPECT_EQ(instance.run({"principals", "create", "--name", "x", "--role", "king"}).exit_code, 2);
  EXPECT_EQ(
      instance.run({"principals", "change", std::string(admins.at("principals").at(0).at("id").as_string())}).exit_code,
      2)
      << "nothing to change";
}

TEST(Access, TheTrailIsListedAndExported) {
  Instance instance;
  ASSERT_EQ(instance.run({"principals", "create", "--name", "Ada", "--role", "analyst"}).exit_code, 0);
  const json::value listed = instance.run_json({"audit", "list", "--action", "principal.create", "--limit", "1"});
  ASSERT_EQ(listed.at("entries").as_array().size(), 1U);
  EXPECT_EQ(listed.at("entries").at(0).at("after").at("name"), "Ada");
  EXPECT_TRUE(listed.at("entries").at(0).at("before").is_null());
  const std::string file = (instance.folder() / "trail.csv").string();
  const auto exported = instance.run_json({"audit", "export", "--output", file});
  EXPECT_EQ(exported.at("entries"), 3) << "the first administrator, its key, and Ada";
  std::ifstream in(file);
  std::string line;
  int lines = 0;
  while (std::getline(in, line)) {
    ++lines;
  }
  EXPECT_EQ(lines, 4);
  EXPECT_NE(instance.run({"audit", "list", "--actor", "nobody"}).output.find("no such entry"), std::string::npos);
}

}  // namespace
}  // namespace tallystick::e2e
