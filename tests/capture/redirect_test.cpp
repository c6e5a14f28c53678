#include "base/encoding.h"
#include "tests/capture/capture_fixture.h"

namespace tallystick::capture {
namespace {

using journal::RecordKind;

class Redirect : public CaptureFixture {};

TEST_F(Redirect, SendsTheVisitorOnWithOurClickIdAndNoTraces) {
  const auto answer =
      get(sign({.parameters = {{"placement", "home-top"}, {"sub", "a b&c\r\nX: y"}, {"campaign", "c1"}}}));
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.header("Location"),
            "https://shop.example.com/shoes?p=home-top&s=&x=a%20b%26c%0D%0AX%3A%20y"
            "&clickref=0192f0c1-1111-7000-8000-000000000001");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store, private");
  EXPECT_EQ(answer.header("Referrer-Policy"), "strict-origin-when-cross-origin");
  EXPECT_EQ(answer.header("X-Robots-Tag"), "noindex, nofollow");
  const auto clicks = records(RecordKind::kClick);
  ASSERT_EQ(clicks.size(), 1U);
  EXPECT_EQ(clicks[0].event_id, base::parse_uuid("0192f0c1-1111-7000-8000-000000000001").value());
  const journal::Click click = clicks[0].click();
  EXPECT_EQ(base::format_uuid(click.placement_id), kPlacementId);
  EXPECT_EQ(click.campaign, "c1");
  EXPECT_EQ(click.verdict.klass, journal::VerdictClass::kValid);
  EXPECT_EQ(click.agent_class, journal::AgentClass::kDesktop);
  EXPECT_EQ(click.key_id, keys_->signer(crypto::KeyPurpose::kLink).id);
}

TEST_F(Redirect, RefusesWhateverWasChangedAfterSigning) {
  const std::string good = sign({.parameters = {{"campaign", "c1"}}});
  std::string changed = good;
  changed.replace(changed.find("campaign=c1"), 11, "campaign=c2");
  std::string other_event = good;
  other_event.replace(other_event.find("000000000001?"), 13, "000000000002?");
  const std::string cases[] = {changed,
                               other_event,
                               good + "&extra=1",
                               good + "x",
                               good.substr(0, good.size() - 1),
                               good.substr(0, good.find('?')),
                               good + "&campaign=c1",
                               good.substr(0, good.find("&sig=")) + "&sig="};
  for (const std::string& target : cases) {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, 400) << target;
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << target;
  }
  EXPECT_TRUE(records(RecordKind::kClick).empty());
  settle();
  // One record for the flood: the clock stands still, so the rest are counted for the next one.
  EXPECT_EQ(records(RecordKind::kSecurityEvent).size(), 1U);
  clock_.advance_us(2 * base::kMicrosPerSecond);
  EXPECT_EQ(get(changed).status, 400);
  settle();
  const auto events = records(RecordKind::kSecurityEvent);
  ASSERT_EQ(events.size(), 2U);
  const auto event = journal::decode_security_event(events[1].fields).value();
  EXPECT_EQ(event.type, "link_signature");
  EXPECT_EQ(event.suppressed, std::size(cases) - 1);
  EXPECT_EQ(capture_->alerts().take_all().size(), 2U);
}

TEST_F(Redirect, IsIndifferentToOrderAndEncodingOfParameters) {
  const std::string target = sign({.parameters = {{"campaign", "c 1"}, {"sub", "~x"}}});
  const std::size_t query = target.find('?');
  std::string turned = target.substr(0, query + 1);
  std::vector<std::string> pairs;
  std::string rest = target.substr(query + 1) + "&";
  for (std::size_t at = 0; (at = rest.find('&')) != std::string::npos; rest.erase(0, at + 1)) {
    pairs.push_back(rest.substr(0, at));
  }
  for (auto pair = pairs.rbegin(); pair != pairs.rend(); ++pair) {
    turned += *pair + "&";
  }
  turned.replace(turned.find("c%201"), 5, "%63+1");
  turned.replace(turned.find("sub=~x"), 6, "s%75b=%7ex");
  EXPECT_EQ(get(turned).status, 302) << turned;
}

struct PageCase {
  const char* name;
  LinkParts parts;
  int status;
  const char* text;
};

TEST_F(Redirect, AnswersWithAPageWhereItCannotRedirect) {
  LinkParts expired;
  expired.lifetime_us = -base::kMicrosPerSecond;
  const PageCase cases[] = {
      {"expired", expired, 410, "expired"},
      {"unknown partner", {.partner = "nobody"}, 404, "leads nowhere"},
      {"unknown link", {.link = "hats"}, 404, "leads nowhere"},
      {"paused partner", {.partner = "paused"}, 403, "not available"},
      {"paused link", {.link = "resting"}, 403, "not available"},
      {"host not allowed", {.link = "evil"}, 403, "was stopped"},
  };
  for (const PageCase& page : cases) {
    const auto answer = get(sign(page.parts));
    EXPECT_EQ(answer.status, page.status) << page.name;
    EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8") << page.name;
    EXPECT_EQ(answer.header("X-Robots-Tag"), "noindex, nofollow") << page.name;
    EXPECT_NE(answer.body.find(page.text), std::string::npos) << page.name;
    const bool has_way_on = answer.body.find("href=\"https://shop.example.com/\"") != std::string::npos;
    EXPECT_EQ(has_way_on, std::string_view(page.name) != "unknown partner") << page.name;
  }
  settle();
  EXPECT_TRUE(records(RecordKind::kClick).empty());
  ASSERT_EQ(records(RecordKind::kSecurityEvent).size(), 1U);
  EXPECT_EQ(journal::decode_security_event(records(RecordKind::kSecurityEvent)[0].fields).value().type,
            "destination_host");
}

TEST_F(Redirect, RefusesAnEventIdThatIsNone) {
  EXPECT_EQ(get("/go/acme/shoes/not-a-uuid?exp=1&kid=k&sig=s").status, 400);
}

TEST_F(Redirect, RedirectsTheSameEventAgainButCountsItOnce) {
  const std::string target = sign({});
  EXPECT_EQ(get(target).status, 302);
  const auto again = get(target);
  EXPECT_EQ(again.status, 302);
  EXPECT_NE(again.header("Location"), "");
  EXPECT_EQ(records(RecordKind::kClick).size(), 1U);
  EXPECT_EQ(capture_->statistics().of(ClickOutcome::kDuplicate).value(), 1U);
}

TEST_F(Redirect, RecordsPrefetchesApartSoThatTheClickAfterStillCounts) {
  const std::string target = sign({});
  EXPECT_EQ(get(target, "Sec-Purpose: prefetch;prerender\r\n").status, 302);
  EXPECT_EQ(get(target, "Purpose: prefetch\r\n").status, 302);
  EXPECT_EQ(get(target, "X-Moz: prefetch\r\n").status, 302);
  support::RawConnection connection(server_->port());
  ASSERT_TRUE(
      connection.send("HEAD " + target + " HTTP/1.1\r\nHost: x\r\nUser-Agent: " + std::string(kBrowser) + "\r\n\r\n"));
  const auto head = connection.receive(false);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->status, 302);
  EXPECT_EQ(get(target).status, 302);
  const auto clicks = records(RecordKind::kClick);
  ASSERT_EQ(clicks.size(), 2U);  // one prefetch, however often it came, and the click
  EXPECT_TRUE(clicks[0].click().verdict.has(journal::Reason::kPrefetch));
  EXPECT_EQ(clicks[0].click().verdict.klass, journal::VerdictClass::kGivt);
  EXPECT_NE(clicks[0].event_id, clicks[1].event_id);
  EXPECT_EQ(clicks[1].click().verdict.klass, journal::VerdictClass::kValid);
}

TEST_F(Redirect, ThrottlesAPartnerAndSaysWhenToComeBack) {
  int statuses[4];
  support::RawAnswer last;
  for (unsigned i = 0; i < 4; ++i) {
    last = get(sign({.partner = "slow", .event_id = make_event_id(i)}));
    statuses[i] = last.status;
  }
  EXPECT_EQ(statuses[0], 302);
  EXPECT_EQ(statuses[1], 302);
  EXPECT_EQ(statuses[2], 429);
  EXPECT_EQ(statuses[3], 429);
  EXPECT_EQ(last.header("Retry-After"), "1");
  clock_.advance_us(base::kMicrosPerSecond);
  EXPECT_EQ(get(sign({.partner = "slow", .event_id = make_event_id(9)})).status, 302);
}

TEST_F(Redirect, ThrottlesAClient) {
  stop();
  Setup setup;
  setup.settings.clicks_per_client = {.per_second = 1, .burst = 1};
  start(setup);
  EXPECT_EQ(get(sign({})).status, 302);
  EXPECT_EQ(get(sign({.event_id = make_event_id(2)})).status, 429);
}

TEST_F(Redirect, AnswersUnavailableWhenTheJournalRefuses) {
  stop();
  start({.settings = {}, .max_queued_bytes = 1, .reactors = 1});
  const auto click = get(sign({}));
  EXPECT_EQ(click.status, 503);
  EXPECT_EQ(click.header("Retry-After"), "1");
  EXPECT_EQ(click.header("Location"), "");
  const auto events = post("/api/monetization/impression", impression(make_event_id(1)));
  EXPECT_EQ(events.status, 503);
  EXPECT_EQ(events.header("Retry-After"), "1");
  EXPECT_EQ(get("/postback/acme?cid=x").status, 503);
  EXPECT_TRUE(records().empty());
}

TEST_F(Redirect, RecordsWhichClicksWereHandedToTheKernel) {
  EXPECT_EQ(get(sign({})).status, 302);
  EXPECT_EQ(get(sign({.event_id = make_event_id(2)})).status, 302);
  EXPECT_TRUE(records(RecordKind::kForwarding).empty());
  clock_.advance_us(base::kMicrosPerSecond);
  EXPECT_EQ(get(sign({.event_id = make_event_id(3)})).status, 302);
  stop();  // what is left is written at the end
  start();
  std::vector<std::uint64_t> forwarded;
  for (const StoredRecord& record : records(RecordKind::kForwarding)) {
    std::vector<std::uint64_t> sequences;
    const auto forwarding = journal::decode_forwarding(record.fields, sequences).value();
    EXPECT_EQ(forwarding.state, journal::ForwardingState::kForwarded);
    forwarded.insert(forwarded.end(), sequences.begin(), sequences.end());
  }
  std::vector<std::uint64_t> clicks;
  for (const StoredRecord& record : records(RecordKind::kClick)) {
    clicks.push_back(record.sequence);
  }
  EXPECT_EQ(forwarded, clicks);
}

TEST_F(Redirect, AnswersEveryPipelinedRequestInOrder) {
  constexpr unsigned kRequests = 100;
  std::string bytes;
  for (unsigned i = 0; i < kRequests; ++i) {
    bytes += "GET " + sign({.event_id = make_event_id(i)}) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  support::RawConnection connection(server_->port());
  ASSERT_TRUE(connection.send(bytes));
  for (unsigned i = 0; i < kRequests; ++i) {
    const auto answer = connection.receive();
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->status, 302);
    EXPECT_NE(answer->header("Location").find(make_event_id(i)), std::string::npos) << i;
  }
  EXPECT_EQ(records(RecordKind::kClick).size(), kRequests);
}

}  // namespace
}  // namespace tallystick::capture
