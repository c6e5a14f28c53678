#include "cli/demo_world.h"

#include <array>
#include <string_view>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace tallystick::cli {
namespace {

namespace json = boost::json;

struct PartnerSeed {
  std::string_view slug;
  std::string_view name;
  std::string_view network;
  std::array<std::string_view, 2> links;
  bool is_paused;
};

constexpr std::array<PartnerSeed, 5> kPartners = {
    {{"demo-outdoor", "Demo Outdoor", "awin", {"tents", "boots"}, false},
     {"demo-books", "Demo Books", "impact", {"novels", "atlases"}, false},
     {"demo-audio", "Demo Audio", "cj", {"headphones", "vinyl"}, false},
     {"demo-travel", "Demo Travel", "generic", {"rail", "hostels"}, false},
     {"demo-resting", "Demo Resting", "rakuten", {"garden", "kitchen"}, true}}};

constexpr std::array<std::string_view, 6> kPlacements = {
    "demo-home-top", "demo-home-side", "demo-article-end", "demo-search", "demo-newsletter", "demo-app-feed"};
constexpr std::array<std::string_view, 4> kMerchants = {
    "demo-brand-north", "demo-brand-south", "demo-brand-east", "demo-brand-west"};
constexpr std::array<std::string_view, 3> kUnitTypes = {"banner", "card", "carousel"};

class WorldMaker {
 public:
  explicit WorldMaker(ApiClient& api) : api_(api) {}

  base::Result<DemoWorld> make() {
    for (const PartnerSeed& seed : kPartners) {
      TALLY_TRY(make_partner(seed));
    }
    for (const std::string_view slug : kPlacements) {
      TALLY_ASSIGN(const json::value placement,
                   find_or_make(fmt::format("/api/placements/{}", slug),
                                "/api/placements",
                                {{"slug", slug}, {"name", fmt::format("Placement {}", slug)}, {"max_slots", 3}}));
      world_.placement_ids.emplace_back(placement.at("id").as_string());
    }
    for (const std::string_view slug : kMerchants) {
      TALLY_TRY(make_merchant(slug));
    }
    return std::move(world_);
  }

 private:
  base::Result<json::value> find_or_make(const std::string& path, std::string_view collection, json::object body) {
    auto found = api_.get(path);
    if (found || found.error().kind != base::ErrorKind::kNotFound) {
      return found;
    }
    ++world_.objects_made;
    return api_.post(collection, std::move(body));
  }

  base::Result<void> make_partner(const PartnerSeed& seed) {
    const std::string path = fmt::format("/api/partners/{}", seed.slug);
    const std::string host = fmt::format("{}.example.com", seed.slug);
    TALLY_ASSIGN(const json::value partner,
                 find_or_make(path,
                              "/api/partners",
                              {{"slug", seed.slug},
                               {"name", seed.name},
                               {"network", seed.network},
                               {"currency", "EUR"},
                               {"allowed_hosts", json::array{json::string(host)}},
                               {"public_page", fmt::format("https://{}/", host)}}));
    for (const std::string_view link : seed.links) {
      TALLY_ASSIGN(
          [[maybe_unused]] const json::value made,
          find_or_make(fmt::format("{}/links/{}", path, link),
                       path + "/links",
                       {{"slug", link},
                        {"destination", fmt::format("https://{}/{}?from={{placement}}&tag={{sub}}", host, link)}}));
      (seed.is_paused ? world_.paused_links : world_.links).push_back({std::string(seed.slug), std::string(link)});
    }
    if (seed.is_paused && partner.at("status") != "paused") {
      TALLY_ASSIGN([[maybe_unused]] const json::value paused, api_.post(path + "/pause", json::object{}));
    }
    return {};
  }

  base::Result<void> make_merchant(std::string_view slug) {
    const std::string path = fmt::format("/api/merchants/{}", slug);
    TALLY_ASSIGN(const json::value merchant,
                 find_or_make(path, "/api/merchants", {{"slug", slug}, {"name", fmt::format("Merchant {}", slug)}}));
    const std::string merchant_id(merchant.at("id").as_string());
    world_.merchant_ids.push_back(merchant_id);
    TALLY_ASSIGN(const json::value page, api_.get(path + "/exposure-units?limit=100"));
    for (const std::string_view type : kUnitTypes) {
      const std::string name = fmt::format("Demo {}", type);
      std::string unit_id = find_unit(page, name);
      if (unit_id.empty()) {
        TALLY_ASSIGN(const json::value unit,
                     api_.post(path + "/exposure-units", json::object{{"name", name}, {"exposure_type", type}}));
        unit_id = std::string(unit.at("id").as_string());
        ++world_.objects_made;
      }
      world_.units.push_back({merchant_id, unit_id, std::string(type)});
    }
    return {};
  }

  static std::string find_unit(const json::value& page, std::string_view name) {
    const json::object* object = page.if_object();
    const json::value* items = object == nullptr ? nullptr : object->if_contains("items");
    if (items == nullptr || !items->is_array()) {
      return {};
    }
    for (const json::value& item : items->get_array()) {
      if (item.at("name") == json::string_view(name)) {
        return std::string(item.at("id").as_string());
      }
    }
    return {};
  }

  ApiClient& api_;
  DemoWorld world_;
};

}  // namespace

base::Result<DemoWorld> make_demo_world(ApiClient& api) {
  return WorldMaker(api).make();
}

}  // namespace tallystick::cli
