#include "server/reconcile_parts.h"

namespace tallystick::server {
namespace {

constexpr std::string_view kPartnerPrefix = "partner:";

}  // namespace

base::Result<std::string> ReconcileParts::resolve_subject(std::string_view text) {
  if (text.starts_with(kPartnerPrefix)) {
    return std::string(text);
  }
  TALLY_ASSIGN(const partners::Partner partner, rooms_.partners.get_partner(text));
  return std::string(kPartnerPrefix) + base::format_uuid(partner.id);
}

void ReconcileParts::add_routes(http::Router& router, const reconcile::MakeIdempotent& make_idempotent) {
  reconcile::add_routes(
      router, runs_, [this](std::string_view text) { return resolve_subject(text); }, make_idempotent);
}

alerts::Check ReconcileParts::discrepancy_check() {
  return {.name = "discrepancy", .run = [this]() -> base::Result<alerts::CheckResult> {
            TALLY_TRY(runs_.discrepancies().settle_alerts());
            TALLY_ASSIGN(std::vector<alerts::Occurrence> overdue, runs_.discrepancies().list_overdue());
            return alerts::CheckResult(std::move(overdue));
          }};
}

base::Result<void> ReconcileParts::remove_leftovers() {
  TALLY_ASSIGN(const std::int64_t removed, runs_.remove_leftovers());
  if (removed > 0) {
    rooms_.log.info("reconciliations that had not come to their end were removed", {{"runs", removed}});
  }
  return {};
}

}  // namespace tallystick::server
