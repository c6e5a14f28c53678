#include "warehouse/event_columns.h"

#include <gmock/gmock.h>

#include "tests/warehouse/native_table.h"

namespace tallystick::warehouse {
namespace {

using Row = std::map<std::string, std::string>;

constexpr const char* kNil = "00000000-0000-0000-0000-000000000000";

base::Uuid digit_id(char digit) {
  std::string text(36, digit);
  for (const std::size_t dash : {8, 13, 18, 23}) {
    text[dash] = '-';
  }
  return base::parse_uuid(text).value();
}
std::string text_of(char digit) {
  return base::format_uuid(digit_id(digit));
}

const RowHead kHead{
    .log_id = 0xC0FFEE01, .sequence = 77, .event_id = digit_id('1'), .received_at = {1'790'000'000'000'005}};

journal::Verdict make_verdict() {
  return {.klass = journal::VerdictClass::kSuspect, .reasons = 0x44, .score = 35, .rules_version = 4'000'000'001};
}

TEST(EventColumns, AnImpressionGoesFieldByField) {
  journal::Impression event;
  event.occurred_at = {1'789'999'999'000'000};
  event.placement_id = digit_id('2');
  event.merchant_id = digit_id('3');
  event.partner_id = digit_id('4');
  event.exposure_unit_id = digit_id('5');
  event.campaign = "autumn";
  event.article_slug = "best-shoes";
  event.flag_variant = "b";
  event.vertical = "fashion";
  event.algorithm_version = "v7";
  event.entry_point = "home";
  event.platform = "web";
  event.country = "DE";
  event.state = journal::ImpressionState::kViewable;
  event.exposure_type = journal::ExposureType::kCarousel;
  event.visible_ratio_permille = 875;
  event.visible_ms = 70'000;
  event.rank_position = 3;
  event.total_items_in_list = 0;
  event.is_clickable = true;
  event.agent_class = journal::AgentClass::kTablet;
  event.consent = {.has_analytics = true, .has_marketing = false, .basis = journal::ConsentBasis::kTcf};
  event.verdict = make_verdict();
  Block block = make_impression_block();
  append_impression(block, kHead, event, {.user = 11, .session = 18'446'744'073'709'551'615U});
  set_slots_filled(block, 0, 4);
  EXPECT_EQ(NativeTable(block).row(0),
            (Row{{"log_id", "3237998081"},
                 {"sequence", "77"},
                 {"event_id", text_of('1')},
                 {"received_at", "1790000000000005"},
                 {"occurred_at", "1789999999000000"},
                 {"placement_id", text_of('2')},
                 {"merchant_id", text_of('3')},
                 {"partner_id", text_of('4')},
                 {"exposure_unit_id", text_of('5')},
                 {"campaign", "autumn"},
                 {"article_slug", "best-shoes"},
                 {"flag_variant", "b"},
                 {"vertical", "fashion"},
                 {"algorithm_version", "v7"},
                 {"entry_point", "home"},
                 {"platform", "web"},
                 {"country", "DE"},
                 {"state", "2"},
                 {"exposure_type", "5"},
                 {"visible_ratio_permille", "875"},
                 {"visible_ms", "70000"},
                 {"rank_position", "3"},
                 {"total_items_in_list", "0"},
                 {"is_clickable", "1"},
                 {"agent_class", "3"},
                 {"consent_analytics", "1"},
                 {"consent_marketing", "0"},
                 {"consent_basis", "2"},
                 {"verdict_class", "1"},
                 {"verdict_reasons", "68"},
                 {"verdict_score", "35"},
                 {"rules_version", "4000000001"},
                 {"user", "11"},
                 {"session", "18446744073709551615"},
                 {"slots_filled", "4"}}));
}

TEST(EventColumns, WhatAnImpressionLacksIsNilEmptyOrMinusOne) {
  Block block = make_impression_block();
  append_impression(block, {}, journal::Impression{}, {});
  const NativeTable table(block);
  EXPECT_EQ(table.at(0, "merchant_id"), kNil);
  EXPECT_EQ(table.at(0, "campaign"), "");
  EXPECT_EQ(table.at(0, "rank_position"), "-1");
  EXPECT_EQ(table.at(0, "total_items_in_list"), "-1");
  EXPECT_EQ(table.at(0, "user"), "0");
}

// A million of them are in memory while a batch is made, and each is fetched from there more than once.
TEST(EventColumns, AnImpressionTakesTwoCacheLines) {
  EXPECT_EQ(make_impression_block().stride(), 2U * 64U);
}

TEST(EventColumns, AClickOccursWhenItIsReceived) {
  journal::Click event;
  event.partner_id = digit_id('2');
  event.link_id = digit_id('3');
  event.placement_id = digit_id('4');
  event.merchant_id = digit_id('5');
  event.impression_id = digit_id('6');
  event.campaign = "c";
  event.article_slug = "a";
  event.flag_variant = "f";
  event.sub = "sub-1";
  event.key_id = "k1";
  event.country = "SG";
  event.agent_class = journal::AgentClass::kMobile;
  event.consent = {.has_analytics = false, .has_marketing = true, .basis = journal::ConsentBasis::kGpc};
  event.verdict = make_verdict();
  Block block = make_click_block();
  append_click(block, kHead, event, {.user = 0, .session = 9});
  EXPECT_EQ(NativeTable(block).row(0),
            (Row{{"log_id", "3237998081"},
                 {"sequence", "77"},
                 {"event_id", text_of('1')},
                 {"received_at", "1790000000000005"},
                 {"occurred_at", "1790000000000005"},
                 {"partner_id", text_of('2')},
                 {"link_id", text_of('3')},
                 {"placement_id", text_of('4')},
                 {"merchant_id", text_of('5')},
                 {"impression_id", text_of('6')},
                 {"campaign", "c"},
                 {"article_slug", "a"},
                 {"flag_variant", "f"},
                 {"sub", "sub-1"},
                 {"key_id", "k1"},
                 {"country", "SG"},
                 {"agent_class", "2"},
                 {"consent_analytics", "0"},
                 {"consent_marketing", "1"},
                 {"consent_basis", "1"},
                 {"verdict_class", "1"},
                 {"verdict_reasons", "68"},
                 {"verdict_score", "35"},
                 {"rules_version", "4000000001"},
                 {"user", "0"},
                 {"session", "9"}}));
}

TEST(EventColumns, AConversionGoesFieldByField) {
  journal::Conversion event;
  event.occurred_at = {5};
  event.click_id = digit_id('2');
  event.partner_id = digit_id('3');
  event.merchant_id = digit_id('4');
  event.source = "postback:shop";
  event.order_id = "A-1";
  event.type = "sale";
  event.network_status = "locked";
  event.transaction_id = "t9";
  event.currency = "EUR";
  event.sub = "s";
  event.amount_minor = -1'250;
  event.commission_minor = 99;
  event.status = journal::ConversionStatus::kReversed;
  Block block = make_conversion_block();
  append_conversion(block, kHead, event, {.user = 1, .session = 2});
  EXPECT_EQ(NativeTable(block).row(0),
            (Row{{"log_id", "3237998081"},
                 {"sequence", "77"},
                 {"event_id", text_of('1')},
                 {"received_at", "1790000000000005"},
                 {"occurred_at", "5"},
                 // printf 'postback:shop\0A-1\0sale' | sha256sum, the first 16 bytes
                 {"conversion_key", "d8dad0d8-fd51-6935-be9b-5f1f35b4604a"},
                 {"click_id", text_of('2')},
                 {"partner_id", text_of('3')},
                 {"merchant_id", text_of('4')},
                 {"source", "postback:shop"},
                 {"order_id", "A-1"},
                 {"type", "sale"},
                 {"network_status", "locked"},
                 {"transaction_id", "t9"},
                 {"currency", "EUR"},
                 {"sub", "s"},
                 {"amount_minor", "-1250"},
                 {"commission_minor", "99"},
                 {"status", "3"},
                 {"consent_analytics", "0"},
                 {"consent_marketing", "0"},
                 {"consent_basis", "0"},
                 {"verdict_class", "0"},
                 {"verdict_reasons", "0"},
                 {"verdict_score", "0"},
                 {"rules_version", "0"},
                 {"user", "1"},
                 {"session", "2"}}));
}

TEST(EventColumns, StatusEventsOfOneOrderHaveOneKey) {
  journal::Conversion pending;
  pending.source = "postback:shop";
  pending.order_id = "A-1";
  pending.type = "sale";
  journal::Conversion paid = pending;
  paid.status = journal::ConversionStatus::kPaid;
  EXPECT_EQ(conversion_key_of(pending, digit_id('1')), conversion_key_of(paid, digit_id('2')));
  journal::Conversion lead = pending;
  lead.type = "lead";
  EXPECT_NE(conversion_key_of(pending, digit_id('1')), conversion_key_of(lead, digit_id('1')));
  journal::Conversion without_order;
  EXPECT_EQ(conversion_key_of(without_order, digit_id('1')), digit_id('1')) << "each event is a conversion of its own";
}

TEST(EventColumns, StatusEventsWithoutAnOrderHaveTheKeyOfTheirTransaction) {
  journal::Conversion pending;
  pending.source = "postback:shop";
  pending.transaction_id = "T-1";
  pending.type = "sale";
  journal::Conversion reversed = pending;
  reversed.status = journal::ConversionStatus::kReversed;
  EXPECT_EQ(conversion_key_of(pending, digit_id('1')), conversion_key_of(reversed, digit_id('2')));
  journal::Conversion another = pending;
  another.transaction_id = "T-2";
  EXPECT_NE(conversion_key_of(pending, digit_id('1')), conversion_key_of(another, digit_id('1')));
  journal::Conversion of_order = pending;
  of_order.order_id = "T-1";
  EXPECT_NE(conversion_key_of(pending, digit_id('1')), conversion_key_of(of_order, digit_id('1')))
      << "an order is no transaction";
}

TEST(EventColumns, ARevisionRepeatsTheDimensionsOfItsEvent) {
  RevisionRow row;
  row.head = kHead;
  row.revised_sequence = 12;
  row.event_id = digit_id('2');
  row.event_kind = journal::RecordKind::kImpression;
  row.detector = "backtest:4";
  row.verdict = {.klass = journal::VerdictClass::kSivt, .reasons = 2, .score = 90, .rules_version = 8};
  row.event = {.occurred_at = {1'000'000},
               .placement_id = digit_id('3'),
               .merchant_id = digit_id('4'),
               .partner_id = digit_id('5'),
               .link_id = digit_id('6'),
               .state = journal::ImpressionState::kMeasurable,
               .rank_position = 2};
  Block block = make_revision_block();
  append_revision(block, row, journal::VerdictClass::kSuspect);
  EXPECT_EQ(NativeTable(block).row(0),
            (Row{{"log_id", "3237998081"},
                 {"sequence", "77"},
                 {"received_at", "1790000000000005"},
                 {"revised_sequence", "12"},
                 {"event_id", text_of('2')},
                 {"event_kind", "1"},
                 {"detector", "backtest:4"},
                 {"old_class", "1"},
                 {"new_class", "3"},
                 {"new_reasons", "2"},
                 {"new_score", "90"},
                 {"rules_version", "8"},
                 {"occurred_at", "1000000"},
                 {"placement_id", text_of('3')},
                 {"merchant_id", text_of('4')},
                 {"partner_id", text_of('5')},
                 {"link_id", text_of('6')},
                 {"state", "1"},
                 {"rank_position", "2"}}));
}

TEST(EventColumns, AForwardingRepeatsTheDimensionsOfItsClick) {
  Block block = make_forwarding_block();
  append_forwarding(block,
                    kHead,
                    70,
                    journal::ForwardingState::kFailed,
                    {.occurred_at = {9},
                     .placement_id = digit_id('3'),
                     .merchant_id = digit_id('4'),
                     .partner_id = digit_id('5'),
                     .link_id = digit_id('6'),
                     .verdict_class = journal::VerdictClass::kGivt});
  EXPECT_EQ(NativeTable(block).row(0),
            (Row{{"log_id", "3237998081"},
                 {"sequence", "77"},
                 {"received_at", "1790000000000005"},
                 {"click_sequence", "70"},
                 {"state", "2"},
                 {"occurred_at", "9"},
                 {"partner_id", text_of('5')},
                 {"link_id", text_of('6')},
                 {"placement_id", text_of('3')},
                 {"merchant_id", text_of('4')},
                 {"verdict_class", "2"}}));
}

TEST(EventColumns, PseudonymsAreTheFirstEightBytesBigEndian) {
  journal::Personal personal;
  personal.user.emplace();
  for (std::size_t i = 0; i < 32; ++i) {
    (*personal.user)[i] = static_cast<std::uint8_t>(i + 1);
  }
  const Pseudonyms who = pseudonyms_of(personal);
  EXPECT_EQ(who.user, 0x0102030405060708U);
  EXPECT_EQ(who.session, 0U);
}

TEST(EventColumns, TimesAreBroughtIntoWhatTheTablesHold) {
  EXPECT_EQ(storable({-1}).us, 0);
  EXPECT_EQ(storable({1'790'000'000'000'000}).us, 1'790'000'000'000'000);
  EXPECT_EQ(base::format_rfc3339(storable({INT64_MAX})), "2099-12-31T23:59:59.999999Z");
}

}  // namespace
}  // namespace tallystick::warehouse
