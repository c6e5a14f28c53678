// No secret that goes in comes out again: not in the log at its most talkative, not in metrics, the trail, listings or
// problem details, and not in a file of the data directory unless the server needs it to work.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/e2e/instance.h"

namespace tallystick::e2e {
namespace {

namespace json = boost::json;

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  return content.str();
}

class Secrets : public testing::Test {
 protected:
  // A word that occurs nowhere by chance.
  std::string secret(const std::string& what) {
    secrets_.push_back("s3cr3t-" + what + "-5f0e1c9a7b3d");
    return secrets_.back();
  }
  void remember(const std::string& value) { secrets_.push_back(value); }
  // Everything that the server answers but what shows a key this once.
  support::RawAnswer ask(std::string_view method,
                         const std::string& target,
                         std::string_view body = "",
                         const std::string& headers = "") {
    support::RawAnswer answer =
        instance_.exchange(method, target, headers.empty() ? instance_.authorization() : headers, body);
    answers_ += answer.head + answer.body;
    return answer;
  }
  std::string make_key(const std::string& target, const std::string& body) {
    const support::RawAnswer answer = instance_.exchange("POST", target, instance_.authorization(), body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    const json::value made = json::parse(answer.body);
    remember(std::string(made.at("key").as_string()));
    return std::string(made.at("id").as_string());
  }
  void expect_none_in(const std::string& where, const std::string& text) const {
    for (const std::string& value : secrets_) {
      EXPECT_EQ(text.find(value), std::string::npos) << value << " is in " << where;
    }
  }

  support::TemporaryDirectory logs_;
  Instance instance_{{{"LOG_LEVEL", "debug"}, {"LOG_FILE", (logs_.path() / "log").string()}}};
  std::vector<std::string> secrets_ = {instance_.key()};
  std::string answers_;
};

TEST_F(Secrets, WhatGoesInDoesNotComeOut) {
  // Keys, by every way to make one.
  const std::string id = make_key("/api/keys", R"({"name":"shop","scopes":["links:sign"]})");
  make_key("/api/keys/" + id + "/rotate", R"({"overlap_seconds":60})");
  const json::value person = json::parse(ask("POST", "/api/principals", R"({"name":"Ada","role":"analyst"})").body);
  make_key("/api/keys", R"({"name":"x","principal_id":")" + std::string(person.at("id").as_string()) + "\"}");
  const json::value by_command = instance_.run_json({"keys", "create", "--name", "cli", "--scope", "links:sign"});
  remember(std::string(by_command.at("key").as_string()));
  const std::vector<std::string> key_secrets = secrets_;

  // Partners' secrets: good, changed, of the wrong type, beside a mistake, in what does not parse.
  ASSERT_EQ(
      ask("POST",
          "/api/partners",
          R"({"slug":"acme","name":"Acme","currency":"EUR","allowed_hosts":["acme.example"],"postback_secret":")" +
              secret("first-postback") + "\"}")
          .status,
      201);
  EXPECT_EQ(ask("PATCH", "/api/partners/acme", R"({"postback_secret":")" + secret("second-postback") + "\"}").status,
            200);
  EXPECT_EQ(ask("PATCH", "/api/partners/acme", R"({"postback_secret":[")" + secret("typed-postback") + "\"]}").status,
            422);
  EXPECT_EQ(ask("POST",
                "/api/partners",
                R"({"slug":"Not A Slug","name":"","currency":"EUR","postback_secret":")" + secret("wrong-postback") +
                    R"(","colour":")" + secret("unknown-member") + "\"}")
                .status,
            422);
  EXPECT_EQ(ask("POST", "/api/partners", R"({"postback_secret":")" + secret("cut-off")).status, 400);
  // A channel for alerts, whose address is a credential.
  EXPECT_EQ(
      ask("POST",
          "/api/alert-channels",
          R"({"name":"ops","kind":"slack","url":"https://hooks.slack.com/services/T0/B0/)" + secret("slack") + "\"}")
          .status,
      201);

  // Wrong keys, wherever people put them.
  EXPECT_EQ(ask("GET", "/api/partners", "", "Authorization: Bearer " + secret("guessed-key") + "\r\n").status, 401);
  EXPECT_EQ(ask("GET", "/api/partners", "", "Authorization: Basic " + secret("basic") + "\r\n").status, 401);
  EXPECT_EQ(
      ask("GET", "/api/partners?key=" + secret("in-query"), "", "X-Api-Key: " + secret("in-header") + "\r\n").status,
      401);
  EXPECT_EQ(ask("POST", "/api/conversions", "{}", "Authorization: Bearer " + secret("capture-key") + "\r\n").status,
            401);
  EXPECT_EQ(ask("GET", "/api/partners?limit=" + secret("in-limit")).status, 400);

  // A signed link: made, followed, tampered with.
  ASSERT_EQ(
      ask("POST", "/api/partners/acme/links", R"({"slug":"spring","destination":"https://acme.example/"})").status,
      201);
  json::value link;
  ASSERT_TRUE(eventually([&] {
    const auto signed_link = instance_.exchange(
        "POST", "/api/links/sign", instance_.authorization(), R"({"partner":"acme","link":"spring"})");
    link = json::parse(signed_link.body);
    return signed_link.status == 200;
  }));
  const std::string target(link.at("target").as_string());
  const std::string signature = target.substr(target.find("sig=") + 4);
  remember(signature.substr(0, signature.find('&')));
  EXPECT_EQ(ask("GET", target, "", "User-Agent: Mozilla/5.0\r\n").status, 302);
  EXPECT_NE(ask("GET", target + "x", "", "User-Agent: Mozilla/5.0\r\n").status, 302);

  // What tells about all of it.
  for (const char* page : {"/metrics",
                           "/readyz",
                           "/api/keys",
                           "/api/principals",
                           "/api/partners",
                           "/api/partners/acme",
                           "/api/alerts",
                           "/api/alert-channels",
                           "/api/audit?limit=500",
                           "/api/audit?format=csv",
                           "/api/dead-letters"}) {
    EXPECT_EQ(ask("GET", page).status, 200) << page;
  }
  expect_none_in("an answer", answers_);
  const support::CommandResult exported = instance_.run({"audit", "export"});
  EXPECT_NE(exported.output.find("partner.change"), std::string::npos) << exported.output;
  expect_none_in("the export", exported.output);
  expect_none_in("a listing", instance_.run({"keys", "list"}).output);

  EXPECT_EQ(instance_.stop(), 0);
  const std::string log = text_of(logs_.path() / "log");
  EXPECT_NE(log.find("stopped"), std::string::npos) << "the log is the one that was written";
  expect_none_in("the log", log);
  for (const std::string& key : key_secrets) {
    EXPECT_TRUE(files_with(instance_.data(), key).empty()) << "a key is kept as its digest alone";
  }
}

}  // namespace
}  // namespace tallystick::e2e
