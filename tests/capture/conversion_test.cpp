#include <boost/json.hpp>

#include "base/encoding.h"
#include "capture/conversion_parser.h"
#include "tests/capture/capture_fixture.h"

namespace tallystick::capture {
namespace {

using journal::ConversionStatus;
using journal::RecordKind;

class Conversions : public CaptureFixture {
 protected:
  support::RawAnswer convert(const std::string& body, std::string_view key = kApiKey) const {
    return post("/api/conversions", body, "Authorization: Bearer " + std::string(key) + "\r\n");
  }
  std::string order(const std::string& more = "") const {
    return R"({"order_id":"o-1","click_id":"0192f0c1-1111-7000-8000-000000000001","type":"sale","amount":"19.99",)"
           R"("commission":1.5,"currency":"EUR","occurred_at":")" +
           now_text() + "\"" + more + "}";
  }
};

TEST_F(Conversions, KeepMoneyExactAndTheSource) {
  EXPECT_EQ(convert(order()).status, 202);
  const auto stored = records(RecordKind::kConversion);
  ASSERT_EQ(stored.size(), 1U);
  const journal::Conversion seen = stored[0].conversion();
  EXPECT_EQ(seen.amount_minor, 1999);
  EXPECT_EQ(seen.commission_minor, 150);
  EXPECT_EQ(seen.currency, "EUR");
  EXPECT_EQ(seen.source, "api:key-1");
  EXPECT_EQ(seen.status, ConversionStatus::kPending);
  EXPECT_EQ(base::format_uuid(seen.click_id), "0192f0c1-1111-7000-8000-000000000001");
  EXPECT_EQ(stored[0].event_id, make_conversion_id("api:key-1", "o-1", "sale", ConversionStatus::kPending));
  EXPECT_EQ(stored[0].event_id.bytes[6] >> 4, 8);
}

TEST_F(Conversions, AreIdempotentAndStatusChangesAreNewEvents) {
  EXPECT_NE(convert(order()).body.find("\"accepted\":1"), std::string::npos);
  EXPECT_NE(convert(order()).body.find("\"duplicate\":1"), std::string::npos);
  EXPECT_NE(convert(order(",\"status\":\"approved\"")).body.find("\"accepted\":1"), std::string::npos);
  EXPECT_NE(convert(order(",\"status\":\"LOCKED\"")).body.find("\"duplicate\":1"), std::string::npos);
  EXPECT_NE(convert(order(",\"status\":\"reversed\"")).body.find("\"accepted\":1"), std::string::npos);
  EXPECT_EQ(records(RecordKind::kConversion).size(), 3U);
}

TEST_F(Conversions, NeedAKeyWithTheScope) {
  EXPECT_EQ(post("/api/conversions", order()).status, 401);
  EXPECT_EQ(convert(order(), "tsk_unknown").status, 401);
  EXPECT_EQ(convert(order(), kReadOnlyKey).status, 403);
  EXPECT_TRUE(records().empty());
}

TEST_F(Conversions, AnswerACodeForEachFault) {
  const std::string time = ",\"occurred_at\":\"" + now_text() + "\"}";
  struct Case {
    std::string body;
    const char* code;
  };
  const Case cases[] = {
      {R"({"type":"sale","click_id":"0192f0c1-1111-7000-8000-000000000001")" + time, "missing_field"},
      {R"({"order_id":"1","click_id":"0192f0c1-1111-7000-8000-000000000001")" + time, "missing_field"},
      {R"({"order_id":"1","type":"sale")" + time, "missing_field"},
      {R"({"order_id":"1","type":"sale","user_id":"5f0c7d7e-9d3b-4f6a-8a43-111122223333")" + time, "missing_field"},
      {R"({"order_id":"1","type":"sale","click_id":"nope")" + time, "malformed_field"},
      {order(",\"amount\":1"), "duplicate_field"},
      {order(",\"status\":\"maybe\""), "malformed_field"},
      {order(",\"merchant_id\":\"nobody\""), "unknown_merchant"},
      {R"({"order_id":"1","type":"sale","click_id":"0192f0c1-1111-7000-8000-000000000001","amount":1)" + time,
       "missing_field"},
      {R"({"order_id":"1","type":"sale","click_id":"0192f0c1-1111-7000-8000-000000000001","amount":1,"currency":"EURO")" +
           time,
       "unknown_currency"},
      {R"({"order_id":"1","type":"sale","click_id":"0192f0c1-1111-7000-8000-000000000001","amount":1.005,"currency":"EUR")" +
           time,
       "malformed_field"},
      {R"({"order_id":"1","type":"sale","click_id":"0192f0c1-1111-7000-8000-000000000001","amount":1e2,"currency":"EUR")" +
           time,
       "malformed_field"},
  };
  for (const Case& c : cases) {
    const auto answer = convert(c.body);
    EXPECT_EQ(answer.status, 202) << c.body;
    EXPECT_NE(answer.body.find(std::string("\"code\":\"") + c.code + "\""), std::string::npos) << c.body << answer.body;
  }
  EXPECT_EQ(records(RecordKind::kDeadLetter).size(), std::size(cases));
}

class Postbacks : public CaptureFixture {};

TEST_F(Postbacks, UnderstandTheNetworksNames) {
  struct Case {
    const char* query;
    std::int64_t payout;
    const char* transaction;
    ConversionStatus status;
  };
  const Case cases[] = {
      {"cid=0192f0c1-1111-7000-8000-000000000001&payout=1.25&txid=t1&et=lead", 125, "t1", ConversionStatus::kPending},
      {"subid=0192f0c1-1111-7000-8000-000000000001&status=sale&payout=2&tid=t2",
       200,
       "t2",
       ConversionStatus::kApproved},
      {"ClickRef=0192f0c1-1111-7000-8000-000000000001&transaction_id=t3&status=declined",
       0,
       "t3",
       ConversionStatus::kReversed},
      {"clickid=0192f0c1-1111-7000-8000-000000000001&payout=%7Bpayout%7D&txid=t4", 0, "t4", ConversionStatus::kPending},
  };
  for (const Case& c : cases) {
    const auto answer = get("/postback/acme?" + std::string(c.query));
    EXPECT_EQ(answer.status, 200) << c.query;
    EXPECT_EQ(answer.body, "OK");
    const auto stored = records(RecordKind::kConversion);
    ASSERT_FALSE(stored.empty());
    const journal::Conversion seen = stored.back().conversion();
    EXPECT_EQ(seen.commission_minor, c.payout) << c.query;
    EXPECT_EQ(seen.transaction_id, c.transaction) << c.query;
    EXPECT_EQ(seen.status, c.status) << c.query;
    EXPECT_EQ(base::format_uuid(seen.click_id), "0192f0c1-1111-7000-8000-000000000001") << c.query;
    EXPECT_EQ(seen.currency, "EUR") << c.query;
    EXPECT_EQ(seen.source, "postback:acme") << c.query;
  }
}

TEST_F(Postbacks, AreTakenAsFormsToo) {
  const auto answer = post(
      "/postback/acme?txid=t9", "clickid=other-id&payout=3\r\n", "Content-Type: application/x-www-form-urlencoded\r\n");
  EXPECT_EQ(answer.status, 200);
  const auto stored = records(RecordKind::kConversion);
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored[0].conversion().sub, "other-id");
  EXPECT_TRUE(stored[0].conversion().click_id.is_nil());
  EXPECT_EQ(stored[0].conversion().commission_minor, 300);
}

TEST_F(Postbacks, CountOnceUnlessThePartnerAllowsMore) {
  for (const char* partner : {"acme", "acme", "repeating", "repeating"}) {
    EXPECT_EQ(get("/postback/" + std::string(partner) + "?cid=a&txid=b").status, 200);
  }
  EXPECT_EQ(records(RecordKind::kConversion).size(), 3U);
}

TEST_F(Postbacks, RefuseStrangersInPlainText) {
  struct Case {
    const char* target;
    int status;
  };
  const Case cases[] = {{"/postback/nobody?cid=a", 404},
                        {"/postback/fenced?cid=a", 403},
                        {"/postback/strict?cid=a", 401},
                        {"/postback/strict?cid=a&sig=00", 401},
                        {"/postback/acme?cid=a&cid=b", 400},
                        {"/postback/acme?cid=%zz", 400},
                        {"/postback/acme?payout=1", 400},
                        {"/postback/acme?cid=a&payout=much", 400},
                        {"/postback/acme?cid=a&payout=1&currency=XXQ", 400}};
  for (const Case& c : cases) {
    const auto answer = get(c.target);
    EXPECT_EQ(answer.status, c.status) << c.target;
    EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=utf-8") << c.target;
  }
  EXPECT_TRUE(records(RecordKind::kConversion).empty());
  EXPECT_EQ(records(RecordKind::kDeadLetter).size(), 3U);
}

TEST_F(Postbacks, AreAuthenticBySignature) {
  const crypto::HmacKey key(base::as_bytes("s3cret"));
  const crypto::Digest digest = key.sign("/postback/strict?cid=a&txid=b%20c");
  EXPECT_EQ(get("/postback/strict?txid=b+c&cid=a&sig=" + base::to_hex(digest)).status, 200);
  EXPECT_EQ(get("/postback/strict?txid=b%20c&cid=a&sig=" + base::to_base64url(digest)).status, 200);
  EXPECT_EQ(get("/postback/strict?txid=other&cid=a&sig=" + base::to_hex(digest)).status, 401);
}

}  // namespace
}  // namespace tallystick::capture
