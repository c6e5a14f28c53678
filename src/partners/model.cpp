#include "partners/model.h"

#include <algorithm>
#include <array>

namespace tallystick::partners {
namespace {

struct NetworkRow {
  Network network;
  std::string_view name;
  std::string_view sub_id_parameter;
};

constexpr std::array kNetworks{
    NetworkRow{Network::kImpact, "impact", "subId1"},
    NetworkRow{Network::kCj, "cj", "sid"},
    NetworkRow{Network::kAwin, "awin", "clickref"},
    NetworkRow{Network::kRakuten, "rakuten", "u1"},
    NetworkRow{Network::kShareasale, "shareasale", "afftrack"},
    NetworkRow{Network::kAmazon, "amazon", "ascsubtag"},
    NetworkRow{Network::kFlexoffers, "flexoffers", "fobs"},
    NetworkRow{Network::kGeneric, "generic", ""},
};

const NetworkRow& row_of(Network network) {
  return *std::ranges::find(kNetworks, network, &NetworkRow::network);
}

}  // namespace

std::string_view name_of(Network network) {
  return row_of(network).name;
}

base::Result<Network> parse_network(std::string_view text) {
  const auto found = std::ranges::find(kNetworks, text, &NetworkRow::name);
  if (found == kNetworks.end()) {
    return base::fail(base::ErrorKind::kInvalid,
                      "unknown_network",
                      "a network is impact, cj, awin, rakuten, shareasale, amazon, flexoffers or generic");
  }
  return found->network;
}

std::string_view default_sub_id_parameter(Network network) {
  return row_of(network).sub_id_parameter;
}

std::string_view name_of(Status status) {
  return status == Status::kActive ? "active" : "paused";
}

base::Result<Status> parse_status(std::string_view text) {
  if (text == "active") {
    return Status::kActive;
  }
  if (text == "paused") {
    return Status::kPaused;
  }
  return base::fail(base::ErrorKind::kInvalid, "unknown_status", "a status is active or paused");
}

}  // namespace tallystick::partners
