#include "warehouse/retention.h"

#include <cstdint>

#include <fmt/format.h>

namespace tallystick::warehouse {

namespace {

std::string expire(std::string_view column, std::int64_t days) {
  return fmt::format("toDateTime({}) + toIntervalDay({})", column, days);
}

// Whether the definition forgets by that column, but after another time.
bool differs(std::string_view definition, std::string_view column, std::int64_t days) {
  const std::string any = fmt::format("TTL toDateTime({}) + toIntervalDay(", column);
  return definition.find(any) != std::string_view::npos &&
         definition.find("TTL " + expire(column, days)) == std::string_view::npos;
}

}  // namespace

std::vector<std::string> retention_changes(const Layout& layout, std::string_view table, std::string_view definition) {
  const Retention& retention = layout.retention();
  const std::string alter = fmt::format("ALTER TABLE {}{} ", layout.table(table), layout.on_cluster());
  std::vector<std::string> out;
  if (differs(definition, "occurred_at", retention.event_days)) {
    out.push_back(alter + "MODIFY TTL " + expire("occurred_at", retention.event_days));
  }
  if (differs(definition, "received_at", retention.personal_days)) {
    const std::string ttl = expire("received_at", retention.personal_days);
    out.push_back(alter + fmt::format("MODIFY COLUMN user TTL {0}, MODIFY COLUMN session TTL {0}", ttl));
  }
  return out;
}

}  // namespace tallystick::warehouse
