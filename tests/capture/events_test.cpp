#include <boost/json.hpp>

#include "capture/impression_token.h"
#include "tests/capture/capture_fixture.h"

namespace tallystick::capture {
namespace {

using journal::RecordKind;
namespace json = boost::json;

constexpr std::string_view kImpressions = "/api/monetization/impression";
constexpr std::string_view kExposures = "/api/exposure/batch";

class Events : public CaptureFixture {
 protected:
  // The code of the only event, or its status when it was not rejected.
  std::string post_one(std::string_view target, const std::string& event) const {
    const auto answer = post(target, event);
    if (answer.status != 202) {
      return "http " + std::to_string(answer.status);
    }
    const json::value value = json::parse(answer.body);
    const json::object& result = value.at("results").at(0).as_object();
    return std::string(result.contains("code") ? result.at("code").as_string() : result.at("status").as_string());
  }
  std::string time_text(std::int64_t offset_us) const { return base::format_rfc3339(clock_.now() + offset_us); }
};

TEST_F(Events, RecordsAnImpressionWithAllItsFields) {
  const std::string event = impression(
      make_event_id(1),
      R"(,"campaign_id":"c-1","merchant_id":"boots","partner_id":"acme","article_slug":"a\u002db","flag_variant":"B",)"
      R"("vertical":"shoes","state":"viewable","visible_ratio":0.5,"visible_ms":1200,"unknown":[{"x":1},2]})");
  const auto answer = post(kImpressions, event.substr(0, event.size() - 1));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(answer.body,
            "{\"results\":[{\"event_id\":\"" + make_event_id(1) +
                "\",\"status\":\"accepted\"}],\"accepted\":1,\"duplicate\":0,\"rejected\":0}");
  const auto stored = records(RecordKind::kImpression);
  ASSERT_EQ(stored.size(), 1U);
  const journal::Impression seen = stored[0].impression();
  EXPECT_EQ(base::format_uuid(seen.placement_id), kPlacementId);
  EXPECT_EQ(base::format_uuid(seen.merchant_id), kMerchantId);
  EXPECT_FALSE(seen.partner_id.is_nil());
  EXPECT_EQ(seen.campaign, "c-1");
  EXPECT_EQ(seen.article_slug, "a-b");
  EXPECT_EQ(seen.state, journal::ImpressionState::kViewable);
  EXPECT_EQ(seen.visible_ratio_permille, 500);
  EXPECT_EQ(seen.visible_ms, 1200U);
  EXPECT_EQ(seen.verdict.klass, journal::VerdictClass::kValid);
}

TEST_F(Events, RecordsAnExposureWithAllItsFields) {
  const std::string event = exposure(
      make_event_id(1),
      R"(,"exposure_unit_id":"0192f0c1-0000-7000-8000-000000000004","rank_position":0,"total_items_in_list":12,)"
      R"("is_clickable":true,"algorithm_version":"v7","entry_point":"home","platform":"ios")");
  EXPECT_EQ(post_one(kExposures, "{\"events\":[" + event + "]}"), "accepted");
  const auto stored = records(RecordKind::kImpression);
  ASSERT_EQ(stored.size(), 1U);
  const journal::Impression seen = stored[0].impression();
  EXPECT_EQ(seen.exposure_type, journal::ExposureType::kBanner);
  EXPECT_EQ(seen.rank_position, 0U);
  EXPECT_EQ(seen.total_items_in_list, 12U);
  EXPECT_TRUE(seen.is_clickable);
  EXPECT_EQ(seen.algorithm_version, "v7");
  EXPECT_EQ(seen.entry_point, "home");
  EXPECT_EQ(seen.platform, "ios");
}

TEST_F(Events, AnswersACodeForEachFault) {
  const std::string id = make_event_id(1);
  struct Case {
    std::string event;
    const char* code;
  };
  const auto with = [&](const std::string& more) {
    return exposure(id, more);
  };
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string event = exposure(id);
    event.replace(event.find(from), from.size(), to);
    return event;
  };
  const Case cases[] = {
      {"null", "malformed_event"},
      {"\"text\"", "malformed_event"},
      {"{\"a\" 1}", "malformed_event"},
      {exposure(id) + " x", "malformed_event"},
      {replaced("\"event_id\":\"" + id + "\",", ""), "missing_field"},
      {replaced("\"merchant_id\":\"" + std::string(kMerchantId) + "\",", ""), "missing_field"},
      {replaced("\"exposure_type\":\"banner\"", "\"exposure_type\":null"), "missing_field"},
      {replaced("banner", "poster"), "malformed_field"},
      {replaced(id, "not-a-uuid"), "malformed_field"},
      {replaced(std::string(kMerchantId), make_event_id(77)), "unknown_merchant"},
      {replaced(std::string(kPlacementId), "nowhere"), "unknown_placement"},
      {with(",\"exposure_unit_id\":\"" + make_event_id(78) + "\""), "unknown_exposure_unit"},
      {with(",\"rank_position\":-1"), "negative_rank"},
      {with(",\"rank_position\":1e99"), "malformed_field"},
      {with(",\"rank_position\":99999999999999999999999"), "malformed_field"},
      {with(",\"user_id\":\"bob\""), "bad_user_id"},
      {with(",\"user_id\":7"), "bad_user_id"},
      {with(",\"platform\":\"a\",\"platform\":\"b\""), "duplicate_field"},
      {with(",\"platform\":\"\xff\xfe\""), "malformed_event"},
      {with(",\"session_id\":\"with space\""), "malformed_field"},
      {with(",\"partner_id\":\"nobody\""), "unknown_partner"},
      {with(",\"consent\":{\"analytics\":\"yes\"}"), "malformed_field"},
      {replaced(now_text(), time_text(-10 * base::kMicrosPerMinute - 1)), "stale_event"},
      {replaced(now_text(), time_text(60 * base::kMicrosPerSecond + 1)), "future_event"},
      {replaced("\"" + now_text() + "\"", "99999999999999999"), "malformed_field"},
  };
  std::string batch = "{\"events\":[";
  for (const Case& c : cases) {
    batch += c.event + ",";
  }
  batch += exposure(make_event_id(2)) + "]}";
  const auto answer = post(kExposures, batch);
  ASSERT_EQ(answer.status, 202) << answer.body;
  const json::value value = json::parse(answer.body);
  const json::array& results = value.at("results").as_array();
  ASSERT_EQ(results.size(), std::size(cases) + 1);
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    EXPECT_EQ(results[i].at("status").as_string(), "rejected") << cases[i].event;
    ASSERT_TRUE(results[i].as_object().contains("code")) << cases[i].event;
    EXPECT_EQ(results[i].at("code").as_string(), cases[i].code) << cases[i].event;
  }
  EXPECT_EQ(results.back().at("status").as_string(), "accepted");
  EXPECT_EQ(value.at("accepted").as_int64(), 1);
  EXPECT_EQ(value.at("rejected").as_int64(), static_cast<std::int64_t>(std::size(cases)));
  EXPECT_EQ(records(RecordKind::kDeadLetter).size(), std::size(cases));
  EXPECT_EQ(records(RecordKind::kImpression).size(), 1U);
}

TEST_F(Events, AcceptsTimesAtTheEdgesAndInMilliseconds) {
  unsigned next = 1;
  for (const std::int64_t offset : {-10 * base::kMicrosPerMinute, std::int64_t{0}, 60 * base::kMicrosPerSecond}) {
    std::string event = exposure(make_event_id(next++));
    event.replace(event.find(now_text()), now_text().size(), time_text(offset));
    EXPECT_EQ(post_one(kExposures, "{\"events\":[" + event + "]}"), "accepted") << offset;
  }
  std::string event = exposure(make_event_id(next++));
  event.replace(event.find("\"" + now_text() + "\""),
                now_text().size() + 2,
                std::to_string(clock_.now().us / base::kMicrosPerMilli));
  EXPECT_EQ(post_one(kExposures, "{\"events\":[" + event + "]}"), "accepted");
}

TEST_F(Events, CountsAnEventOnceWithinAndAcrossRequests) {
  const std::string twice = "{\"events\":[" + impression(make_event_id(1)) + "," + impression(make_event_id(1)) + "]}";
  EXPECT_NE(post(kImpressions, twice).body.find("\"accepted\":1,\"duplicate\":1,\"rejected\":0"), std::string::npos);
  EXPECT_EQ(post_one(kImpressions, impression(make_event_id(1))), "duplicate");
  stop();
  start();
  EXPECT_EQ(post_one(kImpressions, impression(make_event_id(1))), "duplicate");
  EXPECT_EQ(records(RecordKind::kImpression).size(), 1U);
}

TEST_F(Events, RefusesABodyThatIsNoneAndTooManyEvents) {
  std::string fifty_one = "{\"events\":[" + impression(make_event_id(0));
  for (unsigned i = 1; i < 51; ++i) {
    fifty_one += "," + impression(make_event_id(i));
  }
  struct Case {
    std::string body;
    const char* code;
  };
  const Case cases[] = {
      {"", "malformed_body"},
      {"[]", "malformed_body"},
      {"{\"events\":[", "malformed_body"},
      {"{\"events\":{}}", "malformed_body"},
      {"{\"events\":[]}", "no_events"},
      {"{\"events\":[{}]} trailing", "malformed_body"},
      {"{\"events\":[{}]", "malformed_body"},
      {"{\"events\":[{]}]}", "malformed_body"},
      {fifty_one + "]}", "too_many_events"},
  };
  for (const Case& c : cases) {
    const auto answer = post(kImpressions, c.body);
    EXPECT_EQ(answer.status, 400) << c.body.substr(0, 60);
    EXPECT_NE(answer.body.find(c.code), std::string::npos) << answer.body;
  }
  EXPECT_TRUE(records().empty());
}

TEST_F(Events, ABrokenEventNeverSpoilsItsNeighbours) {
  const std::string deep(2000, '[');
  const std::string closed(2000, ']');
  const std::string broken[] = {"{\"event_id\":\"x\\q\"}",

                                "{\"a\":tru}",
                                "{\"a\":" + deep + closed + "}",
                                "{\"a\":1,}",
                                "{,}",
                                "12",
                                "{\"event_id\":\"\\ud800\"}"};
  for (const std::string& bad : broken) {
    const unsigned number = static_cast<unsigned>(&bad - broken) * 2 + 1;
    const std::string body = "{\"events\":[" + impression(make_event_id(number)) + "," + bad + "," +
                             impression(make_event_id(number + 1)) + "]}";
    const auto answer = post(kImpressions, body);
    EXPECT_NE(answer.body.find("\"accepted\":2,\"duplicate\":0,\"rejected\":1"), std::string::npos)
        << bad.substr(0, 40) << answer.body;
  }
}

TEST_F(Events, AsksForATokenWhereThePlacementDoes) {
  const auto placement = base::parse_uuid(kTokenPlacementId).value();
  const auto event_id = base::parse_uuid(make_event_id(1)).value();
  const base::Timestamp soon = clock_.now() + base::kMicrosPerMinute;
  const auto with_token = [&](unsigned number, const std::string& token) {
    std::string event = impression(make_event_id(number), ",\"token\":\"" + token + "\"");
    return event.replace(event.find("home-top"), 8, "guarded");
  };
  const std::string good = make_impression_token(placement, event_id, soon, *keys_);
  EXPECT_EQ(post_one(kImpressions, with_token(1, "")), "bad_token");
  EXPECT_EQ(post_one(kImpressions, with_token(2, good)), "bad_token");  // another event's
  EXPECT_EQ(post_one(kImpressions, with_token(1, good + "x")), "bad_token");
  EXPECT_EQ(post_one(kImpressions, with_token(1, make_impression_token(placement, event_id, clock_.now(), *keys_))),
            "bad_token");
  EXPECT_EQ(post_one(kImpressions, with_token(1, good)), "accepted");
}

TEST_F(Events, AnswersPreflightsAndBeacons) {
  const auto preflight =
      send("OPTIONS", kImpressions, "Origin: https://news.example\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(post(kImpressions, impression(make_event_id(1)), "Content-Type: text/plain\r\n").status, 202);
}

TEST_F(Events, ThrottlesAClient) {
  stop();
  Setup setup;
  setup.settings.requests_per_client = {.per_second = 1, .burst = 1};
  start(setup);
  EXPECT_EQ(post(kImpressions, impression(make_event_id(1))).status, 202);
  const auto second = post(kImpressions, impression(make_event_id(2)));
  EXPECT_EQ(second.status, 429);
  EXPECT_EQ(second.header("Retry-After"), "1");
}

}  // namespace
}  // namespace tallystick::capture
