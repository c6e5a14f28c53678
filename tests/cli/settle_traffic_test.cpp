#include "cli/settle_traffic.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "cli/history_writer.h"
#include "cli/settle_plan.h"
#include "crypto/ed25519.h"
#include "journal/codec.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::cli {
namespace {

using journal::ConversionStatus;
using journal::RecordKind;

base::Uuid traffic_id(std::uint8_t kind, std::size_t number) {
  base::Uuid id;
  id.bytes[0] = kind;
  id.bytes[15] = static_cast<std::uint8_t>(number + 1);
  return id;
}

class SettleTrafficTest : public testing::Test {
 protected:
  void SetUp() override {
    for (std::size_t i = 0; i < plan_.slots.size(); ++i) {
      world_.partners.push_back({traffic_id(1, plan_.slots[i].network),
                                 "partner-" + std::to_string(plan_.slots[i].network),
                                 plan_.slots[i].currency});
      for (std::size_t link = 0; link < kSettleLinks; ++link) {
        world_.links.push_back({traffic_id(2, i * kSettleLinks + link), i});
      }
    }
    world_.placements = {{traffic_id(3, 0), "guide", "article"}};
    journal::Options options;
    options.directory = folder_.path() / "journal";
    journal_ = journal::Journal::open(options, clock_, random_, key_).value();
    const HistoryPeople people(settings_.seed, 50, pepper_);
    auto written =
        write_settle_traffic(*journal_, world_, plan_, settings_, people, random_, [](std::uint64_t, std::uint64_t) {});
    ASSERT_TRUE(written) << written.error().message;
    traffic_ = *written;
    ASSERT_TRUE(journal_->make_checkpoint());
  }

  template <typename Take>
  void for_each_record(const Take& take) {
    const auto reader = journal_->make_reader(0);
    journal::Record record;
    while (reader->next(record, 0).value()) {
      take(record);
    }
  }

  const SettleSettings settings_{.seed = 4,
                                 .first_day = base::parse_date("2026-10-01").value(),
                                 .last_day = base::parse_date("2026-10-31").value(),
                                 .conversions = kMinSettleConversions,
                                 .our_time_zone = "UTC",
                                 .until = base::parse_rfc3339("2026-11-20T00:00:00Z").value()};
  const SettlePlan plan_ = make_settle_plan(settings_).value();
  support::TemporaryDirectory folder_;
  base::ManualClock clock_{settings_.until};
  base::SystemRandom random_;
  crypto::Ed25519Key key_{crypto::Ed25519Seed{7}};
  crypto::HmacKey pepper_{std::array<std::uint8_t, 4>{1, 2, 3, 4}};
  HistoryWorld world_;
  SettleTraffic traffic_;
  std::unique_ptr<journal::Journal> journal_;
};

// What a conversion is at the end, by source and order.
struct Latest {
  journal::ConversionStatus status = ConversionStatus::kPending;
  std::int64_t commission_minor = 0;
  base::Timestamp occurred_at;
  std::string currency;
  base::Uuid click_id;
  bool is_invalid = true;
};

TEST_F(SettleTrafficTest, TheLogHoldsEverySaleOfThePlanAsItIsAtTheEnd) {
  std::map<std::pair<std::string, std::string>, Latest> conversions;
  std::map<std::uint64_t, std::pair<std::string, std::string>> by_sequence;
  std::map<std::uint64_t, bool> is_revised;
  for_each_record([&](const journal::Record& record) {
    if (record.kind == RecordKind::kConversion) {
      const auto event = journal::decode_conversion(record.fields).value();
      const bool is_postback = event.source.starts_with("postback:");
      const std::pair key(std::string(is_postback ? "postback" : "api"), std::string(event.order_id));
      conversions[key] = {
          event.status, event.commission_minor, event.occurred_at, std::string(event.currency), event.click_id};
      by_sequence[record.sequence] = key;
      is_revised[record.sequence] = false;
    } else if (record.kind == RecordKind::kVerdictRevision) {
      const auto revision = journal::decode_verdict_revision(record.fields).value();
      if (revision.event_kind == RecordKind::kConversion) {
        ASSERT_TRUE(is_revised.contains(revision.sequence));
        is_revised[revision.sequence] = true;
        EXPECT_EQ(revision.verdict.klass, journal::VerdictClass::kSivt);
      }
    }
  });
  for (const auto& [sequence, key] : by_sequence) {
    Latest& latest = conversions[key];
    latest.is_invalid = latest.is_invalid && is_revised[sequence];
  }
  std::size_t expected = 0;
  for (const SettleSale& sale : plan_.sales) {
    const SettleVisit& visit = plan_.visits[sale.visit];
    for (const char* source : {"api", "postback"}) {
      const auto found = conversions.find({source, history_order_id(settings_.seed, sale.order)});
      if (!sale.is_recorded_twice && (source == std::string("postback")) != sale.is_postback) {
        EXPECT_EQ(found, conversions.end());
        continue;
      }
      ++expected;
      ASSERT_NE(found, conversions.end());
      const Latest& latest = found->second;
      EXPECT_EQ(latest.status == ConversionStatus::kReversed, sale.is_reversed);
      EXPECT_EQ(latest.commission_minor, sale.commission_minor);
      EXPECT_EQ(latest.occurred_at, sale.occurred_at);
      EXPECT_EQ(latest.currency, plan_.slots[visit.slot].currency.text());
      EXPECT_EQ(latest.click_id, visit.click_id);
      EXPECT_EQ(latest.is_invalid, sale.is_invalid);
    }
  }
  EXPECT_EQ(conversions.size(), expected);
}

TEST_F(SettleTrafficTest, RecordsComeInTheOrderOfReceiptAndClicksAreForwarded) {
  base::Timestamp before{0};
  std::set<std::uint64_t> clicks;
  std::set<base::Uuid> revised;
  std::uint64_t impressions = 0;
  std::uint64_t records = 0;
  for_each_record([&](const journal::Record& record) {
    EXPECT_GE(record.received_at, before);
    EXPECT_LT(record.received_at, settings_.until);
    before = record.received_at;
    ++records;
    impressions += record.kind == RecordKind::kImpression ? 1 : 0;
    if (record.kind == RecordKind::kClick) {
      clicks.insert(record.sequence);
    } else if (record.kind == RecordKind::kForwarding) {
      std::vector<std::uint64_t> sequences;
      ASSERT_TRUE(journal::decode_forwarding(record.fields, sequences));
      for (const std::uint64_t sequence : sequences) {
        EXPECT_EQ(clicks.erase(sequence), 1U);
      }
    } else if (record.kind == RecordKind::kVerdictRevision) {
      const auto revision = journal::decode_verdict_revision(record.fields).value();
      if (revision.event_kind == RecordKind::kClick) {
        revised.insert(revision.event_id);
      }
    }
  });
  EXPECT_TRUE(clicks.empty());
  EXPECT_EQ(records, traffic_.records);
  EXPECT_EQ(impressions, traffic_.impressions);
  EXPECT_EQ(traffic_.clicks, plan_.visits.size());
  for (const SettleVisit& visit : plan_.visits) {
    EXPECT_EQ(revised.contains(visit.click_id), visit.is_found_out);
  }
}

}  // namespace
}  // namespace tallystick::cli
