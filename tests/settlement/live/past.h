#pragma once
// A warehouse with a few events of one partner, written row by row as the loader writes them, so that what must be
// found of them can be worked out by hand. One thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/time.h"
#include "base/uuid.h"
#include "settlement/truth.h"
#include "settlement/truth_position.h"
#include "warehouse/warehouse.h"

namespace tallystick::settlement {

inline constexpr std::uint32_t kLog = 7;

struct PastClick {
  std::string_view at;  // "2026-10-20 10:00:00", UTC
  std::string_view verdict = "valid";
  int partner = 1;
  int link = 1;
};

// An event of a conversion.
struct PastConversion {
  std::string_view at;
  std::string_view order = "";
  std::int64_t commission_minor = 0;
  std::string_view status = "approved";
  std::uint64_t click = 0;  // sequence of the click; 0: none
  int partner = 1;          // 0: none
  std::string_view currency = "EUR";
  std::string_view transaction = "";
  std::string_view sub = "";
  std::string_view received_at = "";
  std::string_view verdict = "valid";
  std::string_view source = "api:1";
};

[[nodiscard]] base::Uuid partner_id(int number);
[[nodiscard]] base::Uuid link_id(int number);
[[nodiscard]] base::Uuid event_id(std::uint64_t sequence);
[[nodiscard]] base::Timestamp at(std::string_view time);

class Past : public testing::Test {
 protected:
  Past();
  ~Past() override;

  // Each gives its sequence.
  std::uint64_t click(const PastClick& row);
  std::uint64_t conversion(const PastConversion& row);
  // As the loader does it, with a copy of the event.
  void revise(std::string_view kind, std::uint64_t sequence, std::string_view old_class, std::string_view new_class);
  void run(const std::string& sql);

  // Says that everything so far is loaded.
  void publish();
  void save_position(std::uint64_t first, std::uint64_t end, bool is_done);
  // All that is there so far.
  [[nodiscard]] TruthPosition everything() const;
  [[nodiscard]] TruthLoader loader(const TruthPosition& position, const TruthLimits& limits = {}) const;
  // Of partner 1 in [from, to), ordered by order id and time; fails the test on an error.
  [[nodiscard]] TruthSide conversions(std::string_view from, std::string_view to);

  base::ManualClock clock_{base::parse_rfc3339("2026-11-20T12:00:00Z").value()};
  std::unique_ptr<warehouse::Warehouse> warehouse_;
  std::uint64_t last_sequence_ = 0;
  std::uint64_t last_version_ = 0;
};

}  // namespace tallystick::settlement
