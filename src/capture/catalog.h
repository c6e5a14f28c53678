#pragma once
// What the capture path needs to know of the records, as an immutable snapshot: no request waits for a
// database. The composition refreshes it in the background; a change is visible within a second.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ip.h"
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"

namespace tallystick::capture {

struct CatalogPartner {
  base::Uuid id;
  std::string slug;
  std::string network;  // impact, cj, awin, ...
  bool is_paused = false;
  std::vector<std::string>
      allowed_hosts;  // whole host names, lower case; a name covers exactly itself unless it begins with "*."
  std::string sub_id_parameter;  // e.g. "clickref"; empty: none
  std::string public_page;       // the way on from a fallback page; may be empty
  std::int64_t link_lifetime_us = 24 * base::kMicrosPerHour;
  std::uint32_t throttle_per_second = 0;          // clicks; 0: unlimited
  std::string postback_secret;                    // empty: no HMAC asked for
  std::vector<base::IpNetwork> postback_sources;  // empty: any
  bool allows_duplicate_postbacks = false;
  std::string currency;  // ISO 4217: of postbacks that name none
};

struct CatalogLink {
  base::Uuid id;
  base::Uuid partner_id;
  std::string slug;
  std::string destination;  // template
  base::Uuid placement_id;  // default; nil: none
  bool is_paused = false;
};

struct CatalogPlacement {
  base::Uuid id;
  std::string slug;
  bool is_paused = false;
  bool requires_token = false;
  std::vector<std::string> countries;  // empty: any
};

struct CatalogMerchant {
  base::Uuid id;
  std::string slug;
  bool is_paused = false;
};

struct CatalogExposureUnit {
  base::Uuid id;
  base::Uuid merchant_id;
};

struct CatalogKey {
  std::string id;
  crypto::Digest digest{};  // SHA-256 of the key
  std::vector<std::string> scopes;
};

// Lookups by id or by slug; null when absent.
class Catalog {
 public:
  void add(CatalogPartner partner);
  void add(CatalogLink link);
  void add(CatalogPlacement placement);
  void add(CatalogMerchant merchant);
  void add(CatalogExposureUnit unit);
  void add(CatalogKey key);

  [[nodiscard]] const CatalogPartner* find_partner(std::string_view slug) const;
  [[nodiscard]] const CatalogPartner* find_partner(const base::Uuid& id) const;
  [[nodiscard]] const CatalogLink* find_link(const base::Uuid& partner_id, std::string_view slug) const;
  // `id_or_slug`: a UUID in text form or a slug.
  [[nodiscard]] const CatalogPlacement* find_placement(std::string_view id_or_slug) const;
  [[nodiscard]] const CatalogMerchant* find_merchant(std::string_view id_or_slug) const;
  [[nodiscard]] const CatalogExposureUnit* find_exposure_unit(const base::Uuid& id) const;
  [[nodiscard]] const CatalogKey* find_key(const crypto::Digest& digest) const;

 private:
  struct Tables;
  std::shared_ptr<Tables> tables_;

 public:
  Catalog();
};

// Where the newest snapshot is taken from. Thread-safe and cheap: one atomic load.
class CatalogSource {
 public:
  virtual ~CatalogSource() = default;
  [[nodiscard]] virtual std::shared_ptr<const Catalog> catalog() const = 0;
};

}  // namespace tallystick::capture
