#include "access/audit_csv.h"

#include "base/encoding.h"

namespace tallystick::access {
namespace {

// A leading =, +, - or @ would be a formula to a spreadsheet.
void append_field(std::string_view text, std::string& csv) {
  csv += '"';
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
    csv += '\'';
  }
  for (const char c : text) {
    csv.append(c == '"' ? 2 : 1, c);
  }
  csv += '"';
}

}  // namespace

std::string_view audit_csv_header() {
  return "id,occurred_at,actor,action,subject,reason,request_id,before,after,digest\r\n";
}

void append_audit_csv(const AuditEntry& entry, std::string& csv) {
  append_field(base::format_uuid(entry.id), csv);
  const std::string occurred_at = base::format_rfc3339(entry.occurred_at);
  const std::string digest = base::to_hex(entry.digest);
  for (const std::string_view text : {std::string_view(occurred_at),
                                      std::string_view(entry.context.actor),
                                      std::string_view(entry.change.action),
                                      std::string_view(entry.change.subject),
                                      std::string_view(entry.context.reason),
                                      std::string_view(entry.context.request_id),
                                      std::string_view(entry.change.before),
                                      std::string_view(entry.change.after),
                                      std::string_view(digest)}) {
    csv += ',';
    append_field(text, csv);
  }
  csv += "\r\n";
}

}  // namespace tallystick::access
