#include "journal/codec.h"

#include <algorithm>

#include "base/encoding.h"
#include "journal/wire.h"

namespace tallystick::journal {
namespace {

std::string_view text_of(const base::Uuid& id) {
  return base::as_text(id.bytes);
}

void put_uuid(unsigned field, const base::Uuid& id, std::string& out) {
  if (!id.is_nil()) {
    put_bytes(field, text_of(id), out);
  }
}

void put_time(unsigned field, base::Timestamp time, std::string& out) {
  put_uint(field, static_cast<std::uint64_t>(time.us), out);
}

// The nested messages are always shorter than 128 bytes: one length byte, set afterwards.
template <typename Fill>
void put_message(unsigned field, std::string& out, Fill fill) {
  const std::size_t start = out.size();
  put_varint(static_cast<std::uint64_t>(field) << 3 | 2U, out);
  out.push_back('\0');
  const std::size_t body = out.size();
  fill();
  if (out.size() == body) {
    out.resize(start);
  } else {
    out[body - 1] = static_cast<char>(out.size() - body);
  }
}

void put_consent(unsigned field, const Consent& consent, std::string& out) {
  put_message(field, out, [&] {
    put_uint(1, consent.has_analytics ? 1 : 0, out);
    put_uint(2, consent.has_marketing ? 1 : 0, out);
    put_uint(3, static_cast<std::uint64_t>(consent.basis), out);
  });
}

void put_verdict(unsigned field, const Verdict& verdict, std::string& out) {
  put_message(field, out, [&] {
    put_uint(1, static_cast<std::uint64_t>(verdict.klass), out);
    put_uint(2, verdict.reasons, out);
    put_uint(3, verdict.score, out);
    put_uint(4, verdict.rules_version, out);
  });
}

template <typename Enum>
Enum enum_of(WireReader& reader, Enum last) {
  return static_cast<Enum>(reader.uint(static_cast<std::uint64_t>(last)));
}

std::uint32_t u32_of(WireReader& reader) {
  return static_cast<std::uint32_t>(reader.uint(UINT32_MAX));
}

base::Timestamp time_of(WireReader& reader) {
  return {static_cast<std::int64_t>(reader.uint(INT64_MAX))};
}

Consent consent_of(WireReader& outer) {
  Consent consent;
  WireReader reader(outer.bytes());
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        consent.has_analytics = reader.boolean();
        break;
      case 2:
        consent.has_marketing = reader.boolean();
        break;
      case 3:
        consent.basis = enum_of(reader, ConsentBasis::kExplicit);
        break;
      default:
        break;
    }
  }
  if (reader.is_failed()) {
    outer.set_failed();
  }
  return consent;
}

Verdict verdict_of(WireReader& outer) {
  Verdict verdict;
  WireReader reader(outer.bytes());
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        verdict.klass = enum_of(reader, VerdictClass::kSivt);
        break;
      case 2:
        verdict.reasons = u32_of(reader);
        break;
      case 3:
        verdict.score = static_cast<std::uint8_t>(reader.uint(100));
        break;
      case 4:
        verdict.rules_version = u32_of(reader);
        break;
      default:
        break;
    }
  }
  if (reader.is_failed()) {
    outer.set_failed();
  }
  return verdict;
}

template <typename T>
base::Result<T> finish(const WireReader& reader, T value) {
  if (reader.is_failed()) {
    return base::fail(base::ErrorKind::kCorrupt, "bad_record", "The fields of a journal record are malformed.");
  }
  return value;
}

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

// 4 bytes for IPv4, 16 for IPv6.
void put_ip(unsigned field, const base::IpAddress& ip, std::string& out) {
  const bool is_mapped = std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), ip.bytes.begin());
  put_bytes(field, base::as_text(ip.bytes).substr(is_mapped ? kMappedPrefix.size() : 0), out);
}

base::IpAddress ip_of(WireReader& reader) {
  base::IpAddress ip;
  if (reader.bytes().size() == 4) {
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), ip.bytes.begin());
    reader.fixed(std::span(ip.bytes).subspan(kMappedPrefix.size()));
  } else {
    reader.fixed(ip.bytes);
  }
  return ip;
}

}  // namespace

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

base::Result<Impression> decode_impression(std::string_view bytes) {
  Impression event;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
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
  return finish(reader, event);
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
  Click event;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
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
  }
  return finish(reader, event);
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
  Conversion event;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
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
  }
  return finish(reader, event);
}

void encode(const VerdictRevision& event, std::string& out) {
  put_uint(1, event.sequence, out);
  put_uuid(2, event.event_id, out);
  put_uint(3, static_cast<std::uint64_t>(event.event_kind), out);
  put_verdict(4, event.verdict, out);
  put_bytes(5, event.detector, out);
}

base::Result<VerdictRevision> decode_verdict_revision(std::string_view bytes) {
  VerdictRevision event;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        event.sequence = reader.uint();
        break;
      case 2:
        reader.fixed(event.event_id.bytes);
        break;
      case 3:
        event.event_kind = enum_of(reader, RecordKind::kErasureDone);
        break;
      case 4:
        event.verdict = verdict_of(reader);
        break;
      case 5:
        event.detector = reader.bytes();
        break;
      default:
        break;
    }
  }
  return finish(reader, event);
}

void encode(const Forwarding& event, std::string& out) {
  put_uint(1, static_cast<std::uint64_t>(event.state), out);
  put_deltas(2, event.sequences, out);
}

base::Result<Forwarding> decode_forwarding(std::string_view bytes, std::vector<std::uint64_t>& sequences) {
  Forwarding event;
  sequences.clear();
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        event.state = enum_of(reader, ForwardingState::kFailed);
        break;
      case 2:
        reader.deltas(sequences);
        break;
      default:
        break;
    }
  }
  event.sequences = sequences;
  return finish(reader, event);
}

void encode(const DeadLetter& event, std::string& out) {
  put_bytes(1, event.endpoint, out);
  put_bytes(2, event.code, out);
  put_bytes(3, event.detail, out);
  put_bytes(4, event.raw, out);
}

base::Result<DeadLetter> decode_dead_letter(std::string_view bytes) {
  DeadLetter event;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        event.endpoint = reader.bytes();
        break;
      case 2:
        event.code = reader.bytes();
        break;
      case 3:
        event.detail = reader.bytes();
        break;
      case 4:
        event.raw = reader.bytes();
        break;
      default:
        break;
    }
  }
  return finish(reader, event);
}

void encode(const SecurityEvent& event, std::string& out) {
  put_bytes(1, event.type, out);
  put_bytes(2, event.detail, out);
  put_uuid(3, event.partner_id, out);
  put_uint(4, event.suppressed, out);
}

base::Result<SecurityEvent> decode_security_event(std::string_view bytes) {
  SecurityEvent event;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        event.type = reader.bytes();
        break;
      case 2:
        event.detail = reader.bytes();
        break;
      case 3:
        reader.fixed(event.partner_id.bytes);
        break;
      case 4:
        event.suppressed = u32_of(reader);
        break;
      default:
        break;
    }
  }
  return finish(reader, event);
}

void encode(const DigestRecord& event, std::string& out) {
  put_uuid(1, event.subject_id, out);
  put_bytes(2, base::as_text(event.digest), out);
}

base::Result<DigestRecord> decode_digest_record(std::string_view bytes) {
  DigestRecord event;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        reader.fixed(event.subject_id.bytes);
        break;
      case 2:
        reader.fixed(event.digest);
        break;
      default:
        break;
    }
  }
  return finish(reader, event);
}

void encode(const Erasure& event, std::string& out) {
  put_uint(1, static_cast<std::uint64_t>(event.cause), out);
  put_deltas(2, event.sequences, out);
  put_uint(3, event.below_sequence, out);
}

base::Result<Erasure> decode_erasure(std::string_view bytes, std::vector<std::uint64_t>& sequences) {
  Erasure event;
  sequences.clear();
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        event.cause = enum_of(reader, ErasureCause::kRetention);
        break;
      case 2:
        reader.deltas(sequences);
        break;
      case 3:
        event.below_sequence = reader.uint();
        break;
      default:
        break;
    }
  }
  event.sequences = sequences;
  return finish(reader, event);
}

void encode(const Personal& personal, std::string& out) {
  if (personal.user) {
    put_bytes(1, base::as_text(*personal.user), out);
  }
  if (personal.session) {
    put_bytes(2, base::as_text(*personal.session), out);
  }
  if (personal.ip) {
    put_ip(3, *personal.ip, out);
  }
  put_bytes(4, personal.user_agent, out);
}

base::Result<Personal> decode_personal(std::string_view bytes) {
  Personal personal;
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        reader.fixed(personal.user.emplace());
        break;
      case 2:
        reader.fixed(personal.session.emplace());
        break;
      case 3:
        personal.ip = ip_of(reader);
        break;
      case 4:
        personal.user_agent = reader.bytes();
        break;
      default:
        break;
    }
  }
  return finish(reader, personal);
}

}  // namespace tallystick::journal
