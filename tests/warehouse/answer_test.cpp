#include "warehouse/answer.h"

#include <gtest/gtest.h>

namespace tallystick::warehouse {
namespace {

http::ClientResponse answer(int status, std::string body, std::string number = "") {
  http::ClientResponse out{.status = status, .headers = {}, .body = std::move(body)};
  if (!number.empty()) {
    out.headers.emplace_back("x-clickhouse-exception-code", std::move(number));
  }
  return out;
}

TEST(Answer, ErrorsKeepClickHousesNumberAndFirstLine) {
  const base::Error error =
      explain_answer(answer(404, "Code: 60. DB::Exception: Table a.b does not exist.\nstack\n", "60"));
  EXPECT_EQ(error.code, "clickhouse_60");
  EXPECT_EQ(error.message, "Code: 60. DB::Exception: Table a.b does not exist.");
  EXPECT_EQ(clickhouse_number(error), 60);
}

TEST(Answer, FindsTheNumberInTheTextWithoutAHeader) {
  EXPECT_EQ(find_error_number(answer(500, "Code: 241. DB::Exception: Memory limit")), 241);
  EXPECT_EQ(find_error_number(answer(500, "Code: x")), std::nullopt);
  EXPECT_EQ(find_error_number(answer(502, "<html>Bad Gateway</html>")), std::nullopt);
}

TEST(Answer, MapsNumbersToKinds) {
  const auto kind = [](const char* number) {
    return explain_answer(answer(500, "Code", number)).kind;
  };
  EXPECT_EQ(kind("159"), base::ErrorKind::kTimeout);
  EXPECT_EQ(kind("202"), base::ErrorKind::kUnavailable);
  EXPECT_EQ(kind("516"), base::ErrorKind::kUnavailable) << "our account at the warehouse is not the caller's";
  EXPECT_EQ(kind("62"), base::ErrorKind::kInternal) << "a syntax error is a bug of ours";
}

TEST(Answer, WhatIsNotClickHouseIsUnreachable) {
  EXPECT_EQ(explain_answer(answer(502, "<html>")).code, "warehouse_unreachable");
  EXPECT_EQ(explain_answer(answer(404, "nothing here")).code, "warehouse_bad_answer");
}

TEST(Answer, TellsWhatWasNotSentFromWhatMayHaveHappened) {
  const auto code = [](const char* of) {
    return explain_failure({base::ErrorKind::kUnavailable, of, "x"}).code;
  };
  EXPECT_EQ(code("connect_failed"), "warehouse_unreachable");
  EXPECT_EQ(code("tls_failed"), "warehouse_unreachable");
  EXPECT_EQ(code("transfer_failed"), "warehouse_connection_lost");
  EXPECT_EQ(code("timeout"), "warehouse_timeout");
  EXPECT_EQ(code("response_too_large"), "warehouse_answer_too_large");
  EXPECT_EQ(code("cancelled"), "warehouse_stopping");
}

TEST(Answer, OnlyPassingFailuresAreWorthAnotherAttempt) {
  const auto passes = [](const char* code) {
    return is_passing({base::ErrorKind::kUnavailable, code, ""});
  };
  EXPECT_TRUE(passes("warehouse_unreachable"));
  EXPECT_TRUE(passes("warehouse_connection_lost"));
  EXPECT_TRUE(passes("clickhouse_202"));
  EXPECT_TRUE(passes("clickhouse_216")) << "the first attempt still runs under the same query id";
  EXPECT_FALSE(passes("warehouse_timeout"));
  EXPECT_FALSE(passes("clickhouse_62"));
  EXPECT_FALSE(passes("clickhouse_241"));
  EXPECT_FALSE(passes("clickhouse_"));
}

}  // namespace
}  // namespace tallystick::warehouse
