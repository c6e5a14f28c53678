#pragma once
// A month of conversions and of a partner's rows about them, with what belongs together known: for measuring how much
// of it a matcher finds. Seeded; the same everywhere. Used by tests and bench.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "reconcile/model.h"

namespace tallystick::reconcile::test {

struct MonthRules {
  std::uint32_t conversions = 10'000;
  std::uint64_t seed = 1;
  std::uint32_t days = 30;
  std::uint32_t without_ids_percent = 30;  // rows that name neither click nor order
  std::uint32_t only_order_percent = 20;   // rows that name the order alone
  std::uint32_t not_ours_percent = 2;      // rows about sales that we never saw
  std::uint32_t not_theirs_percent = 3;    // conversions that have no row
  std::uint32_t list_price_percent = 40;   // sales at one of forty prices; the others at any amount
  std::uint32_t link_known_percent = 50;   // rows that name the link
  std::uint32_t slow_percent = 10;         // rows that are hours late; the others within two minutes
  std::int64_t span_us = 0;                // 0: the days
  bool is_one_amount = false;              // every sale costs the same
  bool is_without_time = false;            // rows state days only: midnight
};

struct Month {
  std::vector<Claim> claims;
  std::vector<Truth> truths;
  std::vector<std::uint32_t> truth_of;  // of each claim; kNone: none
};

class MonthMaker {
 public:
  explicit MonthMaker(const MonthRules& rules) : rules_(rules), state_(rules.seed) {}

  Month make() {
    Month month;
    month.claims.reserve(rules_.conversions);
    month.truths.reserve(rules_.conversions);
    for (std::uint32_t i = 0; i < rules_.conversions; ++i) {
      Truth truth = make_truth();
      if (!is_of(rules_.not_theirs_percent)) {
        const bool is_ours = !is_of(rules_.not_ours_percent);
        month.claims.push_back(make_claim(truth));
        month.truth_of.push_back(is_ours ? static_cast<std::uint32_t>(month.truths.size()) : kNone);
        if (!is_ours) {
          continue;
        }
      }
      month.truths.push_back(std::move(truth));
    }
    return month;
  }

 private:
  std::uint64_t next() {  // SplitMix64
    std::uint64_t z = (state_ += 0x9E37'79B9'7F4A'7C15ULL);
    z = (z ^ (z >> 30U)) * 0xBF58'476D'1CE4'E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D0'49BB'1331'11EBULL;
    return z ^ (z >> 31U);
  }
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }
  bool is_of(std::uint32_t percent) { return below(100) < percent; }
  base::Uuid make_id() {
    base::Uuid id;
    for (std::size_t i = 0; i < 16; i += 8) {
      const std::uint64_t bits = next();
      for (std::size_t byte = 0; byte < 8; ++byte) {
        id.bytes[i + byte] = static_cast<std::uint8_t>(bits >> (8 * byte));
      }
    }
    return id;
  }
  base::Uuid link(std::int64_t number) {
    base::Uuid id;
    id.bytes[0] = 1;
    id.bytes[15] = static_cast<std::uint8_t>(number);
    return id;
  }

  Truth make_truth() {
    Truth truth{.id = make_id(),
                .click_id = make_id(),
                .order_id = "ORDER-" + std::to_string(10'000'000 + number_++),
                .occurred_at = {1'793'491'200'000'000 +
                                below(rules_.span_us > 0 ? rules_.span_us : rules_.days * base::kMicrosPerDay)},
                .currency = {{'E', 'U', 'R'}, 2},
                .link_id = link(below(200))};
    truth.amount_minor = is_of(rules_.list_price_percent) ? 990 + 700 * below(40) : 500 + below(100) * below(300);
    truth.amount_minor = rules_.is_one_amount ? 1'990 : truth.amount_minor;
    truth.commission_minor = truth.amount_minor * 7 / 100;
    return truth;
  }

  Claim make_claim(const Truth& truth) {
    Claim claim{.key = "network:" + std::to_string(next() % 1'000'000'000'000ULL) + ":" + std::to_string(number_),
                .amount_minor = truth.amount_minor,
                .commission_minor = truth.commission_minor,
                .currency = truth.currency};
    const std::int64_t lag_us =
        is_of(rules_.slow_percent) ? below(6 * base::kMicrosPerHour) : below(2 * base::kMicrosPerMinute);
    claim.occurred_at = {(truth.occurred_at.us + lag_us) / base::kMicrosPerSecond * base::kMicrosPerSecond};
    if (rules_.is_without_time) {
      claim.occurred_at.us -= claim.occurred_at.us % base::kMicrosPerDay;
    }
    claim.booked_at = claim.first_seen_at = claim.occurred_at;
    const std::int64_t luck = below(100);
    if (luck < 3) {
      claim.amount_minor += luck < 2 ? 1 : -(claim.amount_minor * below(30) / 1'000);
    }
    if (is_of(rules_.link_known_percent)) {
      claim.link_id = truth.link_id;
    }
    const std::int64_t ids = below(100);
    if (ids >= rules_.without_ids_percent) {
      claim.order_id = truth.order_id;
      if (ids >= rules_.without_ids_percent + rules_.only_order_percent) {
        claim.click_id = truth.click_id;
        claim.reference = base::format_uuid(truth.click_id);
      }
    }
    return claim;
  }

  MonthRules rules_;
  std::uint64_t state_;
  std::uint32_t number_ = 0;
};

// How much of what belongs together was found: twice the right matches, of all that were made and all that there are.
struct Quality {
  std::int64_t right = 0, made = 0, there = 0;

  [[nodiscard]] double f1() const {
    return made + there == 0 ? 1.0 : 2.0 * static_cast<double>(right) / static_cast<double>(made + there);
  }
};

// Of all rows, or of those alone that name neither click nor order.
inline Quality quality_of(const Month& month, const std::vector<Match>& matches, bool only_without_ids) {
  const auto is_asked = [&](std::uint32_t claim) {
    const Claim& one = month.claims[claim];
    return !only_without_ids || (one.click_id.is_nil() && one.order_id.empty());
  };
  Quality quality;
  for (std::uint32_t i = 0; i < month.claims.size(); ++i) {
    quality.there += month.truth_of[i] != kNone && is_asked(i) ? 1 : 0;
  }
  for (const Match& match : matches) {
    if (is_asked(match.claim)) {
      ++quality.made;
      quality.right += month.truth_of[match.claim] == match.truth ? 1 : 0;
    }
  }
  return quality;
}

}  // namespace tallystick::reconcile::test
