#include "settlement/claims_row.h"

#include <algorithm>
#include <utility>

#include "settlement/claims_click_id.h"

namespace tallystick::settlement {

std::string normalise_reference(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) {
    return {};
  }
  std::string out(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

reconcile::Claim make_claim(ReportRow&& row) {
  reconcile::Claim claim;
  claim.key = std::move(row.key);
  claim.click_id = find_click_id(row.sub_id).value_or(base::Uuid{});
  claim.reference = std::move(row.sub_id);
  claim.order_id = normalise_reference(row.order_id);
  claim.occurred_at = row.occurred_at;
  claim.booked_at = row.booked_at;
  claim.first_seen_at = row.first_seen_at;
  claim.amount_minor = row.amount_minor;
  claim.commission_minor = row.commission_minor;
  claim.currency = row.currency;
  claim.status = row.status;
  claim.is_correction = row.is_correction;
  return claim;
}

}  // namespace tallystick::settlement
