// A million conversions: every one of them, in answers and statements that are bounded.
#include <chrono>
#include <cstdint>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/settlement/live/past.h"

namespace tallystick::settlement {
namespace {

constexpr std::int64_t kConversions = 1'000'000;
constexpr std::int64_t kLoneClicks = 100'000;

// "VmHWM": the most memory that this process ever had, in MiB.
std::int64_t peak_mib() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::stoll(line.substr(6)) / 1024;
    }
  }
  return 0;
}

class TruthSize : public Past {
 protected:
  // Click n has event id n; conversion n is of click n; of every third there is a second status.
  void make_month() {
    const std::string partner = base::format_uuid(partner_id(1));
    run(fmt::format(
        "INSERT INTO clicks (log_id, sequence, event_id, received_at, occurred_at, partner_id, link_id) "
        "SELECT {}, number, toUUID(concat('00000000-0000-4000-9000-', leftPad(toString(number), 12, '0'))), "
        "at, toDateTime64('2026-10-01 00:00:00', 6, 'UTC') + intDiv(number * 2592000, {}) AS at, '{}', '{}' "
        "FROM numbers(1, {})",
        kLog,
        kConversions + kLoneClicks,
        partner,
        base::format_uuid(link_id(1)),
        kConversions + kLoneClicks));
    run(
        fmt::format("INSERT INTO conversions (log_id, sequence, event_id, received_at, occurred_at, conversion_key, "
                    "click_id, partner_id, order_id, transaction_id, type, currency, amount_minor, commission_minor, "
                    "status) SELECT {}, 10000000 + 2 * number + again, generateUUIDv4(), at, "
                    "toDateTime64('2026-10-01 00:00:00', 6, 'UTC') + intDiv(number * 2592000, {}) + again AS at, "
                    "toUUID(UUIDNumToString(MD5(toString(number)))), toUUID(concat('00000000-0000-4000-9000-', "
                    "leftPad(toString(number), 12, '0'))), '{}', concat('ORDER-', toString(number)), concat('T', "
                    "toString(number)), 'sale', 'EUR', 10000, number + 1000 * again, if(again = 1, 'paid', 'pending') "
                    "FROM (SELECT number, arrayJoin(range(if(number % 3 = 0, 2, 1))) AS again FROM numbers(1, {}))",
                    kLog,
                    kConversions,
                    partner,
                    kConversions));
    last_sequence_ = 20'000'000;
  }
};

TEST_F(TruthSize, AMillionConversionsAreLoadedWhole) {
  make_month();
  const std::int64_t before_mib = peak_mib();
  const auto start = std::chrono::steady_clock::now();
  auto truths = loader(everything());
  auto side = truths.load_conversions(
      {at("2026-09-01 00:00:00"), at("2026-12-01 00:00:00")}, [](std::int64_t, std::int64_t) {}, [] { return false; });
  ASSERT_TRUE(side) << side.error().message;
  const auto loaded = std::chrono::steady_clock::now();
  std::int64_t commission = 0;
  std::int64_t paid = 0;
  for (const reconcile::Truth& truth : side->truths) {
    commission += truth.commission_minor;
    paid += truth.status == reconcile::Status::kPaid ? 1 : 0;
    ASSERT_EQ(truth.link_id, link_id(1));
  }
  EXPECT_EQ(std::ssize(side->truths), kConversions);
  EXPECT_EQ(paid, kConversions / 3);
  EXPECT_EQ(commission, kConversions * (kConversions + 1) / 2 + 1'000 * (kConversions / 3));

  std::vector<base::Uuid> lone;
  for (std::int64_t i = kConversions + 1; i <= kConversions + kLoneClicks; ++i) {
    lone.push_back(event_id(static_cast<std::uint64_t>(i)));
  }
  const auto searching = std::chrono::steady_clock::now();
  ASSERT_TRUE(truths.add_clicks(lone, *side, [] { return false; }));
  const auto found = std::chrono::steady_clock::now();
  EXPECT_EQ(std::ssize(side->truths), kConversions + kLoneClicks);
  const auto seconds = [](auto duration) {
    return fmt::format("{:.1f}", std::chrono::duration<double>(duration).count());
  };
  RecordProperty("load_seconds", seconds(loaded - start));
  RecordProperty("look_up_seconds", seconds(found - searching));
  RecordProperty("peak_mib_before", std::to_string(before_mib));
  RecordProperty("peak_mib", std::to_string(peak_mib()));
  fmt::print("loaded in {} s, clicks looked up in {} s, peak {} MiB (before: {})\n",
             seconds(loaded - start),
             seconds(found - searching),
             peak_mib(),
             before_mib);
}

}  // namespace
}  // namespace tallystick::settlement
