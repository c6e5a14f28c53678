#include "alerts/notice.h"

#include <utility>

#include "base/utf8.h"

namespace tallystick::alerts {
namespace {

std::string_view word_of(const Notice& notice) {
  switch (notice.cause) {
    case Cause::kAcknowledged:
      return "Acknowledged";
    case Cause::kResolved:
      return "Resolved";
    case Cause::kTest:
      return "Test";
    case Cause::kRaised:
    case Cause::kEscalated:
      break;
  }
  switch (notice.alert.severity) {
    case Severity::kInfo:
      return "Info";
    case Severity::kWarning:
      return "Warning";
    case Severity::kCritical:
      return "Critical";
  }
  return "Warning";
}

}  // namespace

std::string headline_of(const Notice& notice) {
  return base::clean_utf8(std::string(word_of(notice)) + ": " + notice.alert.summary, kMaxSummaryBytes);
}

Notice make_test_notice(const base::Uuid& id, base::Timestamp now, std::string source) {
  Notice notice{.id = id, .cause = Cause::kTest, .caused_at = now, .alert = {}, .source = std::move(source)};
  notice.alert.id = id;
  notice.alert.dedupe_key = "test";
  notice.alert.severity = Severity::kInfo;
  notice.alert.subject = "test";
  notice.alert.summary = "somebody tries whether this channel works; nothing is wrong";
  notice.alert.evidence = "{}";
  notice.alert.occurrences = 1;
  notice.alert.first_at = notice.alert.last_at = now;
  return notice;
}

}  // namespace tallystick::alerts
