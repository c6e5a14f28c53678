#pragma once
// Claims of an outside party beside what we measured ourselves, as plain values: what is matched, compared and
// explained (30-partners, "Reconciliation"; docs/reconciliation.md has the definitions). Knows no partner and no
// report: whoever has claims and truth brings them in this form.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::reconcile {

enum class Status : std::uint8_t { kPending, kApproved, kPaid, kReversed };
[[nodiscard]] std::string_view name_of(Status status);

// What the other side states: a row of its report.
struct Claim {
  std::string key;             // unique among the claims of a run, the same in every run
  std::string reference = {};  // the sub-id as they wrote it, or ""; click_id is what it names
  base::Uuid click_id = {};    // one of ours; nil: they name none
  std::string order_id = {};   // "": they name none
  base::Timestamp occurred_at = {};
  base::Timestamp booked_at = {};      // decides their period; occurred_at where they say nothing else
  base::Timestamp first_seen_at = {};  // when we imported the row first
  std::int64_t amount_minor = 0;       // of the sale
  std::int64_t commission_minor = 0;
  base::Currency currency;
  Status status = Status::kApproved;
  bool is_correction =
      false;                // amends another row of theirs, which it names by order or click; amounts may be negative
  base::Uuid link_id = {};  // nil: not known
};

enum class TruthKind : std::uint8_t {
  kConversion,
  kClick,  // without a conversion of ours; it has no amounts
};

// What we measured.
struct Truth {
  base::Uuid id;  // conversion key, or event id of the click; unique among the truths of a run
  TruthKind kind = TruthKind::kConversion;
  base::Uuid click_id = {};  // of a click: its own
  std::string order_id = {};
  base::Timestamp occurred_at = {};
  std::int64_t amount_minor = 0;
  std::int64_t commission_minor = 0;  // what we expect
  base::Currency currency;
  Status status = Status::kApproved;
  bool is_invalid = false;  // GIVT or SIVT: we expect nothing for it
  base::Uuid link_id = {};  // nil: not known
};

enum class MatchRule : std::uint8_t { kClickId, kOrderId, kAssignment };
[[nodiscard]] std::string_view name_of(MatchRule rule);

inline constexpr std::uint32_t kNone = UINT32_MAX;
inline constexpr std::uint16_t kCertain = 1'000;

// One claim and one truth; neither is in another match. Positions in the spans that were matched.
struct Match {
  std::uint32_t claim = kNone;
  std::uint32_t truth = kNone;
  MatchRule rule = MatchRule::kClickId;
  std::uint16_t confidence_permille = kCertain;
  std::uint32_t runner_up = kNone;  // the truth that came second for this claim
  std::uint16_t runner_up_permille = 0;
};

struct Matching {
  std::vector<Match> matches;              // by claim
  std::vector<std::uint32_t> only_claims;  // ascending; corrections take no part and are in neither
  std::vector<std::uint32_t> only_truths;  // ascending
};

// Why theirs - ours is not zero. docs/reconciliation.md says when each applies.
enum class Cause : std::uint8_t {
  kTimeZone,           // in one side's period only, because days begin at different moments
  kLateRow,            // happened in the period, booked by them after it
  kPeriodCut,          // in one side's period only, for any other reason
  kInvalidTraffic,     // they pay for what we filtered
  kDuplicateTheirs,    // they state it twice
  kDuplicateOurs,      // we recorded it twice
  kReversal,           // one side has taken it back
  kPending,            // they have not locked it yet
  kMissingSubId,       // they name neither click nor order, and nothing of ours fits
  kMissingConversion,  // a click of ours is named, whose (or whose other) conversion never reached us
  kCurrency,           // stated in another currency
  kRounding,           // a minor unit or so per row
  kTolerance,          // the rest, when it is within the tolerance
  kUnexplained,
};
inline constexpr std::size_t kCauseCount = 14;
[[nodiscard]] std::string_view name_of(Cause cause);  // "time_zone", "late_row", ...

struct CauseAmount {
  Cause cause = Cause::kUnexplained;
  std::int64_t amount_minor = 0;  // of theirs - ours
  std::int64_t records = 0;

  friend bool operator==(const CauseAmount&, const CauseAmount&) = default;
};

// Which records count for which side: [from, to) by Truth::occurred_at, [their_from, their_to) by Claim::booked_at. The
// same days in two time zones.
struct Period {
  base::Timestamp from, to;
  base::Timestamp their_from, their_to;
};

// |theirs - ours| / max(|theirs|, |ours|), exact; 0 / 1 when both are zero.
struct Variance {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;

  // Whether it exceeds so many hundredths of a per cent; without rounding.
  [[nodiscard]] bool exceeds(std::int64_t basis_points) const;
  // "2.47", per cent with two decimals, half to even.
  [[nodiscard]] std::string percent() const;
};

// The outcome for one currency. Causes add up to theirs - ours exactly; those of amount and count zero are left out.
struct Finding {
  base::Currency currency;
  std::int64_t our_conversions = 0, their_conversions = 0;
  std::int64_t our_amount_minor = 0, their_amount_minor = 0;          // of the sales
  std::int64_t our_commission_minor = 0, their_commission_minor = 0;  // what the variance is of
  std::int64_t matched = 0, only_ours = 0, only_theirs = 0;           // of which a side counts
  std::int64_t amount_differences = 0, status_differences = 0;        // among the matched
  Variance variance;
  bool is_discrepancy = false;  // above the tolerance
  std::vector<CauseAmount> causes;
};

// What became of one match or one record without a match, and its part of theirs - ours. A match across two currencies
// makes two items, one in each. A correction makes an item of its own, without a truth, that names the match of the row
// which it amends, if that row has one.
struct Item {
  std::uint32_t claim = kNone;
  std::uint32_t truth = kNone;
  std::uint32_t match = kNone;  // position in Matching::matches
  base::Currency currency;
  std::int64_t our_commission_minor = 0;  // as far as it counts in the period
  std::int64_t their_commission_minor = 0;
  std::vector<CauseAmount> causes = {};  // add up to their - our
};

struct Outcome {
  std::vector<Finding> findings;  // by currency code
  std::vector<Item> items;        // every record that counts in the period on either side, or would but for its cause
};

}  // namespace tallystick::reconcile
