#include "warehouse/warehouse.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "tests/warehouse/live/live_fixture.h"
#include "warehouse/dimensions.h"
#include "warehouse/positions.h"
#include "warehouse/routes.h"

namespace tallystick::warehouse {
namespace {

class LiveWarehouse : public Live {
 protected:
  [[nodiscard]] Options options() const { return {endpoint(), names_}; }

  [[nodiscard]] static boost::json::object status_json(Warehouse& warehouse) {
    http::Router router;
    add_routes(router, warehouse, nullptr);
    const http::Response response = router.routes().front()->handler({});
    EXPECT_EQ(response.status, 200);
    return boost::json::parse(response.body).as_object();
  }

  base::SystemClock clock_;
};

TEST_P(LiveWarehouse, MakesItsFirstGenerationOnceAndFindsItAgain) {
  Warehouse first(options(), clock_);
  EXPECT_EQ(first.layout().error().code, "warehouse_not_ready");
  EXPECT_FALSE(first.status().is_up);
  ASSERT_TRUE(first.prepare()) << first.status().error;
  ASSERT_TRUE(first.prepare());
  EXPECT_EQ(first.layout()->database(), names_.prefix + "_1");
  ASSERT_TRUE(first.check());
  EXPECT_TRUE(first.status().is_up);

  Warehouse second(options(), clock_);
  ASSERT_TRUE(second.prepare());
  EXPECT_EQ(second.status().generation, 1U);
}

TEST_P(LiveWarehouse, AFirstGenerationThatWasCutOffIsCompleted) {
  run("CREATE DATABASE " + names_.prefix + "_1 ENGINE = Atomic");
  Warehouse warehouse(options(), clock_);
  ASSERT_TRUE(warehouse.prepare()) << warehouse.status().error;
  EXPECT_EQ(warehouse.status().generation, 1U);
}

TEST_P(LiveWarehouse, ReadsTheHighestReadyGenerationAndDropsOthers) {
  static_cast<void>(make_schema());
  ASSERT_TRUE(mark_ready(client_, names_, 1, now_));
  ASSERT_TRUE(make_generation(client_, names_, 2, now_));
  Warehouse warehouse(options(), clock_);
  ASSERT_TRUE(warehouse.prepare());
  EXPECT_EQ(warehouse.status().generation, 1U) << "a rebuild that is not ready is not read";
  ASSERT_TRUE(mark_ready(client_, names_, 2, now_));
  warehouse.switch_to(2);
  EXPECT_EQ(warehouse.layout()->database(), names_.prefix + "_2");
  ASSERT_TRUE(drop_generation(client_, names_, 1));
  ASSERT_TRUE(drop_generation(client_, names_, 1)) << "again";
  EXPECT_EQ(load_generations(client_, names_).value(), (std::vector<Generation>{{2, true}}));
}

TEST_P(LiveWarehouse, TheLastPositionOfALogAndStageCounts) {
  const Layout layout = make_schema();
  EXPECT_EQ(load_position(client_, layout, 7, Stage::kLoad).value(), std::nullopt);
  Position position{.log_id = 0xFFFFFFFFU,
                    .stage = Stage::kLoad,
                    .version = 1,
                    .state = PositionState::kBegun,
                    .first = 0,
                    .end = 18'446'744'073'709'551'615ULL,
                    .days = {0, 20'746, 65'535},
                    .frontier = {1'792'461'600'000'001}};
  ASSERT_TRUE(save_position(client_, layout, position));
  EXPECT_EQ(load_position(client_, layout, 0xFFFFFFFFU, Stage::kLoad).value(), position);
  position.version = 2;
  position.state = PositionState::kDone;
  position.days.clear();
  ASSERT_TRUE(save_position(client_, layout, position));
  EXPECT_EQ(load_position(client_, layout, 0xFFFFFFFFU, Stage::kLoad).value(), position);
  EXPECT_EQ(load_position(client_, layout, 0xFFFFFFFFU, Stage::kSettle).value(), std::nullopt);
  Position other = position;
  other.log_id = 3;
  other.version = 1;
  ASSERT_TRUE(save_position(client_, layout, other));
  EXPECT_EQ(load_positions(client_, layout, Stage::kLoad).value(), (std::vector<Position>{other, position}));
  position.days.assign(kMaxPositionDays + 1, 1);
  EXPECT_EQ(save_position(client_, layout, position).error().code, "too_many_days");
}

TEST_P(LiveWarehouse, DimensionsShowTheirLastVersion) {
  const Layout layout = make_schema();
  const base::Uuid id = *base::parse_uuid("00112233-4455-6677-8899-aabbccddeeff");
  Dimensions dimensions;
  dimensions.placements.push_back({id, "home", "Home", "active", 4, "travel", 1});
  dimensions.merchants.push_back({id, "acme", "Acme", "active", 1});
  dimensions.partners.push_back({id, "net", "Net", "active", "impact", "EUR", "Europe/Berlin", 1});
  dimensions.links.push_back({id, id, "deal", "active", {}, 1});
  ASSERT_TRUE(save_dimensions(client_, layout, dimensions));
  ASSERT_TRUE(save_dimensions(client_, layout, dimensions)) << "the same again";
  dimensions.placements[0].name = "Start";
  dimensions.placements[0].version = 2;
  ASSERT_TRUE(save_dimensions(client_, layout, dimensions));
  const Rows placements = select("SELECT id, name, max_slots FROM " + layout.table("placements") + " FINAL");
  ASSERT_EQ(placements.size(), 1U);
  EXPECT_EQ(placements.uuid(0, "id"), id);
  EXPECT_EQ(placements.text(0, "name"), "Start");
  EXPECT_EQ(placements.integer(0, "max_slots"), 4);
  EXPECT_EQ(number("SELECT count() FROM " + layout.table("links") + " FINAL"), 1);
  EXPECT_EQ(select("SELECT currency FROM " + layout.table("partners") + " FINAL").text(0, 0), "EUR");
}

TEST_P(LiveWarehouse, TellsHowFarItIs) {
  Warehouse warehouse(options(), clock_);
  EXPECT_EQ(status_json(warehouse).at("state"), "down");
  ASSERT_TRUE(warehouse.prepare());
  const Position loaded{.log_id = 0xAB, .version = 1, .state = PositionState::kDone, .first = 0, .end = 500};
  ASSERT_TRUE(save_position(client_, names_.layout_of(1), loaded));
  const Position settled{.log_id = 0xAB, .stage = Stage::kSettle, .version = 6, .state = PositionState::kDone};
  ASSERT_TRUE(save_position(client_, names_.layout_of(1), settled));
  ASSERT_TRUE(warehouse.check());
  warehouse.set_progress({.log_id = 0xAB, .loaded = 500, .durable = 620, .lag_seconds = 1.5});
  const boost::json::object status = status_json(warehouse);
  EXPECT_EQ(status.at("kind").as_string(), GetParam() == Transport::kTcp ? "server" : "built-in");
  EXPECT_EQ(status.at("state"), "up");
  EXPECT_EQ(status.at("generation"), 1);
  EXPECT_EQ(status.at("database").as_string(), std::string_view(names_.prefix + "_1"));
  ASSERT_EQ(status.at("logs").as_array().size(), 1U);
  EXPECT_EQ(status.at("logs").as_array()[0],
            (boost::json::value{{"log_id", "000000ab"},
                                {"loaded", 500},
                                {"attribution_pass", 6},
                                {"log_size", 620},
                                {"lag_records", 120},
                                {"lag_seconds", 1.5}}));
}

TALLY_OVER_BOTH(LiveWarehouse);

}  // namespace
}  // namespace tallystick::warehouse
