#include "reconcile/explain.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "reconcile/causes.h"
#include "reconcile/order_key.h"
#include "reconcile/repeats.h"

namespace tallystick::reconcile {
namespace {

base::Result<std::int64_t> narrow(Wide amount) {
  if (amount < std::numeric_limits<std::int64_t>::min() || amount > std::numeric_limits<std::int64_t>::max()) {
    return base::fail(base::ErrorKind::kUnprocessable,
                      "amount_overflow",
                      "the amounts of this period do not fit into 64 bits of minor units; look for a row with an "
                      "impossible amount");
  }
  return static_cast<std::int64_t>(amount);
}

// A finding while it is added up.
struct Sums {
  Finding counts;  // all but amounts
  Wide our_amount = 0, their_amount = 0;
  Wide our_commission = 0, their_commission = 0;
  std::array<Wide, kCauseCount> amount_of = {};
  std::array<std::int64_t, kCauseCount> records_of = {};
};

base::Result<Variance> variance_of(Wide theirs, Wide ours) {
  const auto magnitude = [](Wide amount) {
    return amount < 0 ? -amount : amount;
  };
  TALLY_ASSIGN(const std::int64_t numerator, narrow(magnitude(theirs - ours)));
  TALLY_ASSIGN(const std::int64_t denominator, narrow(std::max(magnitude(theirs), magnitude(ours))));
  return denominator == 0 ? Variance{} : Variance{.numerator = numerator, .denominator = denominator};
}

base::Result<Finding> finish(const Sums& sums, const ExplainRules& rules) {
  Finding finding = sums.counts;
  TALLY_ASSIGN(finding.our_amount_minor, narrow(sums.our_amount));
  TALLY_ASSIGN(finding.their_amount_minor, narrow(sums.their_amount));
  TALLY_ASSIGN(finding.our_commission_minor, narrow(sums.our_commission));
  TALLY_ASSIGN(finding.their_commission_minor, narrow(sums.their_commission));
  TALLY_ASSIGN(finding.variance, variance_of(sums.their_commission, sums.our_commission));
  finding.is_discrepancy = finding.variance.exceeds(rules.tolerance_basis_points);
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    if (sums.records_of[i] != 0) {
      TALLY_ASSIGN(const std::int64_t amount, narrow(sums.amount_of[i]));
      finding.causes.push_back({static_cast<Cause>(i), amount, sums.records_of[i]});
    }
  }
  return finding;
}

class Explanation {
 public:
  Explanation(std::span<const Claim> claims,
              std::span<const Truth> truths,
              const Matching& matching,
              const ExplainRules& rules)
      : claims_(claims), truths_(truths), matching_(matching), rules_(rules), corrections_(claims, matching) {}

  base::Result<Outcome> run() {
    for (std::uint32_t i = 0; i < matching_.matches.size(); ++i) {
      TALLY_TRY(explain_match(i));
    }
    TALLY_TRY(explain_claims());
    TALLY_TRY(explain_truths());
    TALLY_TRY(explain_corrections());
    std::sort(sums_.begin(), sums_.end(), [](const Sums& left, const Sums& right) {
      return left.counts.currency < right.counts.currency;
    });
    for (const Sums& sums : sums_) {
      TALLY_ASSIGN(Finding finding, finish(sums, rules_));
      outcome_.findings.push_back(std::move(finding));
    }
    return std::move(outcome_);
  }

 private:
  // Which sides of an item count, and why they differ.
  struct Part {
    const Claim* theirs = nullptr;
    const Truth* ours = nullptr;
    Cause cause = Cause::kUnexplained;
    bool is_said = true;  // also when it explains nothing, as the records of one side alone do
  };

  Sums& sums_of(const base::Currency& currency) {
    for (Sums& sums : sums_) {  // a handful
      if (sums.counts.currency == currency) {
        return sums;
      }
    }
    sums_.emplace_back().counts.currency = currency;
    return sums_.back();
  }

  base::Result<Sums*> add(Item item, const Part& part) {
    Sums& sums = sums_of(part.theirs != nullptr ? part.theirs->currency : part.ours->currency);
    item.currency = sums.counts.currency;
    if (part.ours != nullptr) {
      ++sums.counts.our_conversions;
      sums.our_amount += part.ours->amount_minor;
      item.our_commission_minor = part.ours->commission_minor;
    }
    if (part.theirs != nullptr) {
      sums.counts.their_conversions += part.theirs->is_correction ? 0 : 1;
      sums.their_amount += part.theirs->amount_minor;
      item.their_commission_minor = part.theirs->commission_minor;
    }
    sums.our_commission += item.our_commission_minor;
    sums.their_commission += item.their_commission_minor;
    TALLY_ASSIGN(const std::int64_t difference, narrow(Wide{item.their_commission_minor} - item.our_commission_minor));
    if (difference != 0 || part.is_said) {
      item.causes.push_back({part.cause, difference, 1});
      sums.amount_of[static_cast<std::size_t>(part.cause)] += difference;
      ++sums.records_of[static_cast<std::size_t>(part.cause)];
    }
    outcome_.items.push_back(std::move(item));
    return &sums;
  }

  base::Result<void> explain_match(std::uint32_t number) {
    const Match& match = matching_.matches[number];
    const Claim& claim = claims_[match.claim];
    const Truth& truth = truths_[match.truth];
    const bool is_theirs = counts_for_them(claim, rules_.period);
    const bool is_ours = counts_for_us(truth, rules_.period);
    const Item item{.claim = match.claim, .truth = match.truth, .match = number, .currency = {}};
    if (is_theirs && is_ours && claim.currency == truth.currency) {
      const Cause cause = cause_when_both_count(
          claim.commission_minor, truth.commission_minor, corrections_.sum_for(match.claim), rules_);
      TALLY_ASSIGN(Sums * sums, add(item, {&claim, &truth, cause, false}));
      count_match(*sums, claim, truth);
      sums->counts.amount_differences += differ_in_amount(claim, truth) ? 1 : 0;
      return {};
    }
    if (is_ours) {
      const Cause cause = is_theirs ? Cause::kCurrency : cause_when_only_ours_counts(claim, truth, rules_.period);
      TALLY_ASSIGN(Sums * sums, add(item, {nullptr, &truth, cause}));
      count_match(*sums, claim, truth);
    }
    if (is_theirs) {
      const Cause cause = is_ours ? Cause::kCurrency : cause_when_only_theirs_counts(claim, truth, rules_.period);
      TALLY_ASSIGN(Sums * sums, add(item, {&claim, nullptr, cause}));
      count_match(*sums, claim, truth);
    }
    return {};
  }

  static void count_match(Sums& sums, const Claim& claim, const Truth& truth) {
    ++sums.counts.matched;
    if (truth.kind == TruthKind::kConversion && differ_in_status(claim.status, truth.status)) {
      ++sums.counts.status_differences;
    }
  }

  [[nodiscard]] bool differ_in_amount(const Claim& claim, const Truth& truth) const {
    const auto differ = [&](std::int64_t theirs, std::int64_t ours) {
      const Wide difference = Wide{theirs} - ours;
      return difference > rules_.rounding_minor || -difference > rules_.rounding_minor;
    };
    return differ(claim.amount_minor, truth.amount_minor) || differ(claim.commission_minor, truth.commission_minor);
  }

  base::Result<void> explain_claims() {
    const std::vector<bool> is_repeated = find_repeated_claims(claims_, matching_);
    for (const std::uint32_t i : matching_.only_claims) {
      const Claim& claim = claims_[i];
      if (!counts_for_them(claim, rules_.period)) {
        continue;
      }
      Cause cause = Cause::kUnexplained;
      if (is_repeated[i]) {
        cause = Cause::kDuplicateTheirs;
      } else if (!claim.click_id.is_nil()) {
        cause = Cause::kMissingConversion;
      } else if (trim_order_id(claim.reference).empty()) {
        cause = Cause::kMissingSubId;
      }
      TALLY_ASSIGN(Sums * sums, add({.claim = i, .currency = {}}, {&claim, nullptr, cause}));
      ++sums->counts.only_theirs;
    }
    return {};
  }

  base::Result<void> explain_truths() {
    const std::vector<bool> is_repeated = find_repeated_truths(truths_, matching_);
    for (const std::uint32_t i : matching_.only_truths) {
      const Truth& truth = truths_[i];
      if (counts_for_us(truth, rules_.period)) {
        const Cause cause = is_repeated[i] ? Cause::kDuplicateOurs : Cause::kUnexplained;
        TALLY_ASSIGN(Sums * sums, add({.truth = i, .currency = {}}, {nullptr, &truth, cause}));
        ++sums->counts.only_ours;
      }
    }
    return {};
  }

  // Each is an item of its own that names the match of the row that it amends.
  base::Result<void> explain_corrections() {
    for (const Corrections::Link& link : corrections_.links()) {
      const Claim& correction = claims_[link.correction];
      if (!counts_for_them(correction, rules_.period)) {
        continue;
      }
      Item item{.claim = link.correction, .currency = {}};
      const auto match = std::partition_point(
          matching_.matches.begin(), matching_.matches.end(), [&](const Match& m) { return m.claim < link.claim; });
      if (match != matching_.matches.end() && match->claim == link.claim) {
        item.match = static_cast<std::uint32_t>(match - matching_.matches.begin());
      }
      TALLY_TRY(add(std::move(item), {&correction, nullptr, Cause::kReversal}));
    }
    return {};
  }

  std::span<const Claim> claims_;
  std::span<const Truth> truths_;
  const Matching& matching_;
  const ExplainRules& rules_;
  Corrections corrections_;
  std::vector<Sums> sums_;
  Outcome outcome_;
};

}  // namespace

base::Result<Outcome> explain(std::span<const Claim> claims,
                              std::span<const Truth> truths,
                              const Matching& matching,
                              const ExplainRules& rules) {
  return Explanation(claims, truths, matching, rules).run();
}

}  // namespace tallystick::reconcile
