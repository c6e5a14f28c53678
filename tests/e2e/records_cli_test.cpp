// Partners, links, coupons and jobs on the command line, against a running server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/instance.h"

namespace tallystick::e2e {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

TEST(RecordsCli, PartnersLinksAndCouponsAreMadeChangedAndRemoved) {
  Instance instance;
  const auto empty = instance.run({"partner", "list"});
  EXPECT_EQ(empty.exit_code, 0);
  EXPECT_THAT(empty.output, HasSubstr("no partner yet"));
  EXPECT_THAT(empty.output, HasSubstr("tallystick partner create"));
  const auto made = instance.run({"partner",
                                  "create",
                                  "acme",
                                  "--name",
                                  "Acme, Inc.",
                                  "--currency",
                                  "EUR",
                                  "--allowed-host",
                                  "shop.example.com",
                                  "--allowed-host",
                                  "*.acme.example"});
  ASSERT_EQ(made.exit_code, 0) << made.output;
  EXPECT_THAT(made.output, HasSubstr("Created partner acme."));
  EXPECT_EQ(instance.run({"partner", "create", "acme", "--name", "A", "--currency", "EUR"}).exit_code, 1);
  EXPECT_EQ(instance.run({"partner", "create", "other", "--name", "A"}).exit_code, 2) << "without its currency";
  EXPECT_EQ(instance.run({"partner", "change", "acme"}).exit_code, 2) << "with nothing to change";
  const json::value changed = instance.run_json(
      {"partner", "change", "acme", "--tolerance-basis-points", "150", "--allows-http", "true", "--if-version", "1"});
  EXPECT_EQ(changed.at("tolerance_basis_points").as_int64(), 150);
  EXPECT_TRUE(changed.at("allows_http").as_bool());
  EXPECT_EQ(changed.at("allowed_hosts").as_array().size(), 2U) << "what was not named stays";
  EXPECT_NE(instance.run({"partner", "change", "acme", "--name", "B", "--if-version", "1"}).exit_code, 0);
  EXPECT_THAT(instance.run({"partner", "list", "--csv"}).output,
              HasSubstr("acme,\"Acme, Inc.\",generic,active,EUR,UTC,150\r\n"));

  ASSERT_EQ(
      instance.run({"link", "create", "acme", "spring", "--destination", "https://shop.example.com/?c={click_id}"})
          .exit_code,
      0);
  EXPECT_EQ(instance.run_json({"link", "pause", "acme", "spring"}).at("status").as_string(), "paused");
  EXPECT_EQ(instance.run_json({"link", "resume", "acme", "spring"}).at("status").as_string(), "active");
  EXPECT_EQ(instance.run_json({"link", "change", "acme", "spring", "--coupon", "TEN"}).at("coupon").as_string(), "TEN");
  EXPECT_THAT(instance.run({"link", "list", "acme"}).output, HasSubstr("spring"));

  ASSERT_EQ(instance.run({"coupon", "create", "acme", "TEN", "--discount-kind", "amount", "--discount-value", "10"})
                .exit_code,
            0);
  EXPECT_EQ(instance.run_json({"coupon", "change", "acme", "TEN", "--expires-at", "2099-01-01T00:00:00Z"})
                .at("expires_at")
                .as_string(),
            "2099-01-01T00:00:00Z");
  EXPECT_TRUE(
      instance.run_json({"coupon", "change", "acme", "TEN", "--expires-at", "none"}).at("expires_at").is_null());
  EXPECT_THAT(instance.run({"coupon", "list", "acme", "--csv"}).output, HasSubstr("TEN,amount,10.00,EUR,,,,false\r\n"));
  const auto in_use = instance.run({"partner", "remove", "acme"});
  EXPECT_EQ(in_use.exit_code, 1);
  EXPECT_THAT(in_use.output, HasSubstr("pause it instead"));
  EXPECT_EQ(instance.run({"coupon", "remove", "acme", "TEN", "--reason", "void"}).exit_code, 0);
  const json::value trail = instance.run_json({"audit", "list", "--action", "coupon.delete"});
  EXPECT_THAT(json::serialize(trail), HasSubstr("\"reason\":\"void\""));
}

TEST(RecordsCli, AScheduleIsRunAndItsJobFollowed) {
  Instance instance;
  EXPECT_THAT(instance.run({"jobs", "schedules"}).output, HasSubstr("retention"));
  const json::value job = instance.run_json({"jobs", "run", "retention", "--follow"});
  EXPECT_EQ(job.at("state").as_string(), "done");
  EXPECT_EQ(job.at("result").at("segments_dropped").as_int64(), 0);
  const std::string id(job.at("id").as_string());
  EXPECT_THAT(instance.run({"jobs", "list", "--kind", "retention"}).output, HasSubstr(id));
  EXPECT_THAT(instance.run({"jobs", "show", id, "--follow"}).output, HasSubstr("done"));
  EXPECT_EQ(instance.run({"jobs", "cancel", id}).exit_code, 1);
  EXPECT_EQ(instance.run({"jobs", "retry", id}).exit_code, 1);
  EXPECT_EQ(instance.run({"jobs", "run", "nonsense"}).exit_code, 1);
  EXPECT_THAT(instance.run({"jobs", "list", "--state", "dead"}).output, HasSubstr("no such job"));
}

}  // namespace
}  // namespace tallystick::e2e
