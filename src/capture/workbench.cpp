#include "capture/workbench.h"

#include <algorithm>

#include "base/encoding.h"
#include "capture/dead_letter.h"
#include "http/problem.h"
#include "journal/codec.h"

namespace tallystick::capture {

Workbench::Workbench(Capture& shared)
    : capture(shared), pepper(shared.rooms().keys.signer(crypto::KeyPurpose::kPepper).key) {}

std::uint32_t Workbench::stage(journal::RecordKind kind,
                               journal::DedupeWindow window,
                               const base::Uuid& event_id,
                               base::Timestamp received_at,
                               const journal::Personal& who) {
  personal.clear();
  if (!who.is_empty()) {
    journal::encode(who, personal);
  }
  const journal::RecordHeader header{.kind = kind, .window = window, .event_id = event_id, .received_at = received_at};
  return static_cast<std::uint32_t>(turn->batch->add(header, fields, personal, capture.rooms().random));
}

std::uint32_t Workbench::stage_dead_letter(Endpoint endpoint,
                                           const EventFault& fault,
                                           const base::Uuid& event_id,
                                           std::string_view raw,
                                           base::Timestamp received_at,
                                           const journal::Personal& who) {
  std::string detail;
  append_detail(fault, detail);
  fields.clear();
  journal::encode(
      journal::DeadLetter{.endpoint = name_of(endpoint), .code = name_of(fault.code), .detail = detail, .raw = raw},
      fields);
  capture.statistics().rejected[static_cast<std::size_t>(endpoint)][static_cast<std::size_t>(fault.code)].add();
  return stage(journal::RecordKind::kDeadLetter, journal::DedupeWindow::kNone, event_id, received_at, who);
}

void Workbench::report_security(SecurityEventType type,
                                std::string_view detail,
                                const CatalogPartner* partner,
                                base::Timestamp now) {
  capture.statistics().security_events.add();
  const auto suppressed = capture.security_log().admit(type, capture.rooms().clock.monotonic_us());
  if (!suppressed) {
    return;
  }
  fields.clear();
  journal::encode(journal::SecurityEvent{.type = name_of(type),
                                         .detail = detail,
                                         .partner_id = partner == nullptr ? base::Uuid{} : partner->id,
                                         .suppressed = *suppressed},
                  fields);
  stage(journal::RecordKind::kSecurityEvent,
        journal::DedupeWindow::kNone,
        base::make_uuid_v7(now, capture.rooms().random),
        now,
        {});
  const std::string slug = partner == nullptr ? std::string() : partner->slug;
  capture.alerts().push({.severity = AlertSeverity::kWarning,
                         .dedupe_key = "capture." + std::string(name_of(type)) + "." + slug,
                         .subject = slug.empty() ? "capture" : "partner " + slug,
                         .summary = "Refused: " + std::string(name_of(type)) + " (" + std::string(detail) + ")",
                         .evidence = "{\"suppressed\":" + std::to_string(*suppressed) + "}"});
}

journal::Verdict Workbench::judge_conversion(const base::Uuid& event_id,
                                             const base::Uuid& partner_id,
                                             std::string_view partner_slug,
                                             base::Timestamp now) {
  quality::Evidence evidence;
  evidence.kind = quality::EventKind::kConversion;
  evidence.now = now;
  evidence.event_id = event_id;
  evidence.partner_id = partner_id;
  evidence.partner_slug = partner_slug;
  return capture.rooms().judge.judge(evidence).verdict;
}

std::int64_t Workbench::throttle_client(const base::IpAddress& client, const Rate& rate) {
  return capture.throttle().take(client, rate, capture.rooms().clock.monotonic_us());
}

void answer_problem(http::Reply& reply, const base::Error& error, std::string_view path, std::int64_t retry_after_us) {
  std::string headers = "Cache-Control: no-store\r\n";
  if (error.kind == base::ErrorKind::kRateLimited || error.kind == base::ErrorKind::kUnavailable) {
    const std::int64_t seconds = (retry_after_us + base::kMicrosPerSecond - 1) / base::kMicrosPerSecond;
    headers += "Retry-After: " + std::to_string(std::max<std::int64_t>(seconds, 1)) + "\r\n";
  }
  if (error.kind == base::ErrorKind::kUnauthenticated) {
    headers += "WWW-Authenticate: Bearer\r\n";
  }
  reply.send(base::http_status(error.kind), headers, http::kProblemContentType, http::problem_body(error, path));
}

}  // namespace tallystick::capture
