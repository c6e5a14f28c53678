#include "capture/impression_parser.h"

#include <algorithm>
#include <array>

#include "capture/identity.h"
#include "capture/member_table.h"

namespace tallystick::capture {
namespace {

constexpr std::size_t kMaxImpressionTextBytes = 256;

enum class ImpressionMember : std::uint8_t {
  kEventId,
  kPlacementId,
  kOccurredAt,
  kTimestamp,
  kSessionId,
  kUserId,
  kPartnerId,
  kCampaignId,
  kMerchantId,
  kExposureUnitId,
  kExposureType,
  kArticleSlug,
  kFlagVariant,
  kVertical,
  kState,
  kVisibleRatio,
  kVisibleMs,
  kToken,
  kConsent,
  kRankPosition,
  kTotalItems,
  kIsClickable,
  kAlgorithmVersion,
  kEntryPoint,
  kPlatform
};
constexpr MemberTable<ImpressionMember, 25> kImpressionMembers{
    {"event_id",         "placement_id",      "occurred_at",
     "timestamp",        "session_id",        "user_id",
     "partner_id",       "campaign_id",       "merchant_id",
     "exposure_unit_id", "exposure_type",     "article_slug",
     "flag_variant",     "vertical",          "state",
     "visible_ratio",    "visible_ms",        "token",
     "consent",          "rank_position",     "total_items_in_list",
     "is_clickable",     "algorithm_version", "entry_point",
     "platform"}};

constexpr std::array<std::string_view, 10> kExposureTypes{
    "", "banner", "logo", "merchant_page", "card", "carousel", "search_result", "category_tile", "email", "push"};
constexpr std::array<std::string_view, 3> kStates{"served", "measurable", "viewable"};

template <typename Enum, std::size_t Count>
bool read_word(json::Value& value, const std::array<std::string_view, Count>& words, Enum& out) {
  std::string_view text;
  if (!json::read_text(value, kMaxImpressionTextBytes, text) || text.empty()) {
    return false;
  }
  const auto found = std::ranges::find(words, text);
  if (found == words.end()) {
    return false;
  }
  out = static_cast<Enum>(found - words.begin());
  return true;
}

EventFault read_rank(json::Value& value, journal::Impression& event) {
  std::int64_t rank = 0;
  if (!json::read_integer(value, rank) || rank > INT32_MAX) {
    return {EventCode::kMalformedField, "rank_position"};
  }
  if (rank < 0) {
    return {EventCode::kNegativeRank, "rank_position"};
  }
  event.rank_position = static_cast<std::uint32_t>(rank);
  return {};
}

bool read_total(json::Value& value, journal::Impression& event) {
  std::uint32_t total = 0;
  const bool is_good = json::read_u32(value, total);
  event.total_items_in_list = total;
  return is_good;
}

bool read_user(json::Value& value, ParsedImpression& out, EventFault& fault) {
  if (!json::read_text(value, kMaxImpressionTextBytes, out.user_id) || !is_user_id(out.user_id)) {
    out.user_id = {};
    fault.set(EventCode::kBadUserId, "user_id");
  }
  return true;
}

bool read_session(json::Value& value, ParsedImpression& out) {
  return json::read_text(value, kMaxSessionBytes, out.session_id) &&
         std::ranges::all_of(out.session_id, [](char c) { return c > ' ' && c < 0x7f; });
}

// False: the value has not the member's form.
bool read_impression_member(ImpressionMember member, json::Value& value, ParsedImpression& out, EventFault& fault) {
  journal::Impression& event = out.event;
  switch (member) {
    case ImpressionMember::kEventId:
      return json::read_uuid(value, out.event_id);
    case ImpressionMember::kPlacementId:
      return json::read_text(value, kMaxImpressionTextBytes, out.placement);
    case ImpressionMember::kOccurredAt:
    case ImpressionMember::kTimestamp:
      return json::read_time(value, event.occurred_at);
    case ImpressionMember::kSessionId:
      return read_session(value, out);
    case ImpressionMember::kUserId:
      return read_user(value, out, fault);
    case ImpressionMember::kPartnerId:
      return json::read_text(value, kMaxImpressionTextBytes, out.partner);
    case ImpressionMember::kCampaignId:
      return json::read_text(value, kMaxImpressionTextBytes, event.campaign);
    case ImpressionMember::kMerchantId:
      return json::read_text(value, kMaxImpressionTextBytes, out.merchant);
    case ImpressionMember::kExposureUnitId:
      return json::read_uuid(value, event.exposure_unit_id);
    case ImpressionMember::kExposureType:
      return read_word(value, kExposureTypes, event.exposure_type);
    case ImpressionMember::kArticleSlug:
      return json::read_text(value, kMaxImpressionTextBytes, event.article_slug);
    case ImpressionMember::kFlagVariant:
      return json::read_text(value, kMaxImpressionTextBytes, event.flag_variant);
    case ImpressionMember::kVertical:
      return json::read_text(value, kMaxImpressionTextBytes, event.vertical);
    case ImpressionMember::kState:
      return read_word(value, kStates, event.state);
    case ImpressionMember::kVisibleRatio:
      return json::read_ratio(value, event.visible_ratio_permille);
    case ImpressionMember::kVisibleMs:
      return json::read_u32(value, event.visible_ms);
    case ImpressionMember::kToken:
      return json::read_text(value, kMaxImpressionTextBytes, out.token);
    case ImpressionMember::kConsent:
      return json::read_consent(value, out.consent);
    case ImpressionMember::kRankPosition: {
      const EventFault rank = read_rank(value, event);
      fault.set(rank.code, rank.member);
      return true;
    }
    case ImpressionMember::kTotalItems:
      return read_total(value, event);
    case ImpressionMember::kIsClickable:
      return json::read_bool(value, event.is_clickable);
    case ImpressionMember::kAlgorithmVersion:
      return json::read_text(value, kMaxImpressionTextBytes, event.algorithm_version);
    case ImpressionMember::kEntryPoint:
      return json::read_text(value, kMaxImpressionTextBytes, event.entry_point);
    case ImpressionMember::kPlatform:
      return json::read_text(value, kMaxImpressionTextBytes, event.platform);
  }
  return false;
}

void check_required(ImpressionForm form, const ParsedImpression& out, EventFault& fault) {
  if (out.event_id.is_nil()) {
    fault.set(EventCode::kMissingField, "event_id");
  }
  if (out.placement.empty()) {
    fault.set(EventCode::kMissingField, "placement_id");
  }
  if (out.event.occurred_at.us == 0) {
    fault.set(EventCode::kMissingField, form == ImpressionForm::kExposure ? "timestamp" : "occurred_at");
  }
  if (form == ImpressionForm::kExposure) {
    if (out.merchant.empty()) {
      fault.set(EventCode::kMissingField, "merchant_id");
    }
    if (out.event.exposure_type == journal::ExposureType::kNone) {
      fault.set(EventCode::kMissingField, "exposure_type");
    }
  }
}

}  // namespace

EventFault ImpressionParser::parse(simdjson::padded_string_view text, ImpressionForm form, ParsedImpression& out) {
  constexpr EventFault kMalformed{EventCode::kMalformedEvent, {}};
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser_.iterate(text).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return kMalformed;
  }
  EventFault fault;
  std::uint64_t seen = 0;
  for (auto field : object) {
    std::string_view name;
    json::Value value;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS) {
      return kMalformed;
    }
    ImpressionMember member{};
    if (!kImpressionMembers.find(name, member)) {
      continue;
    }
    const std::uint64_t bit = 1ULL << static_cast<unsigned>(member);
    if ((seen & bit) != 0) {
      fault.set(EventCode::kDuplicateField, kImpressionMembers.name_of(member));
      continue;
    }
    seen |= bit;
    bool is_null = false;
    if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) {
      continue;
    }
    if (!read_impression_member(member, value, out, fault)) {
      fault.set(EventCode::kMalformedField, kImpressionMembers.name_of(member));
    }
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {  // something stands behind the object
    return kMalformed;
  }
  check_required(form, out, fault);
  return fault;
}

EventFault check_impression(ParsedImpression& impression,
                            ImpressionForm form,
                            const Catalog& catalog,
                            base::Timestamp received_at,
                            StaleRule stale_rule) {
  journal::Impression& event = impression.event;
  const std::string_view time_member = form == ImpressionForm::kExposure ? "timestamp" : "occurred_at";
  if (stale_rule == StaleRule::kRefuse && received_at - event.occurred_at > kStaleAfterUs) {
    return {EventCode::kStaleEvent, time_member};
  }
  if (event.occurred_at - received_at > kFutureAfterUs) {
    return {EventCode::kFutureEvent, time_member};
  }
  impression.catalog_placement = catalog.find_placement(impression.placement);
  if (impression.catalog_placement == nullptr) {
    return {EventCode::kUnknownPlacement, "placement_id"};
  }
  event.placement_id = impression.catalog_placement->id;
  if (!impression.merchant.empty()) {
    const CatalogMerchant* const merchant = catalog.find_merchant(impression.merchant);
    if (merchant == nullptr) {
      return {EventCode::kUnknownMerchant, "merchant_id"};
    }
    event.merchant_id = merchant->id;
  }
  if (!impression.partner.empty()) {
    base::Uuid id;
    const CatalogPartner* const partner = base::parse_uuid_into(impression.partner, id)
                                              ? catalog.find_partner(id)
                                              : catalog.find_partner(impression.partner);
    if (partner == nullptr) {
      return {EventCode::kUnknownPartner, "partner_id"};
    }
    event.partner_id = partner->id;
  }
  if (!event.exposure_unit_id.is_nil()) {
    const CatalogExposureUnit* const unit = catalog.find_exposure_unit(event.exposure_unit_id);
    if (unit == nullptr || unit->merchant_id != event.merchant_id) {
      return {EventCode::kUnknownExposureUnit, "exposure_unit_id"};
    }
  }
  return {};
}

}  // namespace tallystick::capture
