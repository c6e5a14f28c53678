#include "server/catalog_refresher.h"

#include <utility>

namespace tallystick::server {
namespace {

capture::CatalogPartner convert(const partners::Partner& partner) {
  capture::CatalogPartner out;
  out.id = partner.id;
  out.slug = partner.slug;
  out.network = partners::name_of(partner.network);
  out.is_paused = partner.status == partners::Status::kPaused;
  out.allowed_hosts = partner.allowed_hosts;
  out.sub_id_parameter = partner.sub_id_parameter;
  out.public_page = partner.public_page;
  out.link_lifetime_us = partner.link_lifetime_s * base::kMicrosPerSecond;
  out.throttle_per_second = static_cast<std::uint32_t>(partner.throttle_per_second);
  out.postback_secret = partner.postback_secret;
  out.postback_sources = partner.postback_sources;
  out.allows_duplicate_postbacks = partner.allows_duplicate_postbacks;
  out.currency = partner.currency.text();
  return out;
}

capture::CatalogLink convert(const partners::Link& link) {
  capture::CatalogLink out;
  out.id = link.id;
  out.partner_id = link.partner_id;
  out.slug = link.slug;
  out.destination = link.destination;
  out.placement_id = link.placement_id.value_or(base::Uuid{});
  out.is_paused = link.status == partners::Status::kPaused;
  return out;
}

capture::CatalogPlacement convert(const exposure::Placement& placement) {
  capture::CatalogPlacement out;
  out.id = placement.id;
  out.slug = placement.slug;
  out.is_paused = placement.status == exposure::Status::kPaused;
  out.requires_token = placement.requires_token;
  out.countries = placement.countries;
  return out;
}

}  // namespace

CatalogRefresher::CatalogRefresher(partners::PartnerService& partners, exposure::ExposureService& exposure, Keys keys)
    : partners_(partners), exposure_(exposure), keys_(std::move(keys)) {}

base::Result<bool> CatalogRefresher::refresh() {
  Revisions now;
  TALLY_ASSIGN(now.partners, partners_.revision());
  TALLY_ASSIGN(now.exposure, exposure_.revision());
  TALLY_ASSIGN(now.keys, keys_.revision());
  if (seen_ == now) {
    return false;
  }
  // A change between the revisions and the rows is loaded now and once more at the next turn: harmless.
  auto catalog = std::make_shared<capture::Catalog>();
  TALLY_ASSIGN(const partners::Snapshot partners, partners_.load_all());
  for (const partners::Partner& partner : partners.partners) {
    catalog->add(convert(partner));
  }
  for (const partners::Link& link : partners.links) {
    catalog->add(convert(link));
  }
  TALLY_ASSIGN(const exposure::Snapshot exposure, exposure_.load_all());
  for (const exposure::Placement& placement : exposure.placements) {
    catalog->add(convert(placement));
  }
  for (const exposure::Merchant& merchant : exposure.merchants) {
    catalog->add(capture::CatalogMerchant{merchant.id, merchant.slug, merchant.status == exposure::Status::kPaused});
  }
  for (const exposure::ExposureUnit& unit : exposure.exposure_units) {
    catalog->add(capture::CatalogExposureUnit{unit.id, unit.merchant_id});
  }
  TALLY_ASSIGN(const std::vector<capture::CatalogKey> keys, keys_.load_all());
  for (const capture::CatalogKey& key : keys) {
    catalog->add(key);
  }
  {
    const std::lock_guard lock(mutex_);
    catalog_ = std::move(catalog);
  }
  seen_ = now;
  is_loaded_ = true;
  return true;
}

std::shared_ptr<const capture::Catalog> CatalogRefresher::catalog() const {
  const std::lock_guard lock(mutex_);
  return catalog_;
}

}  // namespace tallystick::server
