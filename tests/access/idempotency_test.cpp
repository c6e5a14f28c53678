#include "access/idempotency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/database_test.h"

namespace tallystick::access {
namespace {

class Idempotency : public support::DatabaseTest {
 protected:
  http::Request request(const std::string& key, const std::string& body, const std::string& principal = "p1") {
    http::Request made;
    made.method = http::Method::kPost;
    made.target = made.path = "/api/things";
    made.body = body;
    made.principal.id = principal;
    if (!key.empty()) {
      made.headers = {{"Idempotency-Key", key}};
    }
    return made;
  }
  // Answers with a count of how often it ran.
  http::Handler counting(int status = 201) {
    return make_idempotent(database(), clock_, [this, status](const http::Request&) {
      http::Response response = http::json_response(status, std::to_string(++runs_));
      response.headers.emplace_back("Location", "/api/things/1");
      return response;
    });
  }

  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};
  int runs_ = 0;
};

TEST_P(Idempotency, SameKeyAndRequestAnswersTheSameWithoutRunningAgain) {
  const auto handler = counting();
  const auto first = handler(request("k1", "{}"));
  const auto second = handler(request("k1", "{}"));
  EXPECT_EQ(runs_, 1);
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.content_type, first.content_type);
  EXPECT_THAT(second.headers, testing::Contains(testing::Pair("Location", "/api/things/1")));
  EXPECT_THAT(second.headers, testing::Contains(testing::Pair("Idempotency-Replayed", "true")));
}

TEST_P(Idempotency, OtherPayloadWithTheSameKeyIs422) {
  const auto handler = counting();
  handler(request("k1", "{}"));
  const auto second = handler(request("k1", R"({"other":1})"));
  EXPECT_EQ(second.status, 422);
  EXPECT_THAT(second.body, testing::HasSubstr("idempotency_key_reused"));
  EXPECT_EQ(runs_, 1);
}

TEST_P(Idempotency, SecondRequestWhileTheFirstRunsIs409) {
  http::Handler handler;
  int inner_status = 0;
  handler = make_idempotent(database(), clock_, [&](const http::Request& outer) {
    if (inner_status == 0) {
      inner_status = -1;
      inner_status = handler(outer).status;
    }
    return http::json_response(201, "{}");
  });
  EXPECT_EQ(handler(request("k1", "{}")).status, 201);
  EXPECT_EQ(inner_status, 409);
}

TEST_P(Idempotency, KeysOfDifferentPrincipalsDoNotMeet) {
  const auto handler = counting();
  handler(request("k1", "{}", "p1"));
  handler(request("k1", "{}", "p2"));
  EXPECT_EQ(runs_, 2);
}

TEST_P(Idempotency, ServerErrorsAreTriedAgain) {
  const auto handler = counting(503);
  handler(request("k1", "{}"));
  handler(request("k1", "{}"));
  EXPECT_EQ(runs_, 2);
}

TEST_P(Idempotency, ExceptionReleasesTheKey) {
  const auto handler = make_idempotent(database(), clock_, [this](const http::Request&) -> http::Response {
    if (++runs_ == 1) {
      throw std::runtime_error("broken");
    }
    return http::json_response(201, "{}");
  });
  EXPECT_THROW(handler(request("k1", "{}")), std::runtime_error);
  EXPECT_EQ(handler(request("k1", "{}")).status, 201);
}

TEST_P(Idempotency, KeysAreForgottenAfterADay) {
  const auto handler = counting();
  handler(request("k1", "{}"));
  clock_.advance_us(24 * base::kMicrosPerHour + 1);
  handler(request("k1", "{}"));
  EXPECT_EQ(runs_, 2);
}

TEST_P(Idempotency, WithoutTheHeaderNothingChanges) {
  const auto handler = counting();
  handler(request("", "{}"));
  handler(request("", "{}"));
  EXPECT_EQ(runs_, 2);
}

TEST_P(Idempotency, UnprintableOrLongKeysAreRefused) {
  const auto handler = counting();
  EXPECT_EQ(handler(request("with space", "{}")).status, 400);
  EXPECT_EQ(handler(request(std::string(256, 'k'), "{}")).status, 400);
  EXPECT_EQ(handler(request(std::string(255, 'k'), "{}")).status, 201);
}

TALLY_ON_BOTH_DATABASES(Idempotency);

}  // namespace
}  // namespace tallystick::access
