#pragma once
// The audit trail as a table for people and auditors (RFC 4180). Pure.

#include <string>
#include <string_view>

#include "access/audit.h"

namespace tallystick::access {

// The first line, with its end.
[[nodiscard]] std::string_view audit_csv_header();
// One more line, with its end.
void append_audit_csv(const AuditEntry& entry, std::string& csv);

}  // namespace tallystick::access
