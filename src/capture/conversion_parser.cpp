#include "capture/conversion_parser.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/money.h"
#include "capture/identity.h"
#include "capture/impression_parser.h"
#include "capture/member_table.h"
#include "capture/parameters.h"
#include "crypto/sha256.h"

namespace tallystick::capture {
namespace {

constexpr std::size_t kMaxConversionTextBytes = 128;
constexpr std::size_t kMaxAmountBytes = 32;

enum class ConversionMember : std::uint8_t {
  kConversionId,
  kOrderId,
  kClickId,
  kUserId,
  kMerchantId,
  kPartnerId,
  kType,
  kAmount,
  kCommission,
  kCurrency,
  kOccurredAt,
  kStatus,
  kConsent
};
constexpr MemberTable<ConversionMember, 13> kConversionMembers{{"conversion_id",
                                                                "order_id",
                                                                "click_id",
                                                                "user_id",
                                                                "merchant_id",
                                                                "partner_id",
                                                                "type",
                                                                "amount",
                                                                "commission",
                                                                "currency",
                                                                "occurred_at",
                                                                "status",
                                                                "consent"}};

// What needs the whole object before it means something.
struct Raw {
  std::string_view conversion_id;
  std::string_view order_id;
  std::string_view amount;
  std::string_view commission;
};

// A decimal as text or number, kept as its characters: money never passes through floating point.
bool read_decimal(json::Value& value, std::string_view& out) {
  simdjson::ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) {
    return false;
  }
  if (type == simdjson::ondemand::json_type::string) {
    return json::read_text(value, kMaxAmountBytes, out);
  }
  double ignored = 0;
  std::string_view token = value.raw_json_token();
  if (type != simdjson::ondemand::json_type::number || value.get_double().get(ignored) != simdjson::SUCCESS) {
    return false;
  }
  token = token.substr(0, token.find_first_of(" \t\r\n,}]"));
  out = token;
  return token.size() <= kMaxAmountBytes;
}

bool read_status(json::Value& value, journal::Conversion& event) {
  return json::read_text(value, kMaxConversionTextBytes, event.network_status) &&
         parse_conversion_status(event.network_status, event.status);
}

bool read_conversion_member(
    ConversionMember member, json::Value& value, Raw& raw, ParsedConversion& out, EventFault& fault) {
  switch (member) {
    case ConversionMember::kConversionId:
      return json::read_text(value, kMaxConversionTextBytes, raw.conversion_id);
    case ConversionMember::kOrderId:
      return json::read_text(value, kMaxConversionTextBytes, raw.order_id);
    case ConversionMember::kClickId:
      return json::read_uuid(value, out.event.click_id);
    case ConversionMember::kUserId:
      if (!json::read_text(value, kMaxConversionTextBytes, out.user_id) || !is_user_id(out.user_id)) {
        out.user_id = {};
        fault.set(EventCode::kBadUserId, "user_id");
      }
      return true;
    case ConversionMember::kMerchantId:
      return json::read_text(value, kMaxConversionTextBytes, out.merchant);
    case ConversionMember::kPartnerId:
      return json::read_text(value, kMaxConversionTextBytes, out.partner);
    case ConversionMember::kType:
      return json::read_text(value, kMaxConversionTextBytes, out.event.type);
    case ConversionMember::kAmount:
      return read_decimal(value, raw.amount);
    case ConversionMember::kCommission:
      return read_decimal(value, raw.commission);
    case ConversionMember::kCurrency:
      return json::read_text(value, kMaxConversionTextBytes, out.event.currency);
    case ConversionMember::kOccurredAt:
      return json::read_time(value, out.event.occurred_at);
    case ConversionMember::kStatus:
      return read_status(value, out.event);
    case ConversionMember::kConsent:
      return json::read_consent(value, out.consent);
  }
  return false;
}

void read_money(const Raw& raw, journal::Conversion& event, EventFault& fault) {
  if (raw.amount.empty() && raw.commission.empty() && event.currency.empty()) {
    return;  // a lead has no price
  }
  if (event.currency.empty()) {
    fault.set(EventCode::kMissingField, "currency");
    return;
  }
  const auto currency = base::parse_currency(event.currency);
  if (!currency) {
    fault.set(EventCode::kUnknownCurrency, "currency");
    return;
  }
  const auto read = [&](std::string_view text, std::string_view member, std::int64_t& out) {
    if (text.empty()) {
      return;
    }
    if (const auto money = base::parse_money(text, *currency)) {
      out = money->amount_minor;
    } else {
      fault.set(EventCode::kMalformedField, member);
    }
  };
  read(raw.amount, "amount", event.amount_minor);
  read(raw.commission, "commission", event.commission_minor);
}

void finish(const Raw& raw, ParsedConversion& out, EventFault& fault) {
  out.event.order_id = raw.order_id.empty() ? raw.conversion_id : raw.order_id;
  if (out.event.order_id.empty()) {
    fault.set(EventCode::kMissingField, "order_id");
  }
  if (out.event.type.empty()) {
    fault.set(EventCode::kMissingField, "type");
  }
  if (out.event.occurred_at.us == 0) {
    fault.set(EventCode::kMissingField, "occurred_at");
  }
  if (out.event.click_id.is_nil() && (out.user_id.empty() || out.merchant.empty())) {
    fault.set(EventCode::kMissingField, "click_id");
  }
  read_money(raw, out.event, fault);
}

}  // namespace

EventFault ConversionParser::parse(simdjson::padded_string_view text, ParsedConversion& out) {
  constexpr EventFault kMalformed{EventCode::kMalformedEvent, {}};
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser_.iterate(text).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return kMalformed;
  }
  EventFault fault;
  Raw raw;
  std::uint32_t seen = 0;
  for (auto field : object) {
    std::string_view name;
    json::Value value;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS) {
      return kMalformed;
    }
    ConversionMember member{};
    if (!kConversionMembers.find(name, member)) {
      continue;
    }
    const std::uint32_t bit = 1U << static_cast<unsigned>(member);
    if ((seen & bit) != 0) {
      fault.set(EventCode::kDuplicateField, kConversionMembers.name_of(member));
      continue;
    }
    seen |= bit;
    bool is_null = false;
    if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) {
      continue;
    }
    if (!read_conversion_member(member, value, raw, out, fault)) {
      fault.set(EventCode::kMalformedField, kConversionMembers.name_of(member));
    }
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return kMalformed;
  }
  finish(raw, out, fault);
  return fault;
}

EventFault check_conversion(ParsedConversion& conversion, const Catalog& catalog, base::Timestamp received_at) {
  journal::Conversion& event = conversion.event;
  if (event.occurred_at - received_at > kFutureAfterUs) {
    return {EventCode::kFutureEvent, "occurred_at"};
  }
  if (!conversion.merchant.empty()) {
    const CatalogMerchant* const merchant = catalog.find_merchant(conversion.merchant);
    if (merchant == nullptr) {
      return {EventCode::kUnknownMerchant, "merchant_id"};
    }
    event.merchant_id = merchant->id;
  }
  if (!conversion.partner.empty()) {
    base::Uuid id;
    const CatalogPartner* const partner = base::parse_uuid_into(conversion.partner, id)
                                              ? catalog.find_partner(id)
                                              : catalog.find_partner(conversion.partner);
    if (partner == nullptr) {
      return {EventCode::kUnknownPartner, "partner_id"};
    }
    event.partner_id = partner->id;
  }
  return {};
}

base::Uuid make_derived_id(std::string_view domain, std::initializer_list<std::string_view> parts) {
  crypto::Sha256 hash;
  const auto add = [&](std::string_view part) {
    const std::array<std::uint8_t, 4> length{static_cast<std::uint8_t>(part.size() >> 24),
                                             static_cast<std::uint8_t>(part.size() >> 16),
                                             static_cast<std::uint8_t>(part.size() >> 8),
                                             static_cast<std::uint8_t>(part.size())};
    hash.update(length).update(part);
  };
  add(domain);
  for (const std::string_view part : parts) {
    add(part);
  }
  const crypto::Digest digest = hash.finish();
  base::Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | 0x80U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
  return id;
}

base::Uuid make_conversion_id(std::string_view source,
                              std::string_view order_id,
                              std::string_view type,
                              journal::ConversionStatus status) {
  return make_derived_id("conversion", {source, order_id, type, journal::name_of(status)});
}

bool parse_conversion_status(std::string_view word, journal::ConversionStatus& out) {
  using enum journal::ConversionStatus;
  struct Word {
    std::string_view text;
    journal::ConversionStatus status;
  };
  static constexpr std::array<Word, 24> kWords{{
      {"pending", kPending},    {"new", kPending},       {"extended", kPending},   {"hold", kPending},
      {"open", kPending},       {"lead", kPending},      {"approved", kApproved},  {"confirmed", kApproved},
      {"locked", kApproved},    {"closed", kApproved},   {"sale", kApproved},      {"accepted", kApproved},
      {"validated", kApproved}, {"rebill", kApproved},   {"paid", kPaid},          {"cleared", kPaid},
      {"reversed", kReversed},  {"declined", kReversed}, {"deleted", kReversed},   {"rejected", kReversed},
      {"voided", kReversed},    {"refunded", kReversed}, {"cancelled", kReversed}, {"trash", kReversed},
  }};
  const auto* const found =
      std::ranges::find_if(kWords, [&](const Word& w) { return equals_ignoring_case(w.text, word); });
  if (found == kWords.end()) {
    return false;
  }
  out = found->status;
  return true;
}

}  // namespace tallystick::capture
