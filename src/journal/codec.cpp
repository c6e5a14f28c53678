// The events: impressions, clicks and conversions. codec_records.cpp has the other kinds.
#include "journal/codec.h"

#include "journal/codec_fields.h"

namespace tallystick::journal {

void encode(const Impression& event, std::string& out) {
  put_time(1, event.occurred_at, out);
  put_uuid(2, event.placement_id, out);
  put_uuid(3, event.merchant_id, out);
  put_uuid(4, event.partner_id, out);
  put_uuid(5, event.exposure_unit_id, out);
  put_bytes(6, event.campaign, out);
  put_bytes(7, event.article_slug, out);
  put_bytes(8, event.flag_variant, out);
  put_bytes(9, event.vertical, out);
  put_bytes(10, event.algorithm_version, out);
  put_bytes(11, event.entry_point, out);
  put_bytes(12, event.platform, out);
  put_bytes(13, event.country, out);
  put_uint(14, static_cast<std::uint64_t>(event.state), out);
  put_uint(15, static_cast<std::uint64_t>(event.exposure_type), out);
  put_uint(16, event.visible_ratio_permille, out);
  put_uint(17, event.visible_ms, out);
  if (event.rank_position) {
    put_present_uint(18, *event.rank_position, out);
  }
  if (event.total_items_in_list) {
    put_present_uint(19, *event.total_items_in_list, out);
  }
  put_uint(20, event.is_clickable ? 1 : 0, out);
  put_uint(21, static_cast<std::uint64_t>(event.agent_class), out);
  put_consent(22, event.consent, out);
  put_verdict(23, event.verdict, out);
}

namespace {

constexpr unsigned kFirstMeasure = 14;

[[gnu::always_inline]] inline void read_context(WireReader& reader, unsigned field, Impression& event) {
  switch (field) {
    case 1:
      event.occurred_at = time_of(reader);
      break;
    case 2:
      reader.fixed(event.placement_id.bytes);
      break;
    case 3:
      reader.fixed(event.merchant_id.bytes);
      break;
    case 4:
      reader.fixed(event.partner_id.bytes);
      break;
    case 5:
      reader.fixed(event.exposure_unit_id.bytes);
      break;
    case 6:
      event.campaign = reader.bytes();
      break;
    case 7:
      event.article_slug = reader.bytes();
      break;
    case 8:
      event.flag_variant = reader.bytes();
      break;
    case 9:
      event.vertical = reader.bytes();
      break;
    case 10:
      event.algorithm_version = reader.bytes();
      break;
    case 11:
      event.entry_point = reader.bytes();
      break;
    case 12:
      event.platform = reader.bytes();
      break;
    case 13:
      event.country = reader.bytes();
      break;
    default:
      break;
  }
}

[[gnu::always_inline]] inline void read_measures(WireReader& reader, unsigned field, Impression& event) {
  switch (field) {
    case 14:
      event.state = enum_of(reader, ImpressionState::kViewable);
      break;
    case 15:
      event.exposure_type = enum_of(reader, ExposureType::kPush);
      break;
    case 16:
      event.visible_ratio_permille = static_cast<std::uint16_t>(reader.uint(UINT16_MAX));
      break;
    case 17:
      event.visible_ms = u32_of(reader);
      break;
    case 18:
      event.rank_position = u32_of(reader);
      break;
    case 19:
      event.total_items_in_list = u32_of(reader);
      break;
    case 20:
      event.is_clickable = reader.boolean();
      break;
    case 21:
      event.agent_class = enum_of(reader, AgentClass::kOther);
      break;
    case 22:
      event.consent = consent_of(reader);
      break;
    case 23:
      event.verdict = verdict_of(reader);
      break;
    default:
      break;
  }
}

}  // namespace

base::Result<Impression> decode_impression(std::string_view bytes) {
  base::Result<Impression> out;
  Impression& event = *out;
  WireReader reader(bytes);
  read_fields<23>(
      reader, [&](unsigned field) __attribute__((always_inline)) {
        if (field < kFirstMeasure) {
          read_context(reader, field, event);
        } else {
          read_measures(reader, field, event);
        }
      });
  fail_if_malformed(reader, out);
  return out;
}

void encode(const Click& event, std::string& out) {
  put_uuid(1, event.partner_id, out);
  put_uuid(2, event.link_id, out);
  put_uuid(3, event.placement_id, out);
  put_uuid(4, event.merchant_id, out);
  put_uuid(5, event.impression_id, out);
  put_bytes(6, event.campaign, out);
  put_bytes(7, event.article_slug, out);
  put_bytes(8, event.flag_variant, out);
  put_bytes(9, event.sub, out);
  put_bytes(10, event.key_id, out);
  put_bytes(11, event.country, out);
  put_uint(12, static_cast<std::uint64_t>(event.agent_class), out);
  put_consent(13, event.consent, out);
  put_verdict(14, event.verdict, out);
}

base::Result<Click> decode_click(std::string_view bytes) {
  base::Result<Click> out;
  Click& event = *out;
  WireReader reader(bytes);
  read_fields<14>(
      reader, [&](unsigned field) __attribute__((always_inline)) {
        switch (field) {
          case 1:
            reader.fixed(event.partner_id.bytes);
            break;
          case 2:
            reader.fixed(event.link_id.bytes);
            break;
          case 3:
            reader.fixed(event.placement_id.bytes);
            break;
          case 4:
            reader.fixed(event.merchant_id.bytes);
            break;
          case 5:
            reader.fixed(event.impression_id.bytes);
            break;
          case 6:
            event.campaign = reader.bytes();
            break;
          case 7:
            event.article_slug = reader.bytes();
            break;
          case 8:
            event.flag_variant = reader.bytes();
            break;
          case 9:
            event.sub = reader.bytes();
            break;
          case 10:
            event.key_id = reader.bytes();
            break;
          case 11:
            event.country = reader.bytes();
            break;
          case 12:
            event.agent_class = enum_of(reader, AgentClass::kOther);
            break;
          case 13:
            event.consent = consent_of(reader);
            break;
          case 14:
            event.verdict = verdict_of(reader);
            break;
          default:
            break;
        }
      });
  fail_if_malformed(reader, out);
  return out;
}

void encode(const Conversion& event, std::string& out) {
  put_time(1, event.occurred_at, out);
  put_uuid(2, event.click_id, out);
  put_uuid(3, event.partner_id, out);
  put_uuid(4, event.merchant_id, out);
  put_bytes(5, event.source, out);
  put_bytes(6, event.order_id, out);
  put_bytes(7, event.type, out);
  put_bytes(8, event.network_status, out);
  put_bytes(9, event.transaction_id, out);
  put_bytes(10, event.currency, out);
  put_bytes(11, event.sub, out);
  put_sint(12, event.amount_minor, out);
  put_sint(13, event.commission_minor, out);
  put_uint(14, static_cast<std::uint64_t>(event.status), out);
  put_consent(15, event.consent, out);
  put_verdict(16, event.verdict, out);
}

base::Result<Conversion> decode_conversion(std::string_view bytes) {
  base::Result<Conversion> out;
  Conversion& event = *out;
  WireReader reader(bytes);
  read_fields<16>(
      reader, [&](unsigned field) __attribute__((always_inline)) {
        switch (field) {
          case 1:
            event.occurred_at = time_of(reader);
            break;
          case 2:
            reader.fixed(event.click_id.bytes);
            break;
          case 3:
            reader.fixed(event.partner_id.bytes);
            break;
          case 4:
            reader.fixed(event.merchant_id.bytes);
            break;
          case 5:
            event.source = reader.bytes();
            break;
          case 6:
            event.order_id = reader.bytes();
            break;
          case 7:
            event.type = reader.bytes();
            break;
          case 8:
            event.network_status = reader.bytes();
            break;
          case 9:
            event.transaction_id = reader.bytes();
            break;
          case 10:
            event.currency = reader.bytes();
            break;
          case 11:
            event.sub = reader.bytes();
            break;
          case 12:
            event.amount_minor = reader.sint();
            break;
          case 13:
            event.commission_minor = reader.sint();
            break;
          case 14:
            event.status = enum_of(reader, ConversionStatus::kReversed);
            break;
          case 15:
            event.consent = consent_of(reader);
            break;
          case 16:
            event.verdict = verdict_of(reader);
            break;
          default:
            break;
        }
      });
  fail_if_malformed(reader, out);
  return out;
}

}  // namespace tallystick::journal
