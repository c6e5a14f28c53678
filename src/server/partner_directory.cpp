#include "server/partner_directory.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace tallystick::server {
namespace {

constexpr std::int64_t kPartnersPerPage = 500;

settlement::PartnerTerms terms_of(const partners::Partner& partner) {
  return {.id = partner.id,
          .slug = partner.slug,
          .name = partner.name,
          .network = std::string(partners::name_of(partner.network)),
          .is_active = partner.status == partners::Status::kActive,
          .currency = partner.currency,
          .time_zone = partner.time_zone,
          .tolerance_basis_points = partner.tolerance_basis_points};
}

}  // namespace

base::Result<settlement::PartnerTerms> PartnerDirectory::find(std::string_view slug_or_id) {
  TALLY_ASSIGN(const partners::Partner partner, partners_.get_partner(slug_or_id));
  return terms_of(partner);
}

base::Result<std::vector<settlement::PartnerTerms>> PartnerDirectory::list() {
  std::vector<settlement::PartnerTerms> all;
  std::string after;
  do {
    TALLY_ASSIGN(const auto page, partners_.list_partners({}, after, kPartnersPerPage));
    std::ranges::transform(page.items, std::back_inserter(all), terms_of);
    after = page.next_after;
  } while (!after.empty());
  return all;
}

}  // namespace tallystick::server
