#pragma once
// Claims and truths for tests: short to write, the same in every run.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "reconcile/explain.h"
#include "reconcile/matcher.h"
#include "reconcile/model.h"

namespace tallystick::reconcile::test {

inline constexpr base::Timestamp kNoon{1'793'620'800'000'000};  // 2026-11-02T12:00:00Z

inline base::Currency eur() {
  return {{'E', 'U', 'R'}, 2};
}
inline base::Currency usd() {
  return {{'U', 'S', 'D'}, 2};
}

// 0: nil.
inline base::Uuid id(std::uint32_t number) {
  base::Uuid uuid;
  for (std::size_t i = 0; i < 4; ++i) {
    uuid.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return uuid;
}

inline Claim claim(std::string key, std::int64_t amount_minor, std::int64_t commission_minor) {
  return {.key = std::move(key),
          .occurred_at = kNoon,
          .booked_at = kNoon,
          .first_seen_at = kNoon,
          .amount_minor = amount_minor,
          .commission_minor = commission_minor,
          .currency = eur()};
}

inline Truth truth(std::uint32_t number, std::int64_t amount_minor, std::int64_t commission_minor) {
  return {.id = id(number),
          .occurred_at = kNoon,
          .amount_minor = amount_minor,
          .commission_minor = commission_minor,
          .currency = eur()};
}

// Records that often say the same: few clicks, orders, times and amounts.
struct World {
  std::vector<Claim> claims;
  std::vector<Truth> truths;
};

inline World draw_world(int max_records) {
  using rc::gen::inRange;
  World world;
  const auto status = [] {
    return static_cast<Status>(*inRange(0, 4));
  };
  const int claims = *inRange(0, max_records + 1);
  for (int i = 0; i < claims; ++i) {
    Claim one = claim("row-" + std::to_string(i), 1'000 + *inRange(0, 4) * 20, *inRange(-50, 200));
    one.click_id = id(static_cast<std::uint32_t>(std::max(0, *inRange(-4, 5))));
    one.order_id = *rc::gen::element<std::string>("", "", "", "A-1", " a-1 ", "B-2", "c-3", "D-4");
    one.reference = one.click_id.is_nil() ? *rc::gen::element<std::string>("", "mine") : "click";
    one.occurred_at = kNoon + *inRange(-30, 30) * base::kMicrosPerHour;
    one.booked_at = one.occurred_at + *inRange(0, 3) * base::kMicrosPerDay;
    one.currency = *inRange(0, 6) == 0 ? usd() : eur();
    one.status = status();
    one.is_correction = *inRange(0, 8) == 0;
    one.link_id = id(static_cast<std::uint32_t>(*inRange(0, 3)));
    world.claims.push_back(std::move(one));
  }
  const int truths = *inRange(0, max_records + 1);
  for (int i = 0; i < truths; ++i) {
    Truth one = truth(static_cast<std::uint32_t>(100 + i), 1'000 + *inRange(0, 4) * 20, *inRange(-50, 200));
    one.kind = *inRange(0, 8) == 0 ? TruthKind::kClick : TruthKind::kConversion;
    one.click_id = id(static_cast<std::uint32_t>(std::max(0, *inRange(-4, 5))));
    one.order_id =
        one.kind == TruthKind::kClick ? "" : *rc::gen::element<std::string>("", "", "", "a-1", "b-2", "C-3", "e-5");
    one.occurred_at = kNoon + *inRange(-30, 30) * base::kMicrosPerHour;
    one.currency = *inRange(0, 6) == 0 ? usd() : eur();
    one.status = status();
    one.is_invalid = *inRange(0, 6) == 0;
    one.link_id = id(static_cast<std::uint32_t>(*inRange(0, 3)));
    world.truths.push_back(std::move(one));
  }
  return world;
}

template <typename Record>
void shuffle(std::vector<Record>& records) {
  for (std::size_t i = records.size(); i > 1; --i) {
    std::swap(records[i - 1], records[static_cast<std::size_t>(*rc::gen::inRange<int>(0, static_cast<int>(i)))]);
  }
}

}  // namespace tallystick::reconcile::test
