#include "journal/summary.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "journal/codec.h"
#include "journal/utf8.h"

namespace tallystick::journal {
namespace {

class Summary {
 public:
  void add(std::string_view name, std::string_view text) {
    if (!text.empty()) {
      fields_.emplace_back(name, is_utf8(text) ? std::string(text) : base::percent_encode(text));
    }
  }
  void add(std::string_view name, const base::Uuid& id) {
    if (!id.is_nil()) {
      add(name, base::format_uuid(id));
    }
  }
  void add(std::string_view name, base::Timestamp time) { add(name, base::format_rfc3339(time)); }
  void add_number(std::string_view name, std::int64_t value) { add(name, std::to_string(value)); }
  void add(const Consent& consent) {
    add("consent",
        fmt::format("analytics={} marketing={} basis={}",
                    consent.has_analytics ? "yes" : "no",
                    consent.has_marketing ? "yes" : "no",
                    name_of(consent.basis)));
  }
  void add(const Verdict& verdict) {
    add("verdict", name_of(verdict.klass));
    std::string reasons;
    for (std::size_t i = 0; i < kReasonCount; ++i) {
      if (verdict.has(static_cast<Reason>(i))) {
        reasons += (reasons.empty() ? "" : ",") + std::string(name_of(static_cast<Reason>(i)));
      }
    }
    add("reasons", reasons);
    add_number("score", verdict.score);
    add_number("rules_version", verdict.rules_version);
  }
  [[nodiscard]] SummaryFields take() { return std::move(fields_); }

 private:
  SummaryFields fields_;
};

void add_event(const Impression& event, Summary& out) {
  out.add("occurred_at", event.occurred_at);
  out.add("placement_id", event.placement_id);
  out.add("merchant_id", event.merchant_id);
  out.add("partner_id", event.partner_id);
  out.add("exposure_unit_id", event.exposure_unit_id);
  out.add("campaign", event.campaign);
  out.add("article_slug", event.article_slug);
  out.add("flag_variant", event.flag_variant);
  out.add("country", event.country);
  out.add("agent_class", name_of(event.agent_class));
  out.add(event.consent);
  out.add(event.verdict);
}

void add_event(const Click& event, Summary& out) {
  out.add("partner_id", event.partner_id);
  out.add("link_id", event.link_id);
  out.add("placement_id", event.placement_id);
  out.add("merchant_id", event.merchant_id);
  out.add("impression_id", event.impression_id);
  out.add("campaign", event.campaign);
  out.add("article_slug", event.article_slug);
  out.add("flag_variant", event.flag_variant);
  out.add("sub", event.sub);
  out.add("key_id", event.key_id);
  out.add("country", event.country);
  out.add("agent_class", name_of(event.agent_class));
  out.add(event.consent);
  out.add(event.verdict);
}

void add_event(const Conversion& event, Summary& out) {
  out.add("occurred_at", event.occurred_at);
  out.add("click_id", event.click_id);
  out.add("partner_id", event.partner_id);
  out.add("merchant_id", event.merchant_id);
  out.add("source", event.source);
  out.add("order_id", event.order_id);
  out.add("type", event.type);
  out.add("status", name_of(event.status));
  out.add("network_status", event.network_status);
  out.add("transaction_id", event.transaction_id);
  out.add("currency", event.currency);
  out.add_number("amount_minor", event.amount_minor);
  out.add_number("commission_minor", event.commission_minor);
  out.add("sub", event.sub);
  out.add(event.consent);
  out.add(event.verdict);
}

void add_event(const VerdictRevision& event, Summary& out) {
  out.add_number("revised_sequence", static_cast<std::int64_t>(event.sequence));
  out.add("revised_event_id", event.event_id);
  out.add("revised_kind", name_of(event.event_kind));
  out.add("detector", event.detector);
  out.add(event.verdict);
}

void add_event(const Forwarding& event, Summary& out) {
  out.add("state", event.state == ForwardingState::kForwarded ? "forwarded" : "failed");
  out.add_number("clicks", static_cast<std::int64_t>(event.sequences.size()));
}

void add_event(const DeadLetter& event, Summary& out) {
  out.add("endpoint", event.endpoint);
  out.add("code", event.code);
  out.add("detail", event.detail);
}

void add_event(const SecurityEvent& event, Summary& out) {
  out.add("type", event.type);
  out.add("detail", event.detail);
  out.add("partner_id", event.partner_id);
  out.add_number("suppressed", event.suppressed);
}

void add_event(const DigestRecord& event, Summary& out) {
  out.add("subject_id", event.subject_id);
  out.add("digest", base::to_hex(event.digest));
}

void add_event(const Erasure& event, Summary& out) {
  out.add("cause", event.cause == ErasureCause::kPerson ? "person" : "retention");
  out.add_number("records", static_cast<std::int64_t>(event.sequences.size()));
  out.add_number("below_sequence", static_cast<std::int64_t>(event.below_sequence));
}

template <typename Event>
base::Result<SummaryFields> summary_of(const base::Result<Event>& event) {
  TALLY_TRY(event);
  Summary out;
  add_event(*event, out);
  return out.take();
}

}  // namespace

base::Result<SummaryFields> summarize(RecordKind kind, std::string_view fields) {
  std::vector<std::uint64_t> sequences;
  switch (kind) {
    case RecordKind::kImpression:
      return summary_of(decode_impression(fields));
    case RecordKind::kClick:
      return summary_of(decode_click(fields));
    case RecordKind::kConversion:
      return summary_of(decode_conversion(fields));
    case RecordKind::kVerdictRevision:
      return summary_of(decode_verdict_revision(fields));
    case RecordKind::kForwarding:
      return summary_of(decode_forwarding(fields, sequences));
    case RecordKind::kDeadLetter:
      return summary_of(decode_dead_letter(fields));
    case RecordKind::kSecurityEvent:
      return summary_of(decode_security_event(fields));
    case RecordKind::kAudit:
    case RecordKind::kLedgerPosting:
      return summary_of(decode_digest_record(fields));
    case RecordKind::kErasure:
    case RecordKind::kErasureDone:
      return summary_of(decode_erasure(fields, sequences));
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_record", "a kind of record that this version does not know");
}

}  // namespace tallystick::journal
