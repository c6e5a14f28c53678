#include "alerts/routes.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "alerts/checks.h"
#include "base/encoding.h"
#include "tests/alerts/alert_fixture.h"
#include "tests/alerts/hook_receiver.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;
using http::Method;

class AlertRoutes : public AlertFixture {
 protected:
  void SetUp() override {
    AlertFixture::SetUp();
    add_alert_routes(router_, *service_, *queue_);
    add_channel_routes(router_, *channels_, [this](http::Handler handler) {
      ++wrapped_;
      return handler;
    });
  }

  http::Response call(Method method,
                      const std::string& target,
                      const std::string& body = "",
                      std::vector<std::pair<std::string, std::string>> headers = {}) {
    clock_.advance_us(1'000);
    http::Request request;
    request.path = target.substr(0, target.find('?'));
    request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
    request.body = body;
    request.headers = std::move(headers);
    request.principal.id = "key-1";
    http::Match match;
    router_.match(method, request.path, match);
    if (match.route == nullptr) {
      throw std::runtime_error("no route for " + target);
    }
    for (const auto& parameter : match.parameters) {
      request.path_parameters.emplace_back(parameter.name, parameter.value);
    }
    return match.route->handler(request);
  }

  static json::object body_of(const http::Response& response) { return json::parse(response.body).as_object(); }
  static std::string code_of(const http::Response& response) {
    return std::to_string(response.status) + " " + std::string(body_of(response).at("code").as_string());
  }
  static std::string fields_of(const http::Response& response) {
    std::string fields;
    const auto body = body_of(response);
    for (const auto& field : body.at("errors").as_array()) {
      fields += std::string(field.at("pointer").as_string()) + " " + std::string(field.at("code").as_string()) + "; ";
    }
    return fields;
  }
  static std::string header_of(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) {
        return value;
      }
    }
    return "";
  }

  json::object create(const std::string& body) {
    const auto response = call(Method::kPost, "/api/alert-channels", body);
    EXPECT_EQ(response.status, 201) << response.body;
    return body_of(response);
  }

  std::vector<access::AuditEntry> trail() { return access::AuditLog::list(database(), {}, "", 100).value(); }

  http::Router router_;
  int wrapped_ = 0;
};

TEST_P(AlertRoutes, ListsByStateAndSettles) {
  const Alert alert = *service_->raise({.dedupe_key = "disk",
                                        .severity = Severity::kCritical,
                                        .subject = "journal",
                                        .summary = "the disk is full; make room",
                                        .evidence = R"({"free_bytes":0})"});
  const std::string path = "/api/alerts/" + base::format_uuid(alert.id);
  const json::value open = json::parse(call(Method::kGet, "/api/alerts?state=open").body);
  ASSERT_EQ(open.at("items").as_array().size(), 1U);
  EXPECT_EQ(open.at("items").at(0).at("evidence").at("free_bytes").as_int64(), 0);
  EXPECT_EQ(call(Method::kPost, path + "/acknowledge", R"({"notes":"on it"})").status, 200);
  const auto resolved = call(Method::kPost, path + "/resolve");
  EXPECT_EQ(body_of(resolved).at("state").as_string(), "resolved");
  EXPECT_EQ(body_of(resolved).at("notes").as_string(), "on it");
  EXPECT_EQ(code_of(call(Method::kPost, path + "/acknowledge")), "409 alert_resolved");
  EXPECT_TRUE(body_of(call(Method::kGet, "/api/alerts?state=open")).at("items").as_array().empty());
  EXPECT_EQ(body_of(call(Method::kGet, "/api/alerts?severity=critical")).at("items").as_array().size(), 1U);
  EXPECT_TRUE(body_of(call(Method::kGet, "/api/alerts?severity=info")).at("items").as_array().empty());
}

TEST_P(AlertRoutes, ListsArePagedInTheOrderOfCreation) {
  for (const char* key : {"a", "b", "c"}) {
    raise(key);
  }
  const auto first = body_of(call(Method::kGet, "/api/alerts?limit=2"));
  ASSERT_EQ(first.at("items").as_array().size(), 2U);
  EXPECT_EQ(first.at("items").at(0).at("key").as_string(), "a");
  const std::string cursor(first.at("next_cursor").as_string());
  const auto second = body_of(call(Method::kGet, "/api/alerts?limit=2&cursor=" + cursor));
  ASSERT_EQ(second.at("items").as_array().size(), 1U);
  EXPECT_EQ(second.at("items").at(0).at("key").as_string(), "c");
  EXPECT_TRUE(second.at("next_cursor").is_null());
  EXPECT_EQ(code_of(call(Method::kGet, "/api/alerts?cursor=abc")), "400 bad_cursor");
}

TEST_P(AlertRoutes, BadRequestsAreRefused) {
  const std::string nobody = "/api/alerts/" + base::format_uuid(base::Uuid{});
  EXPECT_EQ(code_of(call(Method::kGet, "/api/alerts?state=asleep")), "400 unknown_state");
  EXPECT_EQ(code_of(call(Method::kGet, "/api/alerts?severity=loud")), "400 unknown_severity");
  EXPECT_EQ(code_of(call(Method::kPost, "/api/alerts/nonsense/resolve")), "400 bad_uuid");
  EXPECT_EQ(code_of(call(Method::kPost, nobody + "/resolve")), "404 alert_not_found");
  EXPECT_EQ(code_of(call(Method::kGet, nobody)), "404 alert_not_found");
  EXPECT_EQ(code_of(call(Method::kPost, nobody + "/resolve", "[]")), "400 not_an_object");
  EXPECT_EQ(fields_of(call(Method::kPost, nobody + "/resolve", R"({"note":"x","notes":7})")),
            "/notes wrong_type; /note unknown_member; ");
  const std::string long_notes = "{\"notes\":\"" + std::string(2'001, 'x') + "\"}";
  EXPECT_EQ(fields_of(call(Method::kPost, nobody + "/resolve", long_notes)), "/notes bad_length; ");
}

TEST_P(AlertRoutes, SettlingIsAuditedWithBeforeAndAfter) {
  const Alert alert = raise("k");
  const std::string path = "/api/alerts/" + base::format_uuid(alert.id) + "/acknowledge";
  EXPECT_EQ(call(Method::kPost, path).status, 200);
  EXPECT_EQ(call(Method::kPost, path).status, 200) << "what changes nothing is no change";
  ASSERT_EQ(trail().size(), 1U);
  EXPECT_EQ(trail()[0].change.action, "alert.acknowledge");
  EXPECT_EQ(trail()[0].context.actor, "key:key-1");
  EXPECT_THAT(trail()[0].change.before, testing::HasSubstr(R"("state":"open")"));
  EXPECT_THAT(trail()[0].change.after, testing::HasSubstr(R"("state":"acknowledged")"));
}

TEST_P(AlertRoutes, AnAlertShowsWhatWasToldOfIt) {
  HookReceiver receiver;
  make_channel("ops", receiver.url());
  const Alert alert = raise("disk");
  receiver.answer_next(410);
  run_due();
  const auto shown = body_of(call(Method::kGet, "/api/alerts/" + base::format_uuid(alert.id)));
  const json::object& delivery = shown.at("deliveries").at(0).as_object();
  EXPECT_EQ(delivery.at("channel").as_string(), "ops");
  EXPECT_EQ(delivery.at("cause").as_string(), "raised");
  EXPECT_EQ(delivery.at("state").as_string(), "failed");
  EXPECT_EQ(delivery.at("attempts").as_int64(), 1);
  EXPECT_EQ(delivery.at("reason").as_string(), "delivery_refused");
  EXPECT_FALSE(delivery.at("finished_at").is_null());
}

TEST_P(AlertRoutes, CheckingNowQueuesOneJob) {
  const auto first = call(Method::kPost, "/api/alerts/check");
  EXPECT_EQ(first.status, 202);
  const std::string id(body_of(first).at("job_id").as_string());
  EXPECT_EQ(header_of(first, "Location"), "/api/jobs/" + id);
  EXPECT_EQ(body_of(call(Method::kPost, "/api/alerts/check")).at("job_id").as_string(), id);
  EXPECT_EQ(queue_->get(base::parse_uuid(id).value())->draft.kind, kCheckJob);
}

TEST_P(AlertRoutes, AChannelIsCreatedReadChangedAndRemoved) {
  const auto created = call(Method::kPost,
                            "/api/alert-channels",
                            R"({"name":"ops","kind":"slack","url":"https://hooks.slack.com/services/T0/B0/S3CRET"})");
  ASSERT_EQ(created.status, 201) << created.body;
  const auto body = body_of(created);
  const std::string path = "/api/alert-channels/" + std::string(body.at("id").as_string());
  EXPECT_EQ(header_of(created, "Location"), path);
  EXPECT_EQ(header_of(created, "ETag"), "\"1\"");
  EXPECT_EQ(body.at("url").as_string(), "https://hooks.slack.com/***");
  EXPECT_EQ(body.at("enabled").as_bool(), true);
  EXPECT_EQ(body.at("min_severity").as_string(), "warning");
  EXPECT_TRUE(body.at("quiet_hours").is_null());
  EXPECT_EQ(call(Method::kGet, path).body, created.body);
  const std::string change =
      R"({"min_severity":"critical","quiet_hours":{"from":"22:00","to":"07:00","time_zone":"Europe/Berlin",)"
      R"("days":["sun","mon","mon"],"critical_passes":false}})";
  const auto changed = call(Method::kPatch, path, change, {{"If-Match", "\"1\""}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(header_of(changed, "ETag"), "\"2\"");
  EXPECT_EQ(
      json::serialize(body_of(changed).at("quiet_hours")),
      R"({"time_zone":"Europe/Berlin","from":"22:00","to":"07:00","days":["mon","sun"],"critical_passes":false})");
  EXPECT_EQ(code_of(call(Method::kPatch, path, "{}", {{"If-Match", "\"1\""}})), "412 version_conflict");
  EXPECT_EQ(header_of(call(Method::kPatch, path, change), "ETag"), "\"2\"") << "it changed nothing";
  EXPECT_TRUE(body_of(call(Method::kPatch, path, R"({"quiet_hours":null})")).at("quiet_hours").is_null());
  EXPECT_EQ(call(Method::kDelete, path).status, 204);
  EXPECT_EQ(code_of(call(Method::kGet, path)), "404 channel_not_found");
  EXPECT_EQ(code_of(call(Method::kDelete, path)), "404 channel_not_found");
  for (const access::AuditEntry& entry : trail()) {
    EXPECT_THAT(entry.change.before + entry.change.after, testing::Not(testing::HasSubstr("S3CRET")));
  }
}

TEST_P(AlertRoutes, SecretsAreNeverShownButThatTheyWereSetAnewIs) {
  const auto created = create(R"({"name":"pager","kind":"pagerduty","secret":"R0UT1NG"})");
  EXPECT_EQ(created.at("has_secret").as_bool(), true);
  EXPECT_EQ(created.at("url").as_string(), kPagerdutyUrl);
  EXPECT_FALSE(created.contains("secret"));
  const std::string path = "/api/alert-channels/" + std::string(created.at("id").as_string());
  EXPECT_EQ(call(Method::kPatch, path, R"({"secret":"AN0THER"})").status, 200);
  ASSERT_EQ(trail().size(), 2U);
  EXPECT_EQ(trail()[0].change.action, "alert_channel.change");
  EXPECT_THAT(trail()[0].change.after, testing::HasSubstr(R"("secret_set_anew":true)"));
  for (const access::AuditEntry& entry : trail()) {
    EXPECT_THAT(entry.change.before + entry.change.after, testing::Not(testing::HasSubstr("R0UT1NG")));
    EXPECT_THAT(entry.change.before + entry.change.after, testing::Not(testing::HasSubstr("AN0THER")));
  }
}

TEST_P(AlertRoutes, ABodyNamesEveryMistakeAtOnce) {
  EXPECT_EQ(fields_of(call(Method::kPost, "/api/alert-channels", R"({"kind":"pigeon","enabled":"yes","x":1})")),
            "/name required; /kind unknown_channel_kind; /enabled wrong_type; /x unknown_member; ");
  EXPECT_EQ(fields_of(call(Method::kPost,
                           "/api/alert-channels",
                           R"({"name":"","kind":"slack","url":"ftp://x","secret":"s","recipients":["a@b.example"],)"
                           R"("subjects":["a*b"]})")),
            "/name bad_name; /url bad_url; /recipients not_for_this_kind; /secret not_for_this_kind; /subjects/0 "
            "bad_subject; ");
  EXPECT_EQ(fields_of(call(Method::kPost,
                           "/api/alert-channels",
                           R"({"name":"m","kind":"email","url":"https://x.example/","recipients":["a@b","no"]})")),
            "/url not_for_this_kind; /recipients/1 bad_email; ");
  EXPECT_EQ(fields_of(call(Method::kPost,
                           "/api/alert-channels",
                           R"({"name":"w","kind":"webhook","url":"https://x.example/","secret":"whsec_short"})")),
            "/secret bad_webhook_secret; ");
  EXPECT_EQ(fields_of(call(Method::kPost, "/api/alert-channels", R"({"name":"p","kind":"pagerduty"})")),
            "/secret bad_routing_key; ");
  EXPECT_EQ(fields_of(call(Method::kPost,
                           "/api/alert-channels",
                           R"({"name":"q","kind":"slack","url":"https://x.example/a",)"
                           R"("quiet_hours":{"from":"7","days":["someday"],"zone":"x"}})")),
            "/quiet_hours/to required; /quiet_hours/from bad_time_of_day; /quiet_hours/days unknown_weekday; "
            "/quiet_hours/zone unknown_member; ");
  EXPECT_EQ(fields_of(call(Method::kPost,
                           "/api/alert-channels",
                           R"({"name":"q","kind":"slack","url":"https://x.example/a",)"
                           R"("quiet_hours":{"from":"00:00","to":"24:00","time_zone":"Mars/Base"}})")),
            "/quiet_hours/time_zone unknown_time_zone; /quiet_hours never_ends; ");
  EXPECT_EQ(fields_of(call(Method::kPost,
                           "/api/alert-channels",
                           R"({"name":"q","kind":"slack","url":"https://x.example/a",)"
                           R"("quiet_hours":{"from":"08:00","to":"08:00","days":[]}})")),
            "/quiet_hours bad_quiet_hours; /quiet_hours/days bad_count; ");
}

TEST_P(AlertRoutes, NamesAreUniqueAndTheKindIsForGood) {
  const auto created = create(R"({"name":"ops","kind":"slack","url":"https://x.example/a"})");
  EXPECT_EQ(code_of(call(
                Method::kPost, "/api/alert-channels", R"({"name":"ops","kind":"slack","url":"https://x.example/b"})")),
            "409 already_exists");
  const std::string path = "/api/alert-channels/" + std::string(created.at("id").as_string());
  EXPECT_EQ(fields_of(call(Method::kPatch, path, R"({"kind":"email"})")), "/kind unknown_member; ");
}

TEST_P(AlertRoutes, ThereIsALimitOfChannels) {
  for (std::size_t i = 0; i < kMaxChannels; ++i) {
    make_channel(std::to_string(i), "https://x.example/a");
  }
  EXPECT_EQ(code_of(call(
                Method::kPost, "/api/alert-channels", R"({"name":"more","kind":"slack","url":"https://x.example/a"})")),
            "422 too_many_channels");
  const auto page = body_of(call(Method::kGet, "/api/alert-channels?limit=49"));
  EXPECT_EQ(page.at("items").as_array().size(), 49U);
  EXPECT_FALSE(page.at("next_cursor").is_null());
}

TEST_P(AlertRoutes, TheTestButtonSaysHowItWent) {
  HookReceiver receiver;
  const Channel channel = make_channel("ops", receiver.url());
  const std::string path = "/api/alert-channels/" + base::format_uuid(channel.id) + "/test";
  EXPECT_EQ(body_of(call(Method::kPost, path)).at("result").as_string(), "sent");
  EXPECT_THAT(receiver.requests().at(0).body, testing::HasSubstr("Test: somebody tries"));
  receiver.answer_next(403);
  const auto refused = body_of(call(Method::kPost, path));
  EXPECT_EQ(refused.at("result").as_string(), "failed");
  EXPECT_EQ(refused.at("code").as_string(), "delivery_refused");
  EXPECT_EQ(trail()[0].change.action, "alert_channel.test");
  EXPECT_EQ(trail()[0].change.after, R"({"result":"delivery_refused"})");
  EXPECT_TRUE(service_->list({}, "", 10)->empty()) << "a test is no alert";
}

TEST_P(AlertRoutes, EveryRouteDeclaresItsScopeAndCreatingIsIdempotent) {
  for (const auto& route : router_.routes()) {
    const bool is_of_channels = route->pattern.starts_with("/api/alert-channels");
    const std::string write = is_of_channels ? "alert_channels:write" : "alerts:write";
    EXPECT_EQ(route->scope, route->method == Method::kGet ? "alerts:read" : write) << route->pattern;
    EXPECT_FALSE(route->summary.empty());
  }
  EXPECT_EQ(wrapped_, 1);
}

TALLY_ON_BOTH_DATABASES(AlertRoutes);

TEST(AlertChannels, ShowOnlyWhatIsNoCredential) {
  Channel channel;
  channel.url = "https://hooks.slack.com/services/T0/B0/x?a=b";
  EXPECT_EQ(shown_url(channel), "https://hooks.slack.com/***");
  channel.kind = ChannelKind::kWebhook;
  EXPECT_EQ(shown_url(channel), "https://hooks.slack.com/services/T0/B0/x?***");
  channel.url = "https://crm.example/hooks";
  EXPECT_EQ(shown_url(channel), "https://crm.example/hooks");
}

TEST(AlertChannels, MailboxesAreReadStrictly) {
  for (const char* good : {"jane@example.com", "j.d+x@sub.example.co", "a@b"}) {
    EXPECT_TRUE(is_mailbox(good)) << good;
  }
  for (const char* bad : {"",
                          "@",
                          "jane",
                          "jane@",
                          "@example.com",
                          "j ane@example.com",
                          "jane@exa mple.com",
                          "jane@example..com",
                          ".jane@example.com",
                          "jane@example.com>",
                          "jane@example.com\r\nBcc: x@y",
                          "j\xC3\xA4ne@example.com",
                          "\"jane\"@example.com",
                          "a@-b"}) {
    EXPECT_FALSE(is_mailbox(bad)) << bad;
  }
}

}  // namespace
}  // namespace tallystick::alerts
