#include "journal/event.h"

namespace tallystick::journal {

std::string_view name_of(Reason reason) {
  switch (reason) {
    case Reason::kUaCrawler:
      return "ua_crawler";
    case Reason::kUaMissing:
      return "ua_missing";
    case Reason::kPrefetch:
      return "prefetch";
    case Reason::kDatacenterIp:
      return "datacenter_ip";
    case Reason::kBlocked:
      return "blocked";
    case Reason::kDuplicateClick:
      return "duplicate_click";
    case Reason::kRateIp:
      return "rate_ip";
    case Reason::kRateSession:
      return "rate_session";
    case Reason::kTooFast:
      return "too_fast";
    case Reason::kNoImpression:
      return "no_impression";
    case Reason::kGeoMismatch:
      return "geo_mismatch";
  }
  return "unknown";
}

std::string_view name_of(VerdictClass klass) {
  switch (klass) {
    case VerdictClass::kValid:
      return "valid";
    case VerdictClass::kSuspect:
      return "suspect";
    case VerdictClass::kGivt:
      return "givt";
    case VerdictClass::kSivt:
      return "sivt";
  }
  return "unknown";
}

std::string_view name_of(RecordKind kind) {
  switch (kind) {
    case RecordKind::kImpression:
      return "impression";
    case RecordKind::kClick:
      return "click";
    case RecordKind::kConversion:
      return "conversion";
    case RecordKind::kVerdictRevision:
      return "verdict_revision";
    case RecordKind::kForwarding:
      return "forwarding";
    case RecordKind::kDeadLetter:
      return "dead_letter";
    case RecordKind::kSecurityEvent:
      return "security_event";
    case RecordKind::kAudit:
      return "audit";
    case RecordKind::kLedgerPosting:
      return "ledger_posting";
    case RecordKind::kErasure:
      return "erasure";
    case RecordKind::kErasureDone:
      return "erasure_done";
  }
  return "unknown";
}

std::string_view name_of(ConsentBasis basis) {
  switch (basis) {
    case ConsentBasis::kDefault:
      return "default";
    case ConsentBasis::kGpc:
      return "gpc";
    case ConsentBasis::kTcf:
      return "tcf";
    case ConsentBasis::kExplicit:
      return "explicit";
  }
  return "unknown";
}

std::string_view name_of(AgentClass klass) {
  switch (klass) {
    case AgentClass::kUnknown:
      return "unknown";
    case AgentClass::kDesktop:
      return "desktop";
    case AgentClass::kMobile:
      return "mobile";
    case AgentClass::kTablet:
      return "tablet";
    case AgentClass::kInApp:
      return "in_app";
    case AgentClass::kCrawler:
      return "crawler";
    case AgentClass::kOther:
      return "other";
  }
  return "unknown";
}

std::string_view name_of(ConversionStatus status) {
  switch (status) {
    case ConversionStatus::kPending:
      return "pending";
    case ConversionStatus::kApproved:
      return "approved";
    case ConversionStatus::kPaid:
      return "paid";
    case ConversionStatus::kReversed:
      return "reversed";
  }
  return "unknown";
}

}  // namespace tallystick::journal
