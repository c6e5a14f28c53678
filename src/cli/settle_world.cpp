#include "cli/settle_world.h"

#include <array>

#include <fmt/format.h>

#include "cli/settle_networks.h"
#include "cli/settle_traffic.h"

namespace tallystick::cli {
namespace {

constexpr std::array<std::string_view, 3> kSettlePlacements = {
    "settle-guide", "settle-newsletter", "settle-article-end"};
constexpr std::array<std::string_view, kSettleLinks> kSettleLinkNames = {"offers", "classics"};

class SettleWorldMaker {
 public:
  SettleWorldMaker(partners::PartnerService& partners,
                   exposure::ExposureService& exposure,
                   const access::ChangeContext& change)
      : partners_(partners), exposure_(exposure), change_(change) {}

  base::Result<HistoryWorld> make(const SettlePlan& plan) {
    for (const SettleNetwork& network : settle_networks()) {
      TALLY_TRY(make_partner(network));
    }
    for (const SettleSlot& slot : plan.slots) {
      TALLY_TRY(make_slot(slot));
    }
    for (const std::string_view slug : kSettlePlacements) {
      TALLY_TRY(make_placement(slug));
    }
    return std::move(world_);
  }

 private:
  base::Result<void> make_partner(const SettleNetwork& network) {
    if (partners_.get_partner(network.slug)) {
      return base::fail(base::ErrorKind::kConflict,
                        "demo_exists",
                        fmt::format("This data directory has a partner {} already: name another with --data, or remove "
                                    "this one if it holds nothing but a demo.",
                                    network.slug));
    }
    TALLY_ASSIGN(const base::Currency currency, base::parse_currency(network.currency));
    partners::PartnerChange change;
    change.name = network.name;
    change.network = network.network;
    change.currency = currency;
    change.time_zone = network.time_zone;
    change.allowed_hosts = std::vector{host_of(network)};
    change.public_page = fmt::format("https://{}/", host_of(network));
    TALLY_ASSIGN(const partners::Partner made, partners_.create_partner(network.slug, change, change_));
    made_.push_back(made.id);
    ++world_.objects_made;
    return {};
  }

  base::Result<void> make_slot(const SettleSlot& slot) {
    const SettleNetwork& network = settle_networks()[slot.network];
    const std::string_view code = slot.currency.text();
    for (const std::string_view name : kSettleLinkNames) {
      const bool is_main = code == network.currency;
      const std::string slug = is_main ? std::string(name) : fmt::format("{}-{}", name, network.second_currency);
      partners::LinkChange change;
      change.destination = fmt::format("https://{}/{}?from={{placement}}", host_of(network), name);
      TALLY_ASSIGN(const partners::Link link, partners_.create_link(network.slug, lower(slug), change, change_));
      world_.links.push_back({link.id, world_.partners.size()});
      ++world_.objects_made;
    }
    world_.partners.push_back({made_[slot.network], std::string(network.slug), slot.currency});
    return {};
  }

  base::Result<void> make_placement(std::string_view slug) {
    auto placement = exposure_.get_placement(slug);
    if (!placement) {
      exposure::PlacementChange change;
      change.name = fmt::format("Placement {}", slug);
      change.max_slots = 1;
      placement = exposure_.create_placement(slug, change, change_);
      ++world_.objects_made;
    }
    if (!placement) {
      return std::unexpected(std::move(placement).error());
    }
    HistoryPlacement made;
    made.id = placement->id;
    made.slug = slug;
    made.entry_point = "article";
    world_.placements.push_back(std::move(made));
    return {};
  }

  static std::string host_of(const SettleNetwork& network) { return fmt::format("{}.example.com", network.slug); }

  static std::string lower(std::string text) {
    for (char& c : text) {
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
  }

  partners::PartnerService& partners_;
  exposure::ExposureService& exposure_;
  const access::ChangeContext& change_;
  std::vector<base::Uuid> made_;  // by network
  HistoryWorld world_;
};

}  // namespace

base::Result<HistoryWorld> make_settle_world(const SettlePlan& plan,
                                             partners::PartnerService& partners,
                                             exposure::ExposureService& exposure,
                                             const access::ChangeContext& change) {
  return SettleWorldMaker(partners, exposure, change).make(plan);
}

}  // namespace tallystick::cli
