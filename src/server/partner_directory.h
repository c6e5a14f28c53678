#pragma once
// What settlement knows of partners, told by the room that has them. Thread-safe: blocks on the database.

#include <string_view>
#include <vector>

#include "partners/service.h"
#include "settlement/partner_terms.h"

namespace tallystick::server {

class PartnerDirectory final : public settlement::PartnerDirectory {
 public:
  // `partners` must outlive it.
  explicit PartnerDirectory(partners::PartnerService& partners) : partners_(partners) {}

  [[nodiscard]] base::Result<settlement::PartnerTerms> find(std::string_view slug_or_id) override;
  [[nodiscard]] base::Result<std::vector<settlement::PartnerTerms>> list() override;

 private:
  partners::PartnerService& partners_;
};

}  // namespace tallystick::server
