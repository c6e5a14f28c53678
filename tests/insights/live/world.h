#pragma once
// A warehouse of a few events, written row by row, so that every figure of a report can be worked out by hand. Each
// test runs over the unix socket of the built-in engine and over TCP, as a ClickHouse server is reached.

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/time.h"
#include "http/router.h"
#include "insights/service.h"
#include "warehouse/warehouse.h"

namespace tallystick::insights {

enum class Transport : std::uint8_t { kUnixSocket, kTcp };

struct ImpressionRow {
  std::string_view at;  // "2026-11-20 10:00:00"
  std::string_view placement = "home";
  std::string_view merchant = "";
  std::uint64_t user = 0;
  std::uint64_t session = 0;
  int rank = -1;
  std::string_view verdict = "valid";
  std::string_view partner = "";
  std::string_view state = "served";
  int slots_filled = 0;
  unsigned reasons = 0;
};

struct ClickRow {
  std::string_view at;
  std::string_view link = "spring";
  std::string_view placement = "";
  std::string_view merchant = "";
  std::string_view verdict = "valid";
  std::string_view partner = "net";
  std::uint64_t user = 0;
};

struct ConversionRow {
  std::string_view at;
  std::string_view order;
  std::int64_t commission_minor = 0;
  std::string_view currency = "EUR";
  std::string_view status = "pending";
  std::string_view partner = "";
  std::string_view merchant = "";
  std::uint64_t click = 0;  // sequence of the click; 0: none
  std::string_view received_at = "";
  std::string_view verdict = "valid";
};

class World : public testing::TestWithParam<Transport> {
 protected:
  World();
  ~World() override;

  // Each gives its sequence.
  std::uint64_t impression(const ImpressionRow& row);
  std::uint64_t click(const ClickRow& row);
  std::uint64_t conversion(const ConversionRow& row);
  void forward(std::uint64_t click, bool has_failed = false);
  // As the loader does it, with a copy of the event. `old_class` "": that which the event came with.
  void revise(std::string_view kind,
              std::uint64_t sequence,
              std::string_view new_class,
              unsigned reasons = 0,
              std::string_view old_class = "");
  // As attribution does it; "" is unattributed.
  void attribute(std::uint64_t click, std::string_view placement);
  void share(std::string_view model,
             std::string_view order,
             std::string_view placement,
             int before,
             int after,
             int total,
             std::string_view merchant = "");
  void publish_positions();

  // 200 and its JSON, or the test fails.
  boost::json::object get(const std::string& target);
  http::Response call(const std::string& target, const std::string& accept = {});
  // "404 partner_not_found"
  std::string refusal(const std::string& target);
  void run(const std::string& sql);

  base::ManualClock clock_{base::parse_rfc3339("2026-11-20T12:00:00Z").value()};
  std::unique_ptr<warehouse::Warehouse> warehouse_;
  std::unique_ptr<InsightsService> service_;
  http::Router router_;

 private:
  void save_names();
  void flush();
  // Of that day, "2026-11-20 10:00:00", or another whose events were told of.
  void must_count(std::string_view at);
  // The aggregates of these days, as the loader leaves them.
  void count();
  [[nodiscard]] std::string id(std::string_view name) const;  // as SQL; "" is nil

  std::uint64_t last_sequence_ = 0;
  std::string impressions_;  // rows that are not written yet
  std::set<std::uint16_t> days_;
  bool is_counted_ = true;
  std::map<std::string, std::string, std::less<>> ids_;
};

// The row of a section whose `member` is `value`; null for none.
[[nodiscard]] const boost::json::object& row_of(const boost::json::object& report,
                                                std::string_view section,
                                                std::string_view member,
                                                const boost::json::value& value);
[[nodiscard]] std::string name_transport(const testing::TestParamInfo<Transport>& info);

}  // namespace tallystick::insights

#define TALLY_OVER_BOTH(Suite) \
  INSTANTIATE_TEST_SUITE_P(Over, Suite, testing::Values(Transport::kUnixSocket, Transport::kTcp), name_transport)
