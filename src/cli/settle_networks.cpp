#include "cli/settle_networks.h"

namespace tallystick::cli {
namespace {

using partners::Network;

constexpr auto kNetworks = std::to_array<SettleNetwork>({
    {
        .slug = "settle-impact",
        .name = "Settle Impact",
        .network = Network::kImpact,
        .currency = "USD",
        .second_currency = "CAD",
        .third_currency = "",
        .time_zone = "America/New_York",
        .has_booking = true,
        .has_pending = true,
        .has_paid = true,
        .has_reversed = true,
    },
    {
        .slug = "settle-cj",
        .name = "Settle CJ",
        .network = Network::kCj,
        .currency = "USD",
        .second_currency = "",
        .third_currency = "",
        .time_zone = "America/Los_Angeles",
        .has_booking = true,
        .has_pending = true,
        .has_corrections = true,
    },
    {
        .slug = "settle-awin",
        .name = "Settle Awin",
        .network = Network::kAwin,
        .currency = "EUR",
        .second_currency = "",
        .third_currency = "GBP",
        .time_zone = "Europe/Berlin",
        .has_pending = true,
        .has_paid = true,
        .has_reversed = true,
    },
    {
        .slug = "settle-rakuten",
        .name = "Settle Rakuten",
        .network = Network::kRakuten,
        .currency = "JPY",
        .second_currency = "",
        .third_currency = "",
        .time_zone = "Asia/Tokyo",
        .has_booking = true,
        .has_corrections = true,
    },
    {
        .slug = "settle-shareasale",
        .name = "Settle ShareASale",
        .network = Network::kShareasale,
        .currency = "USD",
        .second_currency = "",
        .third_currency = "",
        .time_zone = "America/Chicago",
        .has_pending = true,
        .has_paid = true,
        .has_reversed = true,
    },
    {
        .slug = "settle-amazon",
        .name = "Settle Amazon",
        .network = Network::kAmazon,
        .currency = "AUD",
        .second_currency = "",
        .third_currency = "",
        .time_zone = "Australia/Sydney",
        .has_order_id = false,
        .has_corrections = true,
        .has_time_of_day = false,
    },
    {
        .slug = "settle-flexoffers",
        .name = "Settle FlexOffers",
        .network = Network::kFlexoffers,
        .currency = "GBP",
        .second_currency = "",
        .third_currency = "",
        .time_zone = "Asia/Kolkata",
        .has_sub_id = false,
    },
});

}  // namespace

const std::array<SettleNetwork, kSettleNetworks>& settle_networks() {
  return kNetworks;
}

}  // namespace tallystick::cli
