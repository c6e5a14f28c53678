#include "cli/settle_columns.h"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "cli/settle_layout.h"

namespace tallystick::cli {
namespace {

using reconcile::Status;
using Cell = SettleCell;

constexpr AmountStyle kGerman{.point = ',', .thousands = '.'};
constexpr AmountStyle kWithCommas{.point = '.', .thousands = ','};

LocalTime occurred(const Cell& cell) {
  return local_time(cell.zone, cell.row.occurred_at);
}
LocalTime booked(const Cell& cell) {
  return local_time(cell.zone, cell.row.booked_at);
}
std::string clicked(const Cell& cell, std::string (*write)(const LocalTime&)) {
  return cell.row.clicked_at.us == 0 ? "" : write(local_time(cell.zone, cell.row.clicked_at));
}
std::string row_number(const Cell& cell) {
  return fmt::format("{}", cell.row.number);
}
std::string sub_id(const Cell& cell) {
  return cell.row.sub_id;
}
std::string order_id(const Cell& cell) {
  return cell.row.order_id;
}
std::string currency(const Cell& cell) {
  return std::string(cell.row.currency.text());
}
std::string sale(const Cell& cell) {
  return format_table_amount(cell.row.amount_minor, cell.row.currency, {});
}
std::string commission(const Cell& cell) {
  return format_table_amount(cell.row.commission_minor, cell.row.currency, {});
}
bool has_state(const Cell& cell, Status status) {
  return cell.row.status == status;
}

constexpr auto kImpact = std::to_array<SettleColumn>({
    {"Id",
     [](const Cell& cell) {
       return "1000.4000." + row_number(cell);
     }},
    {"CampaignId", nullptr, "1000"},
    {"ActionTrackerId", nullptr, "4000"},
    {"MediaPartnerId", nullptr, "70001"},
    {"State",
     [](const Cell& cell) -> std::string {
       return has_state(cell, Status::kPending)    ? "PENDING"
              : has_state(cell, Status::kReversed) ? "REVERSED"
                                                   : "APPROVED";
     }},
    {"Payout", commission},
    {"DeltaPayout", commission},
    {"IntendedPayout", commission},
    {"Amount", sale},
    {"DeltaAmount", sale},
    {"IntendedAmount", sale},
    {"Currency", currency},
    {"ReferringDate",
     [](const Cell& cell) {
       return clicked(cell, iso_with_offset);
     }},
    {"EventDate",
     [](const Cell& cell) {
       return iso_with_offset(occurred(cell));
     }},
    {"CreationDate",
     [](const Cell& cell) {
       return iso_with_offset(booked(cell));
     }},
    {"LockingDate"},
    {"ClearedDate",
     [](const Cell& cell) {
       return has_state(cell, Status::kPaid) ? iso_with_offset(booked(cell)) : "";
     }},
    {"ReferringType", nullptr, "CLICK"},
    {"PromoCode"},
    {"Oid", order_id},
    {"CustomerId"},
    {"SharedId"},
    {"SubId1", sub_id},
    {"SubId2"},
    {"SubId3"},
});

constexpr auto kCj = std::to_array<SettleColumn>({
    {"Commission ID", row_number},
    {"SID", sub_id},
    {"Event Date",
     [](const Cell& cell) {
       return cj_time(occurred(cell));
     }},
    {"Posting Date",
     [](const Cell& cell) {
       return cj_time(booked(cell));
     }},
    {"Click Date",
     [](const Cell& cell) {
       return clicked(cell, cj_time);
     }},
    {"Action Name",
     [](const Cell& cell) -> std::string {
       return cell.row.is_correction ? "Correction" : "Sale";
     }},
    {"Advertiser CID", nullptr, "4455667"},
    {"Advertiser Name", nullptr, "Classic Goods, Inc."},
    {"Website Name", nullptr, "Our \"guide\""},
    {"Ad ID", nullptr, "13001"},
    {"Order ID", order_id},
    {"Transaction ID",
     [](const Cell& cell) {
       return "T" + row_number(cell);
     }},
    {"Sale Amount (USD)", sale},
    {"Publisher Commission (USD)", commission},
    {"Status",
     [](const Cell& cell) -> std::string {
       return has_state(cell, Status::kPending) ? "NEW" : cell.row.number % 2 == 0 ? "CLOSED" : "LOCKED";
     }},
    {"Operating System", nullptr, "Windows"},
    {"Click Referring URL", nullptr, "https://www.example.org/guide?pages=1,2"},
});

constexpr auto kAwin = std::to_array<SettleColumn>({
    {"id", row_number},
    {"url", nullptr, "https://www.example.org/guide"},
    {"advertiserId", nullptr, "2211"},
    {"publisherId", nullptr, "330044"},
    {"siteName", nullptr, "Klassik & Co; Versand"},
    {"commissionStatus",
     [](const Cell& cell) -> std::string {
       return has_state(cell, Status::kPending)    ? "pending"
              : has_state(cell, Status::kReversed) ? "declined"
                                                   : "approved";
     }},
    {"commissionAmount.amount",
     [](const Cell& cell) {
       return format_table_amount(cell.row.commission_minor, cell.row.currency, kGerman);
     }},
    {"commissionAmount.currency", currency},
    {"saleAmount.amount",
     [](const Cell& cell) {
       return format_table_amount(cell.row.amount_minor, cell.row.currency, kGerman);
     }},
    {"saleAmount.currency", currency},
    {"customerCountry", nullptr, "DE"},
    {"clickRefs.clickRef", sub_id},
    {"clickDate",
     [](const Cell& cell) {
       return clicked(cell, iso_with_space);
     }},
    {"transactionDate",
     [](const Cell& cell) {
       return iso_with_space(occurred(cell));
     }},
    {"validationDate"},
    {"type", nullptr, "Commission group transaction"},
    {"declineReason",
     [](const Cell& cell) -> std::string {
       return has_state(cell, Status::kReversed) ? "returned" : "";
     }},
    {"voucherCode"},
    {"amended", nullptr, "false"},
    {"orderRef", order_id},
    {"paidToPublisher",
     [](const Cell& cell) -> std::string {
       return has_state(cell, Status::kPaid) ? "true" : "false";
     }},
});

constexpr auto kRakuten = std::to_array<SettleColumn>({
    {"Member ID (U1)", sub_id},
    {"MID", nullptr, "41234"},
    {"Advertiser Name", nullptr, "Classic Goods Japan"},
    {"Order ID", order_id},
    {"Transaction Date",
     [](const Cell& cell) {
       return us_short_date(occurred(cell));
     }},
    {"Transaction Time",
     [](const Cell& cell) {
       return us_clock(occurred(cell));
     }},
    {"SKU",
     [](const Cell& cell) {
       return fmt::format("SKU-{}", cell.row.number % 89);
     }},
    {"Sales",
     [](const Cell& cell) {
       return format_table_amount(cell.row.amount_minor, cell.row.currency, kWithCommas);
     }},
    {"# of Items",
     [](const Cell& cell) -> std::string {
       return cell.row.is_correction ? "-1" : "1";
     }},
    {"Total Commission",
     [](const Cell& cell) {
       return format_table_amount(cell.row.commission_minor, cell.row.currency, kWithCommas);
     }},
    {"Process Date",
     [](const Cell& cell) {
       return us_short_date(booked(cell));
     }},
    {"Process Time",
     [](const Cell& cell) {
       return us_clock(booked(cell));
     }},
    {"Transaction ID",
     [](const Cell& cell) {
       return "R" + row_number(cell);
     }},
    {"Currency", currency},
});

constexpr auto kShareasale = std::to_array<SettleColumn>({
    {"Trans ID", row_number},
    {"User ID", nullptr, "880011"},
    {"Merchant ID", nullptr, "55021"},
    {"Trans Date",
     [](const Cell& cell) {
       return us_date_time(occurred(cell));
     }},
    {"Trans Amount", sale},
    {"Commission", commission},
    {"Comment", order_id},
    {"Voided",
     [](const Cell& cell) -> std::string {
       return has_state(cell, Status::kReversed) ? "1" : "0";
     }},
    {"Pending Date"},
    {"Locked",
     [](const Cell& cell) -> std::string {
       return has_state(cell, Status::kPending) ? "0" : "1";
     }},
    {"Aff Comment", sub_id},
    {"Banner Page", nullptr, "https://www.example.org/guide"},
    {"Reversal Date",
     [](const Cell& cell) {
       return has_state(cell, Status::kReversed) ? us_date_time(occurred(cell)) : "";
     }},
    {"Click Date",
     [](const Cell& cell) {
       return clicked(cell, us_short_date);
     }},
    {"Click Time",
     [](const Cell& cell) {
       return clicked(cell, us_clock);
     }},
    {"Banner Id", nullptr, "17"},
    {"SKU List"},
    {"Quantity List", nullptr, "1"},
    {"Lock Date",
     [](const Cell& cell) {
       return has_state(cell, Status::kPending) ? "" : us_date_time(occurred(cell));
     }},
    {"Paid Date",
     [](const Cell& cell) {
       return has_state(cell, Status::kPaid) ? us_date_time(occurred(cell)) : "";
     }},
    {"Merchant Organization", nullptr, "Classic Goods"},
    {"Merchant Website", nullptr, "www.example.com"},
    {"Trans Type", nullptr, "Sale"},
    {"Merchant Defined Type"},
    {"Store ID"},
    {"Reference Trans"},
});

constexpr auto kAmazon = std::to_array<SettleColumn>({
    {"Category", nullptr, "Home"},
    {"Product Name", nullptr, "Kettle, 1.7 l"},
    {"ASIN", nullptr, "B0EXAMPLE1"},
    {"Seller", nullptr, "Classic Goods"},
    {"Tracking ID", nullptr, "ourpages-22"},
    {"Sub Tag", sub_id},
    {"Date Shipped",
     [](const Cell& cell) {
       return iso_date(occurred(cell));
     }},
    {"Product Link Type", nullptr, "Text link"},
    {"Price",
     [](const Cell& cell) {
       return format_table_amount(std::abs(cell.row.amount_minor), cell.row.currency, {});
     }},
    {"Items Shipped",
     [](const Cell& cell) -> std::string {
       return cell.row.is_correction ? "0" : "1";
     }},
    {"Returns",
     [](const Cell& cell) -> std::string {
       return cell.row.is_correction ? "1" : "0";
     }},
    {"Revenue", sale},
    {"Ad Fees", commission},
    {"Device Type Group", nullptr, "DESKTOP"},
});

constexpr auto kFlexoffers = std::to_array<SettleColumn>({
    {"Id", row_number},
    {"OrderNumber", order_id},
    {"SaleAmount", sale},
    {"MerchantAmount", commission},
    {"TransactionDate",
     [](const Cell& cell) {
       return iso_with_space(occurred(cell));
     }},
});

}  // namespace

SettleLayout settle_layout(partners::Network network) {
  switch (network) {
    case partners::Network::kImpact:
      return {.columns = kImpact, .delimiter = '\t', .line_end = "\r\n", .extension = "txt", .is_utf16 = true};
    case partners::Network::kCj:
      return {.columns = kCj};
    case partners::Network::kAwin:
      return {.columns = kAwin, .delimiter = ';', .line_end = "\r\n"};
    case partners::Network::kRakuten:
      return {.columns = kRakuten, .line_end = "\r\n"};
    case partners::Network::kShareasale:
      return {.columns = kShareasale, .delimiter = '|', .extension = "txt"};
    case partners::Network::kAmazon:
      return {.columns = kAmazon};
    case partners::Network::kFlexoffers:
    case partners::Network::kGeneric:
      break;
  }
  return {.columns = kFlexoffers};
}

}  // namespace tallystick::cli
