#include "capture/catalog.h"

#include <algorithm>

#include "capture/host.h"

namespace tallystick::capture {
namespace {

// Lets the maps be asked with a view, without making a string for it.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
};
struct DigestHash {
  std::size_t operator()(const crypto::Digest& digest) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value);
    return value;
  }
};

// A link is found by its partner and slug in one look-up.
struct LinkKey {
  base::Uuid partner_id;
  std::string slug;
};
struct LinkKeyView {
  base::Uuid partner_id;
  std::string_view slug;
};
struct LinkHash {
  using is_transparent = void;
  std::size_t operator()(const LinkKeyView& key) const noexcept {
    return base::UuidHash{}(key.partner_id) ^ std::hash<std::string_view>{}(key.slug);
  }
  std::size_t operator()(const LinkKey& key) const noexcept { return (*this)(LinkKeyView{key.partner_id, key.slug}); }
};
struct LinkEqual {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const noexcept {
    return a.partner_id == b.partner_id && std::string_view(a.slug) == std::string_view(b.slug);
  }
};

// Rows by id, and by slug through the id. unordered_map nodes do not move, so pointers to rows stay good.
template <typename Row>
class Rows {
 public:
  void add(Row row) {
    Row& kept = by_id_[row.id];
    if (!kept.slug.empty()) {
      by_slug_.erase(kept.slug);
    }
    kept = std::move(row);
    by_slug_[kept.slug] = &kept;
  }
  [[nodiscard]] const Row* find(const base::Uuid& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const Row* find_slug(std::string_view slug) const {
    const auto found = by_slug_.find(slug);
    return found == by_slug_.end() ? nullptr : found->second;
  }
  [[nodiscard]] const Row* find_any(std::string_view id_or_slug) const {
    base::Uuid id;
    return base::parse_uuid_into(id_or_slug, id) ? find(id) : find_slug(id_or_slug);
  }

 private:
  std::unordered_map<base::Uuid, Row, base::UuidHash> by_id_;
  std::unordered_map<std::string, const Row*, TextHash, std::equal_to<>> by_slug_;
};

}  // namespace

struct Catalog::Tables {
  Rows<CatalogPartner> partners;
  Rows<CatalogPlacement> placements;
  Rows<CatalogMerchant> merchants;
  std::unordered_map<LinkKey, CatalogLink, LinkHash, LinkEqual> links;
  std::unordered_map<base::Uuid, CatalogExposureUnit, base::UuidHash> units;
  std::unordered_map<crypto::Digest, CatalogKey, DigestHash> keys;
};

Catalog::Catalog() : tables_(std::make_shared<Tables>()) {}

void Catalog::add(CatalogPartner partner) {
  // "*.com" would let in everybody.
  std::erase_if(partner.allowed_hosts, [](const std::string& host) { return !is_sound_allowed_host(host); });
  tables_->partners.add(std::move(partner));
}
void Catalog::add(CatalogLink link) {
  LinkKey key{link.partner_id, link.slug};
  tables_->links.insert_or_assign(std::move(key), std::move(link));
}
void Catalog::add(CatalogPlacement placement) {
  tables_->placements.add(std::move(placement));
}
void Catalog::add(CatalogMerchant merchant) {
  tables_->merchants.add(std::move(merchant));
}
void Catalog::add(CatalogExposureUnit unit) {
  tables_->units.insert_or_assign(unit.id, unit);
}
void Catalog::add(CatalogKey key) {
  const crypto::Digest digest = key.digest;
  tables_->keys.insert_or_assign(digest, std::move(key));
}

const CatalogPartner* Catalog::find_partner(std::string_view slug) const {
  return tables_->partners.find_slug(slug);
}
const CatalogPartner* Catalog::find_partner(const base::Uuid& id) const {
  return tables_->partners.find(id);
}
const CatalogLink* Catalog::find_link(const base::Uuid& partner_id, std::string_view slug) const {
  const auto found = tables_->links.find(LinkKeyView{partner_id, slug});
  return found == tables_->links.end() ? nullptr : &found->second;
}
const CatalogPlacement* Catalog::find_placement(std::string_view id_or_slug) const {
  return tables_->placements.find_any(id_or_slug);
}
const CatalogMerchant* Catalog::find_merchant(std::string_view id_or_slug) const {
  return tables_->merchants.find_any(id_or_slug);
}
const CatalogExposureUnit* Catalog::find_exposure_unit(const base::Uuid& id) const {
  const auto found = tables_->units.find(id);
  return found == tables_->units.end() ? nullptr : &found->second;
}
const CatalogKey* Catalog::find_key(const crypto::Digest& digest) const {
  const auto found = tables_->keys.find(digest);
  return found == tables_->keys.end() ? nullptr : &found->second;
}

}  // namespace tallystick::capture
