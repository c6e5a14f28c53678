#include <gtest/gtest.h>

#include "settlement/claims_click_id.h"
#include "settlement/claims_row.h"

namespace tallystick::settlement {
namespace {

constexpr std::string_view kClick = "0190163d-8694-739b-aea5-966c26f8ad90";

std::string found_in(std::string_view sub_id) {
  const auto id = find_click_id(sub_id);
  return id ? base::format_uuid(*id) : "none";
}

TEST(ClickIdInSubId, IsFoundHoweverNetworksWriteIt) {
  for (const std::string_view written : {"0190163d-8694-739b-aea5-966c26f8ad90",
                                         "0190163D-8694-739B-AEA5-966C26F8AD90",
                                         "0190163d8694739baea5966c26f8ad90",
                                         "0190163D8694739BAEA5966C26F8AD90",
                                         "0190163d_8694_739b_aea5_966c26f8ad90",
                                         " 0190163d-8694-739b-aea5-966c26f8ad90 ",
                                         "cj:0190163d-8694-739b-aea5-966c26f8ad90",
                                         "subid0190163d-8694-739b-aea5-966c26f8ad90",
                                         "tally_0190163d8694739baea5966c26f8ad90_mobile",
                                         "deal-0190163d8694739baea5966c26f8ad90",
                                         "0190163d-8694-739b-aea5-966c26f8ad90|home|spring-sale-of-the-year-2026",
                                         // More hex digits: only one place in them has a version and variant.
                                         "0190163d8694739baea5966c26f8ad90ab"}) {
    EXPECT_EQ(found_in(written), kClick) << written;
  }
}

TEST(ClickIdInSubId, OfSeveralTheFirstCounts) {
  EXPECT_EQ(found_in("0190163d-8694-739b-aea5-966c26f8ad90,0190163d-8694-739b-aea5-966c26f8ad91"), kClick);
}

TEST(ClickIdInSubId, IsNotGuessed) {
  for (const std::string_view written : {"",
                                         "home",
                                         "0190163d-8694-739b-aea5-966c26f8ad9",    // cut
                                         "0190163d8694739baea5966c26f8ad9",        // cut
                                         "00000000-0000-0000-0000-000000000000",   // says nothing
                                         "0190163d-8694-739b-aea5966c26f8ad90",    // a dash is missing
                                         "1111111111111111111111111111111111111",  // a long number: no version
                                         // Two places have a version and variant.
                                         "444444444444444488444444444444444"}) {
    EXPECT_EQ(found_in(written), "none") << written;
  }
}

TEST(ClickIdInSubId, IsNotLookedForInTextsOfAnyLength) {
  const std::string long_text = std::string(kMaxSubIdBytes, ' ') + std::string(kClick);
  EXPECT_EQ(found_in(long_text), "none");
}

TEST(Claim, TakesWhatTheRowSays) {
  ReportRow row;
  row.key = "cj:4711";
  row.sub_id = "U1-0190163D8694739BAEA5966C26F8AD90";
  row.order_id = " ORD-77\t";
  row.occurred_at = {1'000};
  row.booked_at = {2'000};
  row.first_seen_at = {3'000};
  row.amount_minor = -500;
  row.commission_minor = -50;
  row.currency = base::parse_currency("EUR").value();
  row.status = reconcile::Status::kPaid;
  row.is_correction = true;
  const reconcile::Claim claim = make_claim(std::move(row));
  EXPECT_EQ(claim.key, "cj:4711");
  EXPECT_EQ(claim.reference, "U1-0190163D8694739BAEA5966C26F8AD90") << "as they wrote it";
  EXPECT_EQ(base::format_uuid(claim.click_id), kClick);
  EXPECT_EQ(claim.order_id, "ord-77");
  EXPECT_EQ(claim.occurred_at.us, 1'000);
  EXPECT_EQ(claim.booked_at.us, 2'000);
  EXPECT_EQ(claim.first_seen_at.us, 3'000);
  EXPECT_EQ(claim.amount_minor, -500);
  EXPECT_EQ(claim.commission_minor, -50);
  EXPECT_EQ(claim.currency.text(), "EUR");
  EXPECT_EQ(claim.status, reconcile::Status::kPaid);
  EXPECT_TRUE(claim.is_correction);
  EXPECT_TRUE(claim.link_id.is_nil());
}

TEST(Claim, WithoutAClickIdNamesNone) {
  ReportRow row;
  row.sub_id = "newsletter";
  EXPECT_TRUE(make_claim(std::move(row)).click_id.is_nil());
  EXPECT_EQ(normalise_reference(" \r\n"), "");
}

}  // namespace
}  // namespace tallystick::settlement
