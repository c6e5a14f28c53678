#include "settlement/postback_match.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace tallystick::settlement {
namespace {

struct Record {
  std::string key;  // of a claim
  std::string order;
  std::string transaction;
};

// The order ids afterwards, of claims by key and of truths by position.
struct Joined {
  std::map<std::string, std::string> claims;
  std::vector<std::string> truths;

  friend bool operator==(const Joined&, const Joined&) = default;
};

Joined join(const std::vector<Record>& their_records, const std::vector<Record>& our_records) {
  std::vector<reconcile::Claim> claims;
  std::vector<reconcile::Truth> truths;
  std::vector<std::string> their_transactions;
  std::vector<std::string> our_transactions;
  for (const Record& record : their_records) {
    reconcile::Claim claim;
    claim.key = record.key;
    claim.order_id = record.order;
    claims.push_back(claim);
    their_transactions.push_back(record.transaction);
  }
  for (const Record& record : our_records) {
    reconcile::Truth truth;
    truth.order_id = record.order;
    truths.push_back(truth);
    our_transactions.push_back(record.transaction);
  }
  join_transactions(claims, their_transactions, truths, our_transactions);
  Joined out;
  for (const reconcile::Claim& claim : claims) {
    out.claims[claim.key] = claim.order_id;
  }
  for (const reconcile::Truth& truth : truths) {
    out.truths.push_back(truth.order_id);
  }
  return out;
}

TEST(PostbackMatch, APostbackThatNamesOnlyItsTransactionGetsTheOrderOfTheClaim) {
  const Joined joined = join({{"a", "order-1", "t-1"}, {"b", "order-2", "t-2"}}, {{"", "", "t-2"}});
  EXPECT_EQ(joined.truths, std::vector<std::string>{"order-2"});
  EXPECT_EQ(joined.claims.at("b"), "order-2");
}

TEST(PostbackMatch, AClaimThatNamesOnlyItsTransactionGetsTheOrderOfTheConversion) {
  const Joined joined = join({{"a", "", "t-1"}}, {{"", "order-9", "t-1"}});
  EXPECT_EQ(joined.claims.at("a"), "order-9");
  EXPECT_EQ(joined.truths, std::vector<std::string>{"order-9"});
}

TEST(PostbackMatch, WhereNeitherNamesAnOrderTheTransactionIsTheOrder) {
  const Joined joined = join({{"a", "", "t-1"}, {"b", "", "t-2"}}, {{"", "", "t-1"}});
  EXPECT_EQ(joined.claims.at("a"), "t-1");
  EXPECT_EQ(joined.claims.at("b"), "") << "nothing of ours names it: it may still be a duplicate by click and amount";
  EXPECT_EQ(joined.truths, std::vector<std::string>{"t-1"});
}

TEST(PostbackMatch, OurOrderMayBeTheNetworksTransaction) {
  const Joined joined = join({{"a", "order-1", "t-1"}}, {{"", "t-1", ""}});
  EXPECT_EQ(joined.truths, std::vector<std::string>{"order-1"});
}

TEST(PostbackMatch, AnOrderThatAClaimNamesStays) {
  const Joined joined = join({{"a", "order-1", "t-1"}, {"b", "order-2", "t-2"}}, {{"", "order-1", "t-2"}});
  EXPECT_EQ(joined.truths, std::vector<std::string>{"order-1"});
}

TEST(PostbackMatch, NothingIsJoinedByEmptyTransactions) {
  const Joined joined = join({{"a", "", ""}}, {{"", "", ""}, {"", "order-1", ""}});
  EXPECT_EQ(joined.claims.at("a"), "");
  EXPECT_EQ(joined.truths, (std::vector<std::string>{"", "order-1"}));
}

TEST(PostbackMatch, DoesNotDependOnTheOrderOfTheRecords) {
  std::mt19937 random(7);
  const auto name = [&](const char* prefix) {
    return random() % 3 == 0 ? std::string() : prefix + std::to_string(random() % 6);
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<Record> theirs;
    std::vector<Record> ours;
    for (int i = 0; i < 8; ++i) {
      theirs.push_back({std::string(1, static_cast<char>('a' + i)), name("o"), name("t")});
      ours.push_back({"", name("o"), name("t")});
    }
    Joined expected = join(theirs, ours);
    std::ranges::shuffle(theirs, random);
    std::vector<std::size_t> places(ours.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      places[i] = i;
    }
    std::ranges::shuffle(places, random);
    std::vector<Record> shuffled;
    std::vector<std::string> expected_truths;
    for (const std::size_t place : places) {
      shuffled.push_back(ours[place]);
      expected_truths.push_back(expected.truths[place]);
    }
    expected.truths = expected_truths;
    ASSERT_EQ(join(theirs, shuffled), expected) << "round " << round;
  }
}

}  // namespace
}  // namespace tallystick::settlement
