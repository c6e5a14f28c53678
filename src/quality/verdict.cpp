#include "quality/verdict.h"

#include <array>

namespace tallystick::quality {

namespace {

using journal::Reason;
using journal::VerdictClass;

struct Rule {
  VerdictClass klass;
  std::uint8_t weight;
};

// In the order of journal::Reason.
constexpr std::array<Rule, journal::kReasonCount> kRules = {{
    {VerdictClass::kGivt, 100},    // ua_crawler: it says so itself
    {VerdictClass::kGivt, 90},     // ua_missing
    {VerdictClass::kGivt, 100},    // prefetch: it says so itself
    {VerdictClass::kGivt, 90},     // datacenter_ip: some people browse through one
    {VerdictClass::kGivt, 100},    // blocked
    {VerdictClass::kGivt, 100},    // duplicate_click
    {VerdictClass::kSivt, 70},     // rate_ip: an address may be many people
    {VerdictClass::kSivt, 80},     // rate_session
    {VerdictClass::kSivt, 85},     // too_fast
    {VerdictClass::kSuspect, 50},  // no_impression
    {VerdictClass::kSuspect, 40},  // geo_mismatch
}};

int rank_of(VerdictClass klass) {
  switch (klass) {
    case VerdictClass::kValid:
      return 0;
    case VerdictClass::kSuspect:
      return 1;
    case VerdictClass::kSivt:
      return 2;
    case VerdictClass::kGivt:
      return 3;
  }
  return 0;
}

}  // namespace

VerdictClass class_of(Reason reason) {
  return kRules[static_cast<std::size_t>(reason)].klass;
}
std::uint8_t weight_of(Reason reason) {
  return kRules[static_cast<std::size_t>(reason)].weight;
}

journal::Verdict make_verdict(std::uint32_t reasons, std::uint32_t rules_version) {
  journal::Verdict verdict;
  verdict.rules_version = rules_version;
  unsigned left = 100;
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if ((reasons >> i & 1U) == 0) {
      continue;
    }
    verdict.reasons |= 1U << i;
    left = left * (100U - kRules[i].weight) / 100U;
    if (rank_of(kRules[i].klass) > rank_of(verdict.klass)) {
      verdict.klass = kRules[i].klass;
    }
  }
  verdict.score = static_cast<std::uint8_t>(100U - left);
  return verdict;
}

journal::Verdict with_reason(const journal::Verdict& verdict, Reason reason, std::uint32_t rules_version) {
  return make_verdict(verdict.reasons | 1U << static_cast<unsigned>(reason), rules_version);
}

}  // namespace tallystick::quality
