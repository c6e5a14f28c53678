#include "capture/postback.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/encoding.h"
#include "base/money.h"
#include "capture/conversion_parser.h"
#include "capture/link_signature.h"
#include "crypto/sha256.h"

namespace tallystick::capture {
namespace {

// The first name that has a value wins. Our own names come first, then those of the networks.
constexpr auto kClickNames = std::to_array<std::string_view>({"clickid",
                                                              "click_id",
                                                              "cid",
                                                              "subid",
                                                              "cnv_id",
                                                              "clickref",
                                                              "sid",
                                                              "u1",
                                                              "afftrack",
                                                              "subid1",
                                                              "sub1",
                                                              "aff_sub",
                                                              "sharedid",
                                                              "xcust",
                                                              "ascsubtag",
                                                              "customid",
                                                              "epi",
                                                              "fobs",
                                                              "pubref"});
constexpr auto kPayoutNames = std::to_array<std::string_view>({"payout", "commission", "revenue"});
constexpr auto kAmountNames = std::to_array<std::string_view>({"amount", "sale_amount", "sum", "order_total"});
constexpr auto kTransactionNames = std::to_array<std::string_view>({"txid", "transaction_id", "tid", "conversion_id"});
constexpr auto kOrderNames = std::to_array<std::string_view>({"order_id", "orderid", "order"});
constexpr auto kStatusNames = std::to_array<std::string_view>({"status", "state"});
constexpr auto kTypeNames = std::to_array<std::string_view>({"et", "event", "event_type", "type", "goal"});
constexpr auto kCurrencyNames = std::to_array<std::string_view>({"currency", "cur"});

constexpr std::size_t kMaxPostbackTextBytes = 128;

std::string_view find_any(const ParameterList& parameters, std::span<const std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string_view value = parameters.find_ignoring_case(name);
    // A macro that the network did not fill comes as it was written: "{payout}".
    if (!value.empty() && value.front() != '{') {
      return value;
    }
  }
  return {};
}

bool is_printable(std::string_view text) {
  return text.size() <= kMaxPostbackTextBytes &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

PostbackFault read_money(const ParameterList& parameters, const CatalogPartner& partner, journal::Conversion& event) {
  const std::string_view payout = find_any(parameters, kPayoutNames);
  const std::string_view amount = find_any(parameters, kAmountNames);
  event.currency = find_any(parameters, kCurrencyNames);
  if (event.currency.empty()) {
    event.currency = partner.currency;
  }
  if (payout.empty() && amount.empty()) {
    return {};
  }
  const auto currency = base::parse_currency(event.currency);
  if (!currency) {
    return {"unknown_currency", "currency is not an ISO 4217 code, and the partner has none set"};
  }
  if (!payout.empty()) {
    const auto money = base::parse_money(payout, *currency);
    if (!money) {
      return {"malformed_field", "payout is not an amount in this currency"};
    }
    event.commission_minor = money->amount_minor;
  }
  if (!amount.empty()) {
    const auto money = base::parse_money(amount, *currency);
    if (!money) {
      return {"malformed_field", "amount is not an amount in this currency"};
    }
    event.amount_minor = money->amount_minor;
  }
  return {};
}

}  // namespace

PostbackFault parse_postback(const ParameterList& parameters,
                             const CatalogPartner& partner,
                             base::Timestamp received_at,
                             ParsedPostback& out) {
  journal::Conversion& event = out.event;
  out.click = find_any(parameters, kClickNames);
  out.transaction = find_any(parameters, kTransactionNames);
  event.transaction_id = out.transaction;
  event.order_id = find_any(parameters, kOrderNames);
  event.type = find_any(parameters, kTypeNames);
  event.network_status = find_any(parameters, kStatusNames);
  if (out.click.empty() && out.transaction.empty()) {
    return {"missing_field", "clickid or txid is needed"};
  }
  for (const std::string_view text : {out.click, out.transaction, event.order_id, event.type, event.network_status}) {
    if (!is_printable(text)) {
      return {"malformed_field", "a value is too long or holds control characters"};
    }
  }
  if (!event.network_status.empty() && !parse_conversion_status(event.network_status, event.status)) {
    event.status = journal::ConversionStatus::kPending;  // the network's word is kept beside it
  }
  if (!base::parse_uuid_into(out.click, event.click_id)) {
    event.sub = out.click;
  }
  if (event.type.empty()) {
    event.type = "sale";
  }
  event.partner_id = partner.id;
  event.occurred_at = received_at;
  return read_money(parameters, partner, event);
}

base::Uuid make_postback_id(const CatalogPartner& partner, const ParsedPostback& postback) {
  return make_derived_id("postback",
                         {partner.slug,
                          postback.click,
                          postback.transaction,
                          postback.event.type,
                          postback.event.network_status.empty() ? journal::name_of(postback.event.status)
                                                                : postback.event.network_status});
}

bool is_postback_signed(std::string_view path, const ParameterList& parameters, std::string_view secret) {
  std::string scratch;
  std::string message;
  append_canonical(path, parameters, scratch, message);
  const crypto::Digest digest = crypto::HmacKey(base::as_bytes(secret)).sign(message);
  const std::string_view given = parameters.find("sig");
  std::string lower(given);
  std::ranges::transform(
      lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  const bool is_hex = crypto::constant_time_equal(base::as_bytes(base::to_hex(digest)), base::as_bytes(lower));
  return is_signature_of(digest, given) || is_hex;
}

}  // namespace tallystick::capture
