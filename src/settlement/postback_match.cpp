#include "settlement/postback_match.h"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace tallystick::settlement {
namespace {

using Positions = std::unordered_map<std::string_view, std::uint32_t>;

// By transaction; of several claims of one, that whose key comes first.
Positions index_transactions(std::span<const reconcile::Claim> claims, std::span<const std::string> transactions) {
  Positions out;
  out.reserve(claims.size());
  for (std::uint32_t i = 0; i < claims.size(); ++i) {
    if (transactions[i].empty() || claims[i].is_correction) {
      continue;
    }
    const auto [found, is_new] = out.emplace(transactions[i], i);
    if (!is_new && claims[i].key < claims[found->second].key) {
      found->second = i;
    }
  }
  return out;
}

std::uint32_t find_claim(const Positions& by_transaction, std::string_view transaction, std::string_view order) {
  // Our side may know the network's id as the order.
  for (const std::string_view name : {transaction, order}) {
    if (const auto found = name.empty() ? by_transaction.end() : by_transaction.find(name);
        found != by_transaction.end()) {
      return found->second;
    }
  }
  return reconcile::kNone;
}

}  // namespace

void join_transactions(std::span<reconcile::Claim> claims,
                       std::span<const std::string> claim_transactions,
                       std::span<reconcile::Truth> truths,
                       std::span<const std::string> truth_transactions) {
  const Positions by_transaction = index_transactions(claims, claim_transactions);
  if (by_transaction.empty()) {
    return;
  }
  // As they are before anything is changed: so the order of truths does not matter.
  std::unordered_set<std::string> claimed_orders;
  for (const reconcile::Claim& claim : claims) {
    if (!claim.order_id.empty()) {
      claimed_orders.insert(claim.order_id);
    }
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> joined;  // truth, claim
  std::unordered_map<std::uint32_t, std::string_view> given;    // claims without an order id, and what they get
  for (std::uint32_t i = 0; i < truths.size(); ++i) {
    const std::string& order = truths[i].order_id;
    if (!order.empty() && claimed_orders.contains(order)) {
      continue;
    }
    const std::uint32_t claim = find_claim(by_transaction, truth_transactions[i], order);
    if (claim == reconcile::kNone) {
      continue;
    }
    joined.emplace_back(i, claim);
    if (claims[claim].order_id.empty()) {
      std::string_view& name = given.try_emplace(claim, order).first->second;
      if (name.empty() || (!order.empty() && order < name)) {
        name = order;
      }
    }
  }
  for (const auto& [claim, order] : given) {
    claims[claim].order_id = order.empty() ? claim_transactions[claim] : std::string(order);
  }
  for (const auto& [truth, claim] : joined) {
    truths[truth].order_id = claims[claim].order_id;
  }
}

}  // namespace tallystick::settlement
