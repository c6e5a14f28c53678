#include "capture/projector.h"

#include <boost/json.hpp>

#include "capture/batch_append.h"
#include "capture/dead_letter_routes.h"
#include "capture/recent_window.h"
#include "capture/replay.h"
#include "quality/verdict.h"
#include "tests/capture/capture_fixture.h"

namespace tallystick::capture {
namespace {

using journal::RecordKind;
namespace json = boost::json;

class Alerts final : public AlertSink {
 public:
  void raise(const Alert& alert) override { raised.push_back(alert); }
  [[nodiscard]] std::size_t count(std::string_view key) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(raised, [&](const Alert& alert) { return alert.dedupe_key == key; }));
  }
  std::vector<Alert> raised;
};

class Projection : public CaptureFixture {
 protected:
  void SetUp() override {
    CaptureFixture::SetUp();
    records::DatabaseOptions options;
    options.url = "sqlite://" + (directory_.path() / "records.db").string();
    auto opened = records::Database::open(options);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    database_ = *std::move(opened);
    ASSERT_TRUE(database_->migrate(clock_.now()).has_value());
    open_projector();
  }
  void TearDown() override {
    projector_.reset();
    replayer_.reset();
    CaptureFixture::TearDown();
  }
  void open_projector() {
    projector_ = std::make_unique<Projector>(*capture_, *database_, alerts_);
    ASSERT_TRUE(projector_->start().has_value());
  }
  void project() {
    const auto done = projector_->step(0);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  void restart() {
    projector_.reset();
    replayer_.reset();
    stop();
    start();
    open_projector();
  }
  std::vector<DeadLetterRow> letters(const DeadLetterFilter& filter = {}) {
    return database_
        ->read<std::vector<DeadLetterRow>>([&](soci::session& session) {
          return base::Result<std::vector<DeadLetterRow>>(list_dead_letters(session, filter, {}, 500));
        })
        .value();
  }
  ReplayReport replay(const DeadLetterFilter& filter) {
    if (replayer_ == nullptr) {
      replayer_ = std::make_unique<Replayer>(*capture_, *database_);
    }
    const auto report = replayer_->replay(filter, 100);
    EXPECT_TRUE(report.has_value()) << report.error().message;
    return report.value_or(ReplayReport{});
  }
  std::string lost(unsigned number, const std::string& more = "") const {
    std::string event = impression(make_event_id(number), more);
    return event.replace(event.find("home-top"), 8, "new-spot");
  }
  void add_placement(const char* slug) {
    auto catalog = make_catalog();
    CatalogPlacement placement;
    placement.id = base::parse_uuid("0192f0c1-0000-7000-8000-0000000000aa").value();
    placement.slug = slug;
    catalog->add(placement);
    catalog_.set(catalog);
  }

  Alerts alerts_;
  std::unique_ptr<records::Database> database_;
  std::unique_ptr<Projector> projector_;
  std::unique_ptr<Replayer> replayer_;
};

TEST_F(Projection, CopiesDeadLettersExactlyOnceAcrossRestarts) {
  post("/api/monetization/impression", lost(1, ",\"consent\":{\"analytics\":true},\"session_id\":\"s-1\""));
  project();
  post("/api/monetization/impression", lost(2));
  restart();
  project();
  project();
  const auto rows = letters();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].event_id, make_event_id(1));
  EXPECT_EQ(rows[0].endpoint, "impression");
  EXPECT_EQ(rows[0].code, "unknown_placement");
  EXPECT_EQ(rows[0].session_hash.size(), 64U);
  EXPECT_EQ(rows[0].user_hash, "");
  EXPECT_EQ(rows[0].raw.find("s-1"), std::string::npos);
  EXPECT_EQ(rows[1].session_hash, "");
  EXPECT_EQ(letters({.code = "stale_event", .endpoint = {}, .state = {}}).size(), 0U);
  EXPECT_EQ(letters({.code = {}, .endpoint = "impression", .state = "open"}).size(), 2U);
}

TEST_F(Projection, RaisesAnAlertAboveAHundredOpenDeadLetters) {
  for (unsigned batch = 0; batch < 2; ++batch) {
    std::string body = "{\"events\":[" + lost(batch * 50);
    for (unsigned i = 1; i < 50; ++i) {
      body += "," + lost(batch * 50 + i);
    }
    post("/api/monetization/impression", body + "]}");
  }
  project();
  EXPECT_EQ(alerts_.count("capture.dead_letters"), 0U);
  post("/api/monetization/impression", lost(100));
  project();
  EXPECT_EQ(alerts_.count("capture.dead_letters"), 1U);
}

TEST_F(Projection, ReplaysWithTheSameIdAndCountsNothingTwice) {
  post("/api/monetization/impression", lost(1, ",\"consent\":{\"analytics\":true},\"session_id\":\"s-1\""));
  std::string stale = exposure(make_event_id(2));
  stale.replace(
      stale.find(now_text()), now_text().size(), base::format_rfc3339(clock_.now() - 11 * base::kMicrosPerMinute));
  post("/api/exposure/batch", "{\"events\":[" + stale + "]}");
  project();
  clock_.advance_us(base::kMicrosPerHour);
  ReplayReport report = replay({});
  EXPECT_EQ(report.rejected, 1);  // the placement is still unknown
  EXPECT_EQ(report.accepted, 1);
  EXPECT_EQ(letters({.code = {}, .endpoint = {}, .state = "open"}).size(), 1U);
  add_placement("new-spot");
  report = replay({});
  EXPECT_EQ(report.accepted, 1);
  const auto impressions = records(RecordKind::kImpression);
  ASSERT_EQ(impressions.size(), 2U);
  EXPECT_EQ(impressions[1].event_id, base::parse_uuid(make_event_id(1)).value());
  EXPECT_TRUE(impressions[1].impression().consent.has_analytics);
  EXPECT_FALSE(impressions[1].personal.empty());
  EXPECT_EQ(replay({}).items.size(), 0U);
}

TEST_F(Projection, ReplaysConversionsAndPostbacks) {
  post(
      "/api/conversions",
      R"({"order_id":"1","type":"sale","user_id":"5f0c7d7e-9d3b-4f6a-8a43-111122223333","merchant_id":"hats","occurred_at":")" +
          now_text() + "\",\"consent\":{\"analytics\":true}}",
      "Authorization: Bearer " + std::string(kApiKey) + "\r\n");
  project();
  ASSERT_EQ(letters().size(), 1U);
  EXPECT_EQ(replay({}).rejected, 1);
  // user_id was taken out of the raw event, so the conversion cannot be complete without it.
  EXPECT_EQ(letters()[0].replay_result.substr(0, 8), "rejected");
}

TEST_F(Projection, ServesDeadLettersOverHttp) {
  post("/api/monetization/impression", lost(1));
  project();
  replayer_ = std::make_unique<Replayer>(*capture_, *database_);
  http::Router router;
  add_dead_letter_routes(router, *database_, *replayer_);
  ASSERT_EQ(router.routes().size(), 2U);
  http::Request request;
  request.path = "/api/dead-letters";
  request.query = "code=unknown_placement&limit=1";
  auto response = router.routes()[0]->handler(request);
  ASSERT_EQ(response.status, 200) << response.body;
  const json::value page = json::parse(response.body);
  ASSERT_EQ(page.at("items").as_array().size(), 1U);
  const std::string id(page.at("items").at(0).at("id").as_string());
  EXPECT_EQ(page.at("items").at(0).at("raw").at("placement_id").as_string(), "new-spot");
  EXPECT_TRUE(page.at("next_cursor").is_null());
  add_placement("new-spot");
  http::Request replaying;
  replaying.method = http::Method::kPost;
  replaying.path = "/api/dead-letters/replay";
  replaying.body = "{\"ids\":[\"" + id + "\",\"nobody\"]}";
  response = router.routes()[1]->handler(replaying);
  ASSERT_EQ(response.status, 200) << response.body;
  const json::value report = json::parse(response.body);
  EXPECT_EQ(report.at("accepted").as_int64(), 1);
  EXPECT_EQ(report.at("skipped").as_int64(), 1);
  replaying.body = "{\"ids\":[],\"code\":\"x\"}";
  EXPECT_EQ(router.routes()[1]->handler(replaying).status, 422);
}

TEST_F(Projection, RevisesClicksWhoseImpressionNeverCame) {
  const std::string missing = make_event_id(900);
  get(sign({.parameters = {{"imp", missing}}}));
  post("/api/monetization/impression", impression(make_event_id(901)));
  get(sign({.event_id = make_event_id(5), .parameters = {{"imp", make_event_id(901)}}}));
  clock_.advance_us(base::kMicrosPerHour);
  project();
  const auto revisions = records(RecordKind::kVerdictRevision);
  ASSERT_EQ(revisions.size(), 1U);
  const auto revision = journal::decode_verdict_revision(revisions[0].fields).value();
  EXPECT_EQ(base::format_uuid(revision.event_id), "0192f0c1-1111-7000-8000-000000000001");
  EXPECT_TRUE(revision.verdict.has(journal::Reason::kNoImpression));
  EXPECT_EQ(revision.verdict.klass, journal::VerdictClass::kSuspect);
  EXPECT_EQ(revision.detector, "no_impression");
  // Neither this run nor one after a restart says it twice.
  restart();
  clock_.advance_us(base::kMicrosPerHour);
  project();
  EXPECT_EQ(records(RecordKind::kVerdictRevision).size(), 1U);
}

TEST_F(Projection, ARestartRemembersImpressionsAndClicks) {
  post("/api/monetization/impression", impression(make_event_id(901)));
  clock_.advance_us(base::kMicrosPerSecond);
  get(sign({.parameters = {{"imp", make_event_id(901)}}}));
  restart();
  get(sign({.event_id = make_event_id(5), .parameters = {{"imp", make_event_id(901)}}}));
  const auto clicks = records(RecordKind::kClick);
  ASSERT_EQ(clicks.size(), 2U);
  EXPECT_EQ(clicks[0].click().verdict.klass, journal::VerdictClass::kValid);
  EXPECT_TRUE(clicks[1].click().verdict.has(journal::Reason::kDuplicateClick));
}

TEST_F(Projection, AlertsOnClicksThatStayUnforwarded) {
  // A click as a crash leaves it: recorded, and no forwarding record after it.
  journal::Click click;
  std::string fields;
  journal::encode(click, fields);
  ASSERT_TRUE(journal_
                  ->append({.kind = RecordKind::kClick,
                            .window = journal::DedupeWindow::kLong,
                            .event_id = base::parse_uuid(make_event_id(1)).value(),
                            .received_at = clock_.now()},
                           fields,
                           {})
                  .has_value());
  get(sign({.event_id = make_event_id(2)}));
  restart();  // the other click's forwarding record is written by the end of the server
  project();
  clock_.advance_us(5 * base::kMicrosPerMinute);
  project();
  EXPECT_EQ(alerts_.count("capture.pending_forward"), 0U);
  clock_.advance_us(1);
  project();
  ASSERT_EQ(alerts_.count("capture.pending_forward"), 1U);
  EXPECT_EQ(alerts_.raised.back().evidence, "{\"clicks\":1,\"sequences\":[0]}");
}

// A log that was there before its projection: of its old part only dead letters are looked at.
TEST_F(Projection, FollowsAnImportedLogByItsDeadLetters) {
  projector_.reset();
  journal::Click click;
  std::string fields;
  journal::encode(click, fields);
  const auto append_clicks = [&](std::size_t count) {
    auto batch = std::make_unique<journal::Batch>();
    for (std::size_t i = 0; i < count; ++i) {
      batch->add({.kind = RecordKind::kClick,
                  .window = journal::DedupeWindow::kNone,
                  .event_id = {},
                  .received_at = clock_.now()},
                 fields,
                 {},
                 random_);
    }
    ASSERT_TRUE(append_batch(*journal_, std::move(batch)).has_value());
  };
  constexpr std::uint64_t kOld = 1000;
  append_clicks(kOld);
  post("/api/monetization/impression", lost(1));
  constexpr std::size_t kWatched = 262'144;
  for (std::size_t i = 0; i < kWatched / 4096; ++i) {
    append_clicks(4096);
  }
  clock_.advance_us(base::kMicrosPerHour);
  open_projector();
  while (projector_->position() < journal_->size()) {
    project();
  }
  project();
  const auto rows = letters();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].sequence, static_cast<std::int64_t>(kOld));
  ASSERT_GE(alerts_.count("capture.pending_forward"), 1U);
  std::uint64_t overdue = 0;
  for (const Alert& alert : alerts_.raised) {
    if (alert.dedupe_key == "capture.pending_forward") {
      overdue += json::parse(alert.evidence).at("clicks").to_number<std::uint64_t>();
    }
  }
  EXPECT_EQ(overdue, kWatched) << "the last quarter of a million, however old; none before";
}

TEST_F(Projection, FindsTheFirstRecordOfAWindow) {
  for (unsigned i = 0; i < 20; ++i) {
    post("/api/monetization/impression", impression(make_event_id(i)));
    clock_.advance_us(base::kMicrosPerSecond);
  }
  for (const std::uint64_t sequence : {0U, 1U, 7U, 19U}) {
    const base::Timestamp at = clock_.now() - static_cast<std::int64_t>(20 - sequence) * base::kMicrosPerSecond;
    EXPECT_EQ(find_sequence_at(*journal_, at).value(), sequence);
  }
  EXPECT_EQ(find_sequence_at(*journal_, clock_.now()).value(), 20U);
}

}  // namespace
}  // namespace tallystick::capture
