#include "capture/consent.h"

#include "capture/dead_letter.h"
#include "capture/identity.h"
#include "tests/capture/capture_fixture.h"

namespace tallystick::capture {
namespace {

using journal::ConsentBasis;
using journal::RecordKind;

// Purposes 1 to 10 given; and the same without purpose 7. Made with @iabtcf/core 1.5.6, vendor list of no vendors.
constexpr std::string_view kAllPurposes = "CQAAAAAQAAAAAAHABBENAAEgAP_AAAAAAAAAAAAAAAAAAAAA";

struct ConsentCase {
  const char* name;
  ConsentSignals signals;
  ConsentBasis basis;
  bool has_analytics;
};

TEST(Consent, IsDecidedInTheOrderOfTheSpec) {
  const ConsentCase cases[] = {
      {"nothing said", {}, ConsentBasis::kDefault, false},
      {"explicit yes", {.analytics = true}, ConsentBasis::kExplicit, true},
      {"explicit no", {.analytics = false}, ConsentBasis::kExplicit, false},
      {"only marketing is stated", {.marketing = true}, ConsentBasis::kExplicit, false},
      {"privacy control beats explicit", {.global_privacy_control = "1", .analytics = true}, ConsentBasis::kGpc, false},
      {"privacy control beats a string",
       {.global_privacy_control = "1", .gdpr = "1", .tcf = kAllPurposes},
       ConsentBasis::kGpc,
       false},
      {"only 1 means anything", {.global_privacy_control = "0", .analytics = true}, ConsentBasis::kExplicit, true},
      {"empty string", {.gdpr = "1", .analytics = true}, ConsentBasis::kTcf, false},
      {"malformed string", {.gdpr = "1", .tcf = "COxx!", .analytics = true}, ConsentBasis::kTcf, false},
      {"string, but no gdpr", {.gdpr = "0", .tcf = kAllPurposes}, ConsentBasis::kDefault, false},
  };
  for (const ConsentCase& c : cases) {
    const journal::Consent consent = decide_consent(c.signals, {});
    EXPECT_EQ(consent.basis, c.basis) << c.name;
    EXPECT_EQ(consent.has_analytics, c.has_analytics) << c.name;
  }
}

TEST(Consent, FollowsTheConfiguredDefaultOnlyWhenNothingIsSaid) {
  const ConsentSettings settings{.vendor_id = 0, .default_analytics = true, .default_marketing = false};
  EXPECT_TRUE(decide_consent({}, settings).has_analytics);
  EXPECT_FALSE(decide_consent({.analytics = false}, settings).has_analytics);
  EXPECT_FALSE(decide_consent({.gdpr = "1"}, settings).has_analytics);
}

TEST(Consent, ReadsTheWordsOfALink) {
  const auto analytics_of = [](std::string_view words) {
    ConsentSignals signals;
    parse_consent_words(words, signals);
    return signals.analytics;
  };
  EXPECT_EQ(analytics_of("analytics"), true);
  EXPECT_EQ(analytics_of("analytics,marketing"), true);
  EXPECT_EQ(analytics_of("marketing"), false);
  EXPECT_EQ(analytics_of("none"), false);
  EXPECT_EQ(analytics_of("none,analytics"), false);
  EXPECT_EQ(analytics_of(""), std::nullopt);
  EXPECT_EQ(analytics_of("everything"), std::nullopt);
}

TEST(Identity, NamesAPersonTheSameWhetherHashedByTheClientOrNot) {
  const crypto::HmacKey pepper(std::array<std::uint8_t, 4>{1, 2, 3, 4});
  // SHA-256 of "00112233-4455-6677-8899-aabbccddeeff".
  const auto digest = crypto::sha256("00112233-4455-6677-8899-aabbccddeeff");
  std::string hex;
  for (const std::uint8_t byte : digest) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  const auto by_uuid = hash_user(pepper, "00112233-4455-6677-8899-AABBCCDDEEFF");
  ASSERT_TRUE(by_uuid.has_value());
  EXPECT_EQ(by_uuid, hash_user(pepper, hex));
  EXPECT_NE(by_uuid, hash_session(pepper, "00112233-4455-6677-8899-aabbccddeeff"));
  EXPECT_FALSE(hash_user(pepper, "bob").has_value());
  EXPECT_FALSE(hash_session(pepper, "").has_value());
  EXPECT_FALSE(hash_session(pepper, std::string(129, 'x')).has_value());
}

class Lawful : public CaptureFixture {
 protected:
  static constexpr std::string_view kUser = "5f0c7d7e-9d3b-4f6a-8a43-111122223333";
  static constexpr std::string_view kSession = "session-4711-needle";

  std::string personal_members() const {
    return ",\"user_id\":\"" + std::string(kUser) + "\",\"session_id\":\"" + std::string(kSession) + "\"";
  }
  // Everything that could name the person: raw, hashed, and what the request itself tells.
  void expect_no_trace() {
    settle();
    const auto pepper = keys_->signer(crypto::KeyPurpose::kPepper).key;
    const auto user = hash_user(*pepper, kUser).value();
    const auto session = hash_session(*pepper, kSession).value();
    const std::string_view needles[] = {kUser,
                                        kSession,
                                        kBrowser,
                                        "Chrome/126",
                                        {reinterpret_cast<const char*>(user.data()), user.size()},
                                        {reinterpret_cast<const char*>(session.data()), session.size()}};
    for (const std::string_view needle : needles) {
      EXPECT_FALSE(has_bytes_on_disk(needle)) << needle;
    }
    for (const StoredRecord& record : records()) {
      EXPECT_TRUE(record.personal.empty()) << record.sequence;
    }
  }
};

TEST_F(Lawful, NothingOfAPersonIsStoredWithoutConsent) {
  post("/api/monetization/impression", impression(make_event_id(1), personal_members()));
  post("/api/monetization/impression",
       impression(make_event_id(2), personal_members() + ",\"consent\":{\"analytics\":true}"),
       "Sec-GPC: 1\r\n");
  post("/api/monetization/impression",
       impression(make_event_id(3), personal_members() + ",\"consent\":{\"gdpr\":1,\"tcf\":\"\",\"analytics\":true}"));
  post("/api/exposure/batch", "{\"events\":[" + exposure(make_event_id(4), personal_members()) + "]}");
  post("/api/exposure/batch",
       "{\"events\":[" + exposure(make_event_id(5), personal_members() + ",\"rank_position\":-1") + "]}");
  post("/api/exposure/batch", "{\"events\":[{\"broken\" 1" + personal_members() + "}]}");
  get(sign({.parameters = {{"user", std::string(kUser)}, {"session", std::string(kSession)}}}));
  get(sign({.event_id = make_event_id(6),
            .parameters = {{"user", std::string(kUser)}, {"session", std::string(kSession)}, {"consent", "none"}}}));
  post("/api/conversions",
       "{\"order_id\":\"1\",\"type\":\"sale\",\"merchant_id\":\"boots\",\"occurred_at\":\"" + now_text() + "\"" +
           personal_members() + "}",
       "Authorization: Bearer " + std::string(kApiKey) + "\r\n");
  expect_no_trace();
  EXPECT_EQ(records(RecordKind::kImpression).size(), 4U);
  EXPECT_EQ(records(RecordKind::kDeadLetter).size(), 2U);
  EXPECT_EQ(records(RecordKind::kClick).size(), 2U);
}

TEST_F(Lawful, ConsentKeepsHashesATruncatedAddressAndTheAgent) {
  post("/api/monetization/impression",
       impression(make_event_id(1), personal_members() + ",\"consent\":{\"analytics\":true}"));
  get(sign(
      {.parameters = {{"user", std::string(kUser)}, {"session", std::string(kSession)}, {"consent", "analytics"}}}));
  const auto pepper = keys_->signer(crypto::KeyPurpose::kPepper).key;
  const auto stored = records();
  ASSERT_GE(stored.size(), 2U);
  for (const StoredRecord& record : {stored[0], stored[1]}) {
    const auto personal = journal::decode_personal(record.personal).value();
    EXPECT_EQ(personal.user, hash_user(*pepper, kUser));
    EXPECT_EQ(personal.session, hash_session(*pepper, kSession));
    EXPECT_EQ(personal.ip, base::parse_ip("127.0.0.0").value());
    EXPECT_EQ(personal.user_agent, kBrowser);
  }
  EXPECT_EQ(stored[0].impression().consent.basis, ConsentBasis::kExplicit);
  EXPECT_FALSE(has_bytes_on_disk(kUser));
  EXPECT_FALSE(has_bytes_on_disk(kSession));
}

TEST_F(Lawful, ConsentBesideTheEventsGoesForThoseThatStateNone) {
  const std::string body = "{\"consent\":{\"analytics\":true},\"events\":[" + impression(make_event_id(1)) + "," +
                           impression(make_event_id(2), ",\"consent\":{\"analytics\":false}") + "]}";
  EXPECT_EQ(post("/api/monetization/impression", body).status, 202);
  const auto stored = records(RecordKind::kImpression);
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_TRUE(stored[0].impression().consent.has_analytics);
  EXPECT_FALSE(stored[1].impression().consent.has_analytics);
}

TEST(DeadLetterRaw, KeepsTheEventButNothingPersonal) {
  const std::string raw = make_dead_letter_raw(
      R"({"event_id":"1","USER_ID":"u","nested":{"ip":"1.2.3.4","ok":2},"consent":{"tcf":"CO"},"session_id":3})",
      {.has_analytics = true, .has_marketing = false, .basis = ConsentBasis::kTcf},
      {},
      1024);
  EXPECT_EQ(raw, R"({"event_id":"1","nested":{"ok":2},"consent":{"analytics":true,"marketing":false,"basis":"tcf"}})");
  const journal::Consent consent = read_dead_letter_consent(raw);
  EXPECT_TRUE(consent.has_analytics);
  EXPECT_EQ(consent.basis, ConsentBasis::kTcf);
  EXPECT_EQ(make_dead_letter_raw("{\"user_id\":", {}, {}, 1024), "{\"unparsed_bytes\":11}");
}

}  // namespace
}  // namespace tallystick::capture
