#include "cli/settle_files.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "cli/settle_layout.h"
#include "cli/settle_networks.h"
#include "cli/settle_plan.h"

namespace tallystick::cli {
namespace {

using partners::Network;
using reconcile::Status;

base::Timestamp file_time(std::string_view text) {
  return base::parse_rfc3339(text).value();
}

base::TimeZone file_zone(std::string_view name) {
  return base::TimeZone::find(name).value();
}

const SettleNetwork& network_of(Network wanted) {
  return *std::ranges::find(settle_networks(), wanted, &SettleNetwork::network);
}

// A click at 19:00 UTC, sold at 19:33:21, booked at 23:05:00, on 4 October 2026.
SettleRow make_file_row(Network network) {
  SettleRow row;
  row.number = 500'001;
  row.clicked_at = file_time("2026-10-04T19:00:00Z");
  row.occurred_at = file_time("2026-10-04T19:33:21Z");
  row.booked_at = file_time("2026-10-04T23:05:00Z");
  row.sub_id = "01a2";
  row.order_id = "H7-1";
  row.currency = base::parse_currency(network_of(network).currency).value();
  row.amount_minor = 123'456;
  row.commission_minor = 9'876;
  return row;
}

std::string report_of(Network network, const std::vector<SettleRow>& rows) {
  return write_settle_report(network_of(network),
                             file_zone(network_of(network).time_zone),
                             base::parse_date("2026-10-01").value(),
                             base::parse_date("2026-10-31").value(),
                             rows);
}

TEST(SettleLayout, ShowsTheClocksOfAZone) {
  const LocalTime summer = local_time(file_zone("America/New_York"), file_time("2026-10-04T03:03:21Z"));
  EXPECT_EQ(iso_with_offset(summer), "2026-10-03T23:03:21-04:00");
  EXPECT_EQ(us_date_time(summer), "10/03/2026 11:03:21 PM");
  EXPECT_EQ(cj_time(summer), "03-Oct-2026 23:03:21");
  const LocalTime winter = local_time(file_zone("America/New_York"), file_time("2026-12-04T05:03:21Z"));
  EXPECT_EQ(iso_with_offset(winter), "2026-12-04T00:03:21-05:00");
  EXPECT_EQ(us_date_time(winter), "12/04/2026 12:03:21 AM");
  EXPECT_EQ(us_short_date(winter), "12/4/2026");
  EXPECT_EQ(iso_with_offset(local_time(file_zone("Asia/Kolkata"), file_time("2026-12-31T20:00:00Z"))),
            "2027-01-01T01:30:00+05:30");
}

TEST(SettleLayout, WritesAmountsAsTheNetworkDoes) {
  const auto euro = base::parse_currency("EUR").value();
  const auto yen = base::parse_currency("JPY").value();
  constexpr AmountStyle kGerman{.point = ',', .thousands = '.'};
  constexpr AmountStyle kCommas{.point = '.', .thousands = ','};
  EXPECT_EQ(format_table_amount(123'456'789, euro, kGerman), "1.234.567,89");
  EXPECT_EQ(format_table_amount(-99'999, euro, kGerman), "-999,99");
  EXPECT_EQ(format_table_amount(-100'000, euro, kGerman), "-1.000,00");
  EXPECT_EQ(format_table_amount(5, euro, {}), "0.05");
  EXPECT_EQ(format_table_amount(123'456, yen, kCommas), "123,456");
  EXPECT_EQ(format_table_amount(999, yen, kCommas), "999");
}

TEST(SettleLayout, QuotesFieldsThatNeedIt) {
  std::string out;
  append_table_row(out, std::vector<std::string>{"a,b", "c;d", "e\"f", "", "g"}, ',', "\r\n");
  EXPECT_EQ(out, "\"a,b\",c;d,\"e\"\"f\",,g\r\n");
}

TEST(SettleFiles, Impact) {
  SettleRow paid = make_file_row(Network::kImpact);
  paid.status = Status::kPaid;
  const std::string text =
      "Id\tCampaignId\tActionTrackerId\tMediaPartnerId\tState\tPayout\tDeltaPayout\tIntendedPayout\tAmount\t"
      "DeltaAmount\tIntendedAmount\tCurrency\tReferringDate\tEventDate\tCreationDate\tLockingDate\tClearedDate\t"
      "ReferringType\tPromoCode\tOid\tCustomerId\tSharedId\tSubId1\tSubId2\tSubId3\r\n"
      "1000.4000.500001\t1000\t4000\t70001\tAPPROVED\t98.76\t98.76\t98.76\t1234.56\t1234.56\t1234.56\tUSD\t"
      "2026-10-04T15:00:00-04:00\t2026-10-04T15:33:21-04:00\t2026-10-04T19:05:00-04:00\t\t"
      "2026-10-04T19:05:00-04:00\tCLICK\t\tH7-1\t\t\t01a2\t\t\r\n";
  const std::string bytes = report_of(Network::kImpact, {paid});
  ASSERT_EQ(bytes.size(), 2 + 2 * text.size());
  EXPECT_EQ(bytes.substr(0, 6), std::string("\xFF\xFEI\0d\0", 6));
  for (std::size_t i = 0; i < text.size(); ++i) {
    ASSERT_EQ(bytes[2 + 2 * i], text[i]) << i;
    ASSERT_EQ(bytes[3 + 2 * i], '\0');
  }
}

TEST(SettleFiles, Cj) {
  const SettleRow row = make_file_row(Network::kCj);
  SettleRow correction = row;
  correction.number = 500'002;
  correction.is_correction = true;
  correction.amount_minor = -123'456;
  correction.commission_minor = -9'876;
  correction.booked_at = file_time("2026-10-06T07:00:00Z");
  EXPECT_EQ(report_of(Network::kCj, {row, correction}),
            "Commission ID,SID,Event Date,Posting Date,Click Date,Action Name,Advertiser CID,Advertiser Name,Website "
            "Name,Ad ID,Order ID,Transaction ID,Sale Amount (USD),Publisher Commission (USD),Status,Operating "
            "System,Click Referring URL\n"
            "500001,01a2,04-Oct-2026 12:33:21,04-Oct-2026 16:05:00,04-Oct-2026 12:00:00,Sale,4455667,\"Classic Goods, "
            "Inc.\",\"Our \"\"guide\"\"\",13001,H7-1,T500001,1234.56,98.76,LOCKED,Windows,"
            "\"https://www.example.org/guide?pages=1,2\"\n"
            "500002,01a2,04-Oct-2026 12:33:21,06-Oct-2026 00:00:00,04-Oct-2026 12:00:00,Correction,4455667,\"Classic "
            "Goods, Inc.\",\"Our \"\"guide\"\"\",13001,H7-1,T500002,-1234.56,-98.76,CLOSED,Windows,"
            "\"https://www.example.org/guide?pages=1,2\"\n");
}

TEST(SettleFiles, Awin) {
  SettleRow row = make_file_row(Network::kAwin);
  row.status = Status::kReversed;
  EXPECT_EQ(report_of(Network::kAwin, {row}),
            "id;url;advertiserId;publisherId;siteName;commissionStatus;commissionAmount.amount;"
            "commissionAmount.currency;saleAmount.amount;saleAmount.currency;customerCountry;clickRefs.clickRef;"
            "clickDate;transactionDate;validationDate;type;declineReason;voucherCode;amended;orderRef;"
            "paidToPublisher\r\n"
            "500001;https://www.example.org/guide;2211;330044;\"Klassik & Co; Versand\";declined;98,76;EUR;1.234,56;"
            "EUR;DE;01a2;2026-10-04 21:00:00;2026-10-04 21:33:21;;Commission group "
            "transaction;returned;;false;H7-1;false\r\n");
}

TEST(SettleFiles, Rakuten) {
  EXPECT_EQ(report_of(Network::kRakuten, {make_file_row(Network::kRakuten)}),
            "\xEF\xBB\xBFSignature Orders Report\r\nDate Range: 2026-10-01 to 2026-10-31\r\n\r\n"
            "Member ID (U1),MID,Advertiser Name,Order ID,Transaction Date,Transaction Time,SKU,Sales,# of Items,Total "
            "Commission,Process Date,Process Time,Transaction ID,Currency\r\n"
            "01a2,41234,Classic Goods Japan,H7-1,10/5/2026,04:33:21,SKU-88,\"123,456\",1,\"9,876\",10/5/2026,08:05:00,"
            "R500001,JPY\r\n"
            "Total,,,,,,,\"123,456\",,\"9,876\",,,,\r\n");
}

TEST(SettleFiles, ShareASale) {
  SettleRow row = make_file_row(Network::kShareasale);
  row.status = Status::kPending;
  EXPECT_EQ(report_of(Network::kShareasale, {row}),
            "Trans ID|User ID|Merchant ID|Trans Date|Trans Amount|Commission|Comment|Voided|Pending Date|Locked|Aff "
            "Comment|Banner Page|Reversal Date|Click Date|Click Time|Banner Id|SKU List|Quantity List|Lock Date|Paid "
            "Date|Merchant Organization|Merchant Website|Trans Type|Merchant Defined Type|Store ID|Reference Trans\n"
            "500001|880011|55021|10/04/2026 02:33:21 PM|1234.56|98.76|H7-1|0||0|01a2|https://www.example.org/guide||"
            "10/4/2026|14:00:00|17||1|||Classic Goods|www.example.com|Sale|||\n");
}

TEST(SettleFiles, Amazon) {
  SettleRow row = make_file_row(Network::kAmazon);
  row.order_id.clear();
  row.amount_minor = -12'345;
  row.commission_minor = -987;
  row.is_correction = true;
  EXPECT_EQ(report_of(Network::kAmazon, {row}),
            "Fee earnings report from 2026-10-01 to 2026-10-31\n"
            "Category,Product Name,ASIN,Seller,Tracking ID,Sub Tag,Date Shipped,Product Link Type,Price,Items "
            "Shipped,Returns,Revenue,Ad Fees,Device Type Group\n"
            "Home,\"Kettle, 1.7 l\",B0EXAMPLE1,Classic Goods,ourpages-22,01a2,2026-10-05,Text "
            "link,123.45,0,1,-123.45,-9.87,DESKTOP\n");
}

TEST(SettleFiles, FlexOffers) {
  EXPECT_EQ(report_of(Network::kFlexoffers, {make_file_row(Network::kFlexoffers)}),
            "Id,OrderNumber,SaleAmount,MerchantAmount,TransactionDate\n"
            "500001,H7-1,1234.56,98.76,2026-10-05 01:03:21\n");
}

TEST(SettleFiles, StandInThreeReportsOfWhichTheLastRepeatsTheEndOfTheMonth) {
  const SettleSettings settings{.seed = 3,
                                .first_day = base::parse_date("2026-10-01").value(),
                                .last_day = base::parse_date("2026-10-31").value(),
                                .conversions = 800,
                                .our_time_zone = "UTC",
                                .until = file_time("2026-11-20T00:00:00Z")};
  const SettlePlan plan = make_settle_plan(settings).value();
  for (std::size_t i = 0; i < kSettleNetworks; ++i) {
    const SettleNetwork& network = settle_networks()[i];
    const auto files = make_settle_files(plan, i, settings, file_zone(network.time_zone));
    std::int64_t rows = 0;
    for (const SettleFile& file : files) {
      rows += file.new_rows;
      EXPECT_TRUE(file.name.starts_with(network.slug)) << file.name;
    }
    EXPECT_EQ(rows, static_cast<std::int64_t>(plan.rows[i].size())) << network.slug;
    ASSERT_GE(files.size(), 2U);
    EXPECT_EQ(files.front().repeated_rows, 0);
    EXPECT_GT(files.back().new_rows, 0) << "late ones";
    EXPECT_NE(files.front().name.find("2026-10"), std::string::npos);
    EXPECT_NE(files.back().name.find("2026-11"), std::string::npos);
  }
}

}  // namespace
}  // namespace tallystick::cli
