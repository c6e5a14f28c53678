#include "cli/history_world.h"

#include <array>

#include <fmt/format.h>

namespace tallystick::cli {
namespace {

using journal::ExposureType;

struct HistoryPartnerSeed {
  std::string_view slug;
  std::string_view name;
  partners::Network network;
  std::string_view currency;
  std::string_view time_zone;
  std::array<std::string_view, 2> links;
};

constexpr std::array<HistoryPartnerSeed, 6> kHistoryPartners = {
    {{"past-outdoor", "Past Outdoor", partners::Network::kAwin, "EUR", "Europe/Berlin", {"tents", "boots"}},
     {"past-books", "Past Books", partners::Network::kImpact, "USD", "America/New_York", {"novels", "atlases"}},
     {"past-audio", "Past Audio", partners::Network::kCj, "GBP", "Europe/London", {"headphones", "vinyl"}},
     {"past-travel", "Past Travel", partners::Network::kGeneric, "SGD", "Asia/Singapore", {"rail", "hostels"}},
     {"past-home", "Past Home", partners::Network::kRakuten, "EUR", "UTC", {"garden", "kitchen"}},
     {"past-gadgets", "Past Gadgets", partners::Network::kGeneric, "JPY", "Asia/Tokyo", {"phones", "cameras"}}}};

struct PlacementSeed {
  std::string_view slug;
  std::string_view entry_point;
  ExposureType exposure_type;
  std::size_t slots;
  std::uint64_t weight;
  std::uint64_t clicks_per_10000;
};

constexpr std::array<PlacementSeed, 20> kHistoryPlacements = {
    {{"past-home-carousel", "home", ExposureType::kCarousel, 8, 160, 260},
     {"past-home-banner", "home", ExposureType::kBanner, 1, 130, 80},
     {"past-home-cards", "home", ExposureType::kCard, 6, 110, 235},
     {"past-home-logos", "home", ExposureType::kLogo, 12, 50, 70},
     {"past-search-results", "search", ExposureType::kSearchResult, 10, 140, 445},
     {"past-search-banner", "search", ExposureType::kBanner, 1, 50, 100},
     {"past-category-tiles", "category", ExposureType::kCategoryTile, 9, 80, 215},
     {"past-category-cards", "category", ExposureType::kCard, 6, 60, 250},
     {"past-merchant-page", "merchant", ExposureType::kMerchantPage, 1, 70, 560},
     {"past-merchant-similar", "merchant", ExposureType::kCarousel, 5, 40, 185},
     {"past-app-feed", "feed", ExposureType::kCard, 10, 90, 280},
     {"past-app-push", "push", ExposureType::kPush, 1, 12, 370},
     {"past-newsletter", "email", ExposureType::kEmail, 4, 25, 310},
     {"past-checkout-carousel", "checkout", ExposureType::kCarousel, 4, 24, 160},
     {"past-wallet-cards", "wallet", ExposureType::kCard, 3, 20, 150},
     {"past-deals-list", "deals", ExposureType::kSearchResult, 12, 36, 395},
     {"past-article-top", "article", ExposureType::kNone, 1, 90, 85},
     {"past-article-end", "article", ExposureType::kNone, 1, 70, 135},
     {"past-article-side", "article", ExposureType::kNone, 1, 50, 45},
     {"past-guide-links", "guide", ExposureType::kNone, 1, 30, 300}}};

constexpr std::size_t kHistoryMerchants = 100;
constexpr std::array<ExposureType, 2> kHistoryUnitTypes = {ExposureType::kCard, ExposureType::kCarousel};
constexpr std::array<std::string_view, 6> kVerticals = {"outdoor", "books", "audio", "travel", "home", "electronics"};

exposure::ExposureType unit_type_of(ExposureType type) {
  return type == ExposureType::kCard ? exposure::ExposureType::kCard : exposure::ExposureType::kCarousel;
}

class HistoryWorldMaker {
 public:
  HistoryWorldMaker(partners::PartnerService& partners,
                    exposure::ExposureService& exposure,
                    const access::ChangeContext& change)
      : partners_(partners), exposure_(exposure), change_(change) {}

  base::Result<HistoryWorld> make() {
    for (const HistoryPartnerSeed& seed : kHistoryPartners) {
      TALLY_TRY(make_partner(seed));
    }
    for (const PlacementSeed& seed : kHistoryPlacements) {
      TALLY_TRY(make_placement(seed));
    }
    for (std::size_t i = 0; i < kHistoryMerchants; ++i) {
      TALLY_TRY(make_merchant(i));
    }
    return std::move(world_);
  }

 private:
  // What `find` says unless it finds nothing; then what `create` says.
  template <typename Find, typename Create>
  auto find_or_create(const Find& find, const Create& create) {
    auto found = find();
    if (found || found.error().kind != base::ErrorKind::kNotFound) {
      return found;
    }
    ++world_.objects_made;
    return create();
  }

  base::Result<void> make_partner(const HistoryPartnerSeed& seed) {
    const std::string host = fmt::format("{}.example.com", seed.slug);
    TALLY_ASSIGN(const base::Currency currency, base::parse_currency(seed.currency));
    TALLY_ASSIGN(const partners::Partner partner,
                 find_or_create([&] { return partners_.get_partner(seed.slug); },
                                [&] {
                                  partners::PartnerChange change;
                                  change.name = seed.name;
                                  change.network = seed.network;
                                  change.currency = currency;
                                  change.time_zone = seed.time_zone;
                                  change.allowed_hosts = std::vector{host};
                                  change.public_page = fmt::format("https://{}/", host);
                                  return partners_.create_partner(seed.slug, change, change_);
                                }));
    for (const std::string_view slug : seed.links) {
      TALLY_ASSIGN(const partners::Link link,
                   find_or_create([&] { return partners_.get_link(seed.slug, slug); },
                                  [&] {
                                    partners::LinkChange change;
                                    change.destination = fmt::format("https://{}/{}?tag={{sub}}", host, slug);
                                    return partners_.create_link(seed.slug, slug, change, change_);
                                  }));
      world_.links.push_back({link.id, world_.partners.size()});
    }
    world_.partners.push_back({partner.id, partner.slug, partner.currency});
    return {};
  }

  base::Result<void> make_placement(const PlacementSeed& seed) {
    TALLY_ASSIGN(const exposure::Placement placement,
                 find_or_create([&] { return exposure_.get_placement(seed.slug); },
                                [&] {
                                  exposure::PlacementChange change;
                                  change.name = fmt::format("Placement {}", seed.slug);
                                  change.max_slots = static_cast<std::int64_t>(seed.slots);
                                  return exposure_.create_placement(seed.slug, change, change_);
                                }));
    world_.placements.push_back({placement.id,
                                 placement.slug,
                                 seed.entry_point,
                                 seed.exposure_type,
                                 seed.slots,
                                 seed.weight,
                                 seed.clicks_per_10000});
    return {};
  }

  base::Result<void> make_merchant(std::size_t number) {
    const std::string slug = fmt::format("past-brand-{:03}", number + 1);
    TALLY_ASSIGN(const exposure::Merchant merchant,
                 find_or_create([&] { return exposure_.get_merchant(slug); },
                                [&] {
                                  return exposure_.create_merchant(
                                      slug, {.name = fmt::format("Brand {:03}", number + 1)}, change_);
                                }));
    HistoryMerchant made;
    made.id = merchant.id;
    made.slug = merchant.slug;
    TALLY_ASSIGN(const auto page, exposure_.list_exposure_units(slug, {}, 100));
    for (const ExposureType type : kHistoryUnitTypes) {
      TALLY_ASSIGN(const base::Uuid unit_id, make_unit(slug, page.items, unit_type_of(type)));
      made.units.push_back({unit_id, type});
    }
    made.link = number % world_.links.size();
    made.vertical = kVerticals[number % kVerticals.size()];
    made.weight = 4'000 / (number + 10);  // few are shown often, many seldom
    made.conversions_per_10000 = 250 + number * 37 % 350;
    made.usual_amount_hundredths = static_cast<std::int64_t>(1'200 + number * 613 % 17'000);
    made.commission_basis_points = static_cast<std::int64_t>(250 + number * 91 % 950);
    world_.merchants.push_back(std::move(made));
    return {};
  }

  base::Result<base::Uuid> make_unit(std::string_view merchant,
                                     const std::vector<exposure::ExposureUnit>& known,
                                     exposure::ExposureType type) {
    for (const exposure::ExposureUnit& unit : known) {
      if (unit.exposure_type == type) {
        return unit.id;
      }
    }
    ++world_.objects_made;
    TALLY_ASSIGN(
        const exposure::ExposureUnit unit,
        exposure_.create_exposure_unit(
            merchant, {.name = fmt::format("Past {}", exposure::name_of(type)), .exposure_type = type}, change_));
    return unit.id;
  }

  partners::PartnerService& partners_;
  exposure::ExposureService& exposure_;
  const access::ChangeContext& change_;
  HistoryWorld world_;
};

}  // namespace

base::Result<HistoryWorld> make_history_world(partners::PartnerService& partners,
                                              exposure::ExposureService& exposure,
                                              const access::ChangeContext& change) {
  return HistoryWorldMaker(partners, exposure, change).make();
}

}  // namespace tallystick::cli
