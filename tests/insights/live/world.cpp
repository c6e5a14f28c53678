#include "tests/insights/live/world.h"

#include <atomic>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "insights/routes.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/warehouse_engine.h"
#include "warehouse/dimensions.h"
#include "warehouse/positions.h"
#include "warehouse/rebuild.h"

namespace tallystick::insights {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kLog = 7;
constexpr std::uint64_t kPass = 3;

struct Running {
  support::TemporaryDirectory folder;
  support::WarehouseEngine engine{folder.path()};
};

std::unique_ptr<Running>& running() {
  static std::unique_ptr<Running> instance;
  return instance;
}

// Started with the first test that asks, ended with the program.
class SharedEngine final : public testing::Environment {
 public:
  void TearDown() override { running().reset(); }
};
const testing::Environment* const kEnvironment = testing::AddGlobalTestEnvironment(new SharedEngine);

warehouse::Options make_options() {
  static std::atomic<int> last = 0;
  if (!running()) {
    running() = std::make_unique<Running>();
  }
  warehouse::Options options;
  if (World::GetParam() == Transport::kUnixSocket) {
    options.endpoint.unix_socket = running()->engine.socket();
  } else {
    options.endpoint.url = running()->engine.url();
    options.endpoint.user = "reporter";
    options.endpoint.password = "secret";
  }
  options.names.prefix = fmt::format("r{}", ++last);
  // The events have dates of their own, which must not be over: decades, and before ClickHouse's times end in 2106.
  options.names.retention = {.personal_days = 20'000, .event_days = 20'000};
  return options;
}

base::Uuid make_id(int number) {
  return base::parse_uuid(fmt::format("00000000-0000-4000-8000-{:012}", number)).value();
}

std::string event_id(std::uint64_t sequence) {
  return fmt::format("00000000-0000-4000-9000-{:012}", sequence);
}

std::string key_of(std::string_view order) {
  return fmt::format("toUUID(UUIDNumToString(MD5('{}')))", order);
}

void expect(const base::Result<void>& result) {
  if (!result) {
    throw std::runtime_error(result.error().code + ": " + result.error().message);
  }
}

}  // namespace

World::World() {
  warehouse_ = std::make_unique<warehouse::Warehouse>(make_options(), clock_);
  expect(warehouse_->prepare());
  service_ = std::make_unique<InsightsService>(warehouse_.get(), clock_, "UTC");
  add_routes(router_, *service_);
  save_names();
}

World::~World() {
  warehouse::Client client(warehouse_->client().endpoint());  // the test may have stopped its own
  EXPECT_TRUE(warehouse::drop_generation(client, warehouse_->names(), 1));
}

void World::save_names() {
  int number = 0;
  const auto make = [&](const std::string& name) {
    const base::Uuid made = make_id(++number);
    ids_[name] = base::format_uuid(made);
    return made;
  };
  warehouse::Dimensions all;
  all.placements = {{make("home"), "home", "Home page", "active", 4, "", 1},
                    {make("search"), "search", "Search results", "active", 2, "", 1},
                    {make("idle"), "idle", "Idle", "paused", 3, "", 1}};
  all.merchants = {{make("acme"), "acme", "Acme", "active", 1},
                   {make("bolt"), "bolt", "Bolt", "active", 1},
                   {make("cora"), "cora", "Cora", "active", 1}};
  all.partners = {{make("net"), "net", "Network", "active", "generic", "EUR", "UTC", 1},
                  {make("other"), "other", "Other", "active", "generic", "EUR", "UTC", 1}};
  const base::Uuid net = base::parse_uuid(ids_["net"]).value();
  all.links = {{make("spring"), net, "spring", "active", {}, 1}, {make("autumn"), net, "autumn", "active", {}, 1}};
  expect(warehouse::save_dimensions(warehouse_->client(), *warehouse_->layout(), all));
}

std::string World::id(std::string_view name) const {
  const auto found = ids_.find(name);
  return fmt::format("'{}'",
                     found != ids_.end() ? found->second
                     : name.empty()      ? "00000000-0000-0000-0000-000000000000"
                                         : name);
}

void World::run(const std::string& sql) {
  flush();
  warehouse::QueryOptions options;
  options.database = warehouse_->layout()->database();
  if (const auto done = warehouse_->client().execute(sql, {}, options); !done) {
    throw std::runtime_error(sql + ": " + done.error().code + ": " + done.error().message);
  }
}

// Impressions go in together: an insert is synced to disk.
void World::flush() {
  if (impressions_.empty()) {
    return;
  }
  const std::string rows = std::exchange(impressions_, {});
  run("INSERT INTO impressions (log_id, sequence, event_id, received_at, occurred_at, placement_id, merchant_id, "
      "partner_id, user, session, rank_position, verdict_class, verdict_reasons, state, slots_filled, consent_basis) "
      "VALUES " +
      rows);
}

void World::must_count(std::string_view at) {
  const auto time = base::parse_rfc3339(fmt::format("{}T00:00:00Z", at.substr(0, 10)));
  days_.insert(static_cast<std::uint16_t>(time.value().us / base::kMicrosPerDay));
  is_counted_ = false;
}

void World::count() {
  flush();
  if (!std::exchange(is_counted_, true)) {
    const std::vector<std::uint16_t> days(days_.begin(), days_.end());
    expect(warehouse::rebuild_days(warehouse_->client(), *warehouse_->layout(), kLog, days));
  }
}

std::uint64_t World::impression(const ImpressionRow& row) {
  must_count(row.at);
  const std::uint64_t sequence = ++last_sequence_;
  impressions_ += fmt::format("({}, {}, '{}', '{}', '{}', {}, {}, {}, {}, {}, {}, '{}', {}, '{}', {}, 'explicit') ",
                              kLog,
                              sequence,
                              event_id(sequence),
                              row.at,
                              row.at,
                              id(row.placement),
                              id(row.merchant),
                              id(row.partner),
                              row.user,
                              row.session,
                              row.rank,
                              row.verdict,
                              row.reasons,
                              row.state,
                              row.slots_filled);
  return sequence;
}

std::uint64_t World::click(const ClickRow& row) {
  must_count(row.at);
  const std::uint64_t sequence = ++last_sequence_;
  run(
      fmt::format("INSERT INTO clicks (log_id, sequence, event_id, received_at, occurred_at, partner_id, link_id, "
                  "placement_id, merchant_id, verdict_class, user) VALUES ({}, {}, '{}', '{}', '{}', {}, {}, {}, {}, "
                  "'{}', {})",
                  kLog,
                  sequence,
                  event_id(sequence),
                  row.at,
                  row.at,
                  id(row.partner),
                  id(row.link),
                  id(row.placement),
                  id(row.merchant),
                  row.verdict,
                  row.user));
  return sequence;
}

std::uint64_t World::conversion(const ConversionRow& row) {
  const std::uint64_t sequence = ++last_sequence_;
  run(
      fmt::format("INSERT INTO conversions (log_id, sequence, event_id, received_at, occurred_at, conversion_key, "
                  "click_id, partner_id, merchant_id, order_id, type, currency, amount_minor, commission_minor, "
                  "status, verdict_class) SELECT {}, {}, '{}', '{}', '{}', {}, '{}', {}, {}, '{}', 'sale', '{}', {}, "
                  "{}, '{}', '{}'",
                  kLog,
                  sequence,
                  event_id(sequence),
                  row.received_at.empty() ? row.at : row.received_at,
                  row.at,
                  key_of(row.order),
                  row.click == 0 ? "00000000-0000-0000-0000-000000000000" : event_id(row.click),
                  id(row.partner),
                  id(row.merchant),
                  row.order,
                  row.currency,
                  10 * row.commission_minor,
                  row.commission_minor,
                  row.status,
                  row.verdict));
  return sequence;
}

void World::forward(std::uint64_t click, bool has_failed) {
  is_counted_ = false;
  run(
      fmt::format("INSERT INTO forwardings (log_id, sequence, received_at, click_sequence, state, occurred_at, "
                  "partner_id, link_id, placement_id, merchant_id, verdict_class) SELECT log_id, {}, received_at, "
                  "sequence, '{}', occurred_at, partner_id, link_id, placement_id, merchant_id, verdict_class FROM "
                  "clicks WHERE sequence = {}",
                  ++last_sequence_,
                  has_failed ? "failed" : "forwarded",
                  click));
}

void World::revise(std::string_view kind,
                   std::uint64_t sequence,
                   std::string_view new_class,
                   unsigned reasons,
                   std::string_view old_class) {
  const bool is_impression = kind == "impression";
  const bool is_click = kind == "click";
  is_counted_ = false;
  run(
      fmt::format("INSERT INTO verdict_revisions (log_id, sequence, received_at, revised_sequence, event_id, "
                  "event_kind, detector, old_class, new_class, new_reasons, new_score, rules_version, occurred_at, "
                  "placement_id, merchant_id, partner_id, link_id, state, rank_position) SELECT log_id, {}, "
                  "received_at, sequence, event_id, '{}', 'test_detector', {}, '{}', {}, 50, 2, "
                  "occurred_at, {}, merchant_id, partner_id, {}, {}, {} FROM {}s WHERE sequence = {}",
                  ++last_sequence_,
                  kind,
                  old_class.empty() ? "verdict_class" : fmt::format("'{}'", old_class),
                  new_class,
                  reasons,
                  is_impression || is_click ? "placement_id" : "toUUID('00000000-0000-0000-0000-000000000000')",
                  is_click ? "link_id" : "toUUID('00000000-0000-0000-0000-000000000000')",
                  is_impression ? "state" : "'served'",
                  is_impression ? "rank_position" : "-1",
                  kind,
                  sequence));
}

void World::attribute(std::uint64_t click, std::string_view placement) {
  run(
      fmt::format("INSERT INTO click_attributions (pass, log_id, click_sequence, click_event_id, occurred_at, "
                  "partner_id, link_id, merchant_id, placement_id, verdict_class, clicks) SELECT {}, log_id, "
                  "sequence, event_id, occurred_at, partner_id, link_id, merchant_id, {}, verdict_class, 1 FROM clicks "
                  "WHERE sequence = {}",
                  kPass,
                  id(placement),
                  click));
}

void World::share(std::string_view model,
                  std::string_view order,
                  std::string_view placement,
                  int before,
                  int after,
                  int total,
                  std::string_view merchant) {
  run(fmt::format(
      "INSERT INTO recent_conversion_shares (pass, log_id, model, conversion_key, merchant_id, "
      "placement_id, weight_before, weight_after, weight_total) SELECT {}, {}, '{}', {}, {}, {}, {}, {}, {}",
      kPass,
      kLog,
      model,
      key_of(order),
      id(merchant),
      id(placement),
      before,
      after,
      total));
}

void World::publish_positions() {
  auto& client = warehouse_->client();
  const auto layout = *warehouse_->layout();
  warehouse::Position loaded;
  loaded.log_id = kLog;
  loaded.version = 1;
  loaded.end = last_sequence_ + 1;
  loaded.frontier = clock_.now();
  expect(warehouse::save_position(client, layout, loaded));
  loaded.stage = warehouse::Stage::kSettle;
  loaded.version = kPass;
  expect(warehouse::save_position(client, layout, loaded));
}

http::Response World::call(const std::string& target, const std::string& accept) {
  count();
  http::Request request;
  request.target = target;
  request.path = target.substr(0, target.find('?'));
  request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
  if (!accept.empty()) {
    request.headers.emplace_back("Accept", accept);
  }
  http::Match match;
  router_.match(http::Method::kGet, request.path, match);
  if (match.route == nullptr) {
    throw std::runtime_error("no route for " + target);
  }
  for (const auto& parameter : match.parameters) {
    request.path_parameters.emplace_back(parameter.name, base::percent_decode(parameter.value).value());
  }
  return match.route->handler(request);
}

json::object World::get(const std::string& target) {
  const http::Response response = call(target);
  if (response.status != 200) {
    throw std::runtime_error(target + ": " + response.body);
  }
  return json::parse(response.body).as_object();
}

std::string World::refusal(const std::string& target) {
  const http::Response response = call(target);
  return fmt::format(
      "{} {}", response.status, std::string_view(json::parse(response.body).as_object().at("code").as_string()));
}

const json::object& row_of(const json::object& report,
                           std::string_view section,
                           std::string_view member,
                           const json::value& value) {
  for (const json::value& row : report.at(section).as_array()) {
    if (row.at(member) == value) {
      return row.as_object();
    }
  }
  throw std::runtime_error(fmt::format("no row of {} with that {}: {}", section, member, json::serialize(report)));
}

std::string name_transport(const testing::TestParamInfo<Transport>& info) {
  return info.param == Transport::kUnixSocket ? "UnixSocket" : "Tcp";
}

}  // namespace tallystick::insights
