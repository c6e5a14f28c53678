#include "tests/settlement/live/past.h"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include <fmt/format.h>

#include "tests/support/temporary_directory.h"
#include "tests/support/warehouse_engine.h"
#include "warehouse/positions.h"

namespace tallystick::settlement {
namespace {

constexpr std::string_view kNil = "00000000-0000-0000-0000-000000000000";

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
  options.endpoint.unix_socket = running()->engine.socket();
  options.names.prefix = fmt::format("s{}", ++last);
  // The events have dates of their own, which must not be over: decades, and before ClickHouse's times end in 2106.
  options.names.retention = {.personal_days = 20'000, .event_days = 20'000};
  return options;
}

void expect(const base::Result<void>& result) {
  if (!result) {
    throw std::runtime_error(result.error().code + ": " + result.error().message);
  }
}

}  // namespace

base::Uuid partner_id(int number) {
  return base::parse_uuid(fmt::format("00000000-0000-4000-a000-{:012}", number)).value();
}

base::Uuid link_id(int number) {
  return base::parse_uuid(fmt::format("00000000-0000-4000-b000-{:012}", number)).value();
}

base::Uuid event_id(std::uint64_t sequence) {
  return base::parse_uuid(fmt::format("00000000-0000-4000-9000-{:012}", sequence)).value();
}

base::Timestamp at(std::string_view time) {
  std::string text(time);
  text.at(10) = 'T';
  return base::parse_rfc3339(text + "Z").value();
}

Past::Past() {
  warehouse_ = std::make_unique<warehouse::Warehouse>(make_options(), clock_);
  expect(warehouse_->prepare());
}

Past::~Past() {
  EXPECT_TRUE(warehouse::drop_generation(warehouse_->client(), warehouse_->names(), 1));
}

void Past::run(const std::string& sql) {
  warehouse::QueryOptions options;
  options.database = warehouse_->layout()->database();
  if (const auto done = warehouse_->client().execute(sql, {}, options); !done) {
    throw std::runtime_error(sql + ": " + done.error().code + ": " + done.error().message);
  }
}

std::uint64_t Past::click(const PastClick& row) {
  const std::uint64_t sequence = ++last_sequence_;
  run(
      fmt::format("INSERT INTO clicks (log_id, sequence, event_id, received_at, occurred_at, partner_id, link_id, "
                  "verdict_class) VALUES ({}, {}, '{}', '{}', '{}', '{}', '{}', '{}')",
                  kLog,
                  sequence,
                  base::format_uuid(event_id(sequence)),
                  row.at,
                  row.at,
                  base::format_uuid(partner_id(row.partner)),
                  base::format_uuid(link_id(row.link)),
                  row.verdict));
  return sequence;
}

std::uint64_t Past::conversion(const PastConversion& row) {
  const std::uint64_t sequence = ++last_sequence_;
  const std::string id = base::format_uuid(event_id(sequence));
  run(
      fmt::format("INSERT INTO conversions (log_id, sequence, event_id, received_at, occurred_at, conversion_key, "
                  "click_id, partner_id, order_id, transaction_id, sub, type, currency, amount_minor, "
                  "commission_minor, status, verdict_class) SELECT {}, {}, '{}', '{}', '{}', {}, '{}', '{}', '{}', "
                  "'{}', '{}', 'sale', '{}', {}, {}, '{}', '{}'",
                  kLog,
                  sequence,
                  id,
                  row.received_at.empty() ? row.at : row.received_at,
                  row.at,
                  row.order.empty() ? fmt::format("'{}'", id)
                                    : fmt::format("toUUID(UUIDNumToString(MD5('{}/{}')))", row.source, row.order),
                  row.click == 0 ? std::string(kNil) : base::format_uuid(event_id(row.click)),
                  row.partner == 0 ? std::string(kNil) : base::format_uuid(partner_id(row.partner)),
                  row.order,
                  row.transaction,
                  row.sub,
                  row.currency,
                  10 * row.commission_minor,
                  row.commission_minor,
                  row.status,
                  row.verdict));
  return sequence;
}

void Past::revise(std::string_view kind,
                  std::uint64_t sequence,
                  std::string_view old_class,
                  std::string_view new_class) {
  run(
      fmt::format("INSERT INTO verdict_revisions (log_id, sequence, received_at, revised_sequence, event_id, "
                  "event_kind, detector, old_class, new_class, new_reasons, new_score, rules_version, occurred_at, "
                  "partner_id, link_id, rank_position) SELECT log_id, {}, received_at, sequence, event_id, '{}', "
                  "'test_detector', '{}', '{}', 1, 50, 2, occurred_at, partner_id, {}, -1 FROM {}s WHERE sequence = {}",
                  ++last_sequence_,
                  kind,
                  old_class,
                  new_class,
                  kind == "click" ? "link_id" : fmt::format("toUUID('{}')", kNil),
                  kind,
                  sequence));
}

void Past::save_position(std::uint64_t first, std::uint64_t end, bool is_done) {
  warehouse::Position position;
  position.log_id = kLog;
  position.version = ++last_version_;
  position.state = is_done ? warehouse::PositionState::kDone : warehouse::PositionState::kBegun;
  position.first = first;
  position.end = end;
  expect(warehouse::save_position(warehouse_->client(), *warehouse_->layout(), position));
}

void Past::publish() {
  save_position(0, last_sequence_ + 1, true);
}

TruthPosition Past::everything() const {
  TruthPosition position;
  position.generation = 1;
  position.database = warehouse_->layout()->database();
  position.logs = {{kLog, last_sequence_ + 1}};
  return position;
}

TruthLoader Past::loader(const TruthPosition& position, const TruthLimits& limits) const {
  return {warehouse_->client(), position, partner_id(1), base::parse_currency("EUR").value(), limits};
}

TruthSide Past::conversions(std::string_view from, std::string_view to) {
  auto side = loader(everything())
                  .load_conversions(
                      {at(from), at(to)}, [](std::int64_t, std::int64_t) {}, [] { return false; });
  if (!side) {
    throw std::runtime_error(side.error().code + ": " + side.error().message);
  }
  std::ranges::sort(
      side->truths, {}, [](const reconcile::Truth& truth) { return std::pair(truth.order_id, truth.occurred_at); });
  return *std::move(side);
}

}  // namespace tallystick::settlement
