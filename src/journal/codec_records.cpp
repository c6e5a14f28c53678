// The records beside the events, and the personal part.
#include <algorithm>
#include <array>

#include "journal/codec.h"
#include "journal/codec_fields.h"

namespace tallystick::journal {
namespace {

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
    reader.fixed(std::span(ip.bytes).subspan<kMappedPrefix.size()>());
  } else {
    reader.fixed(ip.bytes);
  }
  return ip;
}

}  // namespace

void encode(const VerdictRevision& event, std::string& out) {
  put_uint(1, event.sequence, out);
  put_uuid(2, event.event_id, out);
  put_uint(3, static_cast<std::uint64_t>(event.event_kind), out);
  put_verdict(4, event.verdict, out);
  put_bytes(5, event.detector, out);
}

base::Result<VerdictRevision> decode_verdict_revision(std::string_view bytes) {
  base::Result<VerdictRevision> out;
  VerdictRevision& event = *out;
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
        event.event_kind = enum_from_one_of(reader, RecordKind::kErasureDone);
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
  fail_if_malformed(reader, out);
  return out;
}

void encode(const Forwarding& event, std::string& out) {
  put_uint(1, static_cast<std::uint64_t>(event.state), out);
  put_deltas(2, event.sequences, out);
}

base::Result<Forwarding> decode_forwarding(std::string_view bytes, std::vector<std::uint64_t>& sequences) {
  base::Result<Forwarding> out;
  Forwarding& event = *out;
  sequences.clear();
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        event.state = enum_from_one_of(reader, ForwardingState::kFailed);
        break;
      case 2:
        reader.deltas(sequences);
        break;
      default:
        break;
    }
  }
  event.sequences = sequences;
  fail_if_malformed(reader, out);
  return out;
}

void encode(const DeadLetter& event, std::string& out) {
  put_bytes(1, event.endpoint, out);
  put_bytes(2, event.code, out);
  put_bytes(3, event.detail, out);
  put_bytes(4, event.raw, out);
}

base::Result<DeadLetter> decode_dead_letter(std::string_view bytes) {
  base::Result<DeadLetter> out;
  DeadLetter& event = *out;
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
  fail_if_malformed(reader, out);
  return out;
}

void encode(const SecurityEvent& event, std::string& out) {
  put_bytes(1, event.type, out);
  put_bytes(2, event.detail, out);
  put_uuid(3, event.partner_id, out);
  put_uint(4, event.suppressed, out);
}

base::Result<SecurityEvent> decode_security_event(std::string_view bytes) {
  base::Result<SecurityEvent> out;
  SecurityEvent& event = *out;
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
  fail_if_malformed(reader, out);
  return out;
}

void encode(const DigestRecord& event, std::string& out) {
  put_uuid(1, event.subject_id, out);
  put_bytes(2, base::as_text(event.digest), out);
}

base::Result<DigestRecord> decode_digest_record(std::string_view bytes) {
  base::Result<DigestRecord> out;
  DigestRecord& event = *out;
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
  fail_if_malformed(reader, out);
  return out;
}

void encode(const Erasure& event, std::string& out) {
  put_uint(1, static_cast<std::uint64_t>(event.cause), out);
  put_deltas(2, event.sequences, out);
  put_uint(3, event.below_sequence, out);
}

base::Result<Erasure> decode_erasure(std::string_view bytes, std::vector<std::uint64_t>& sequences) {
  base::Result<Erasure> out;
  Erasure& event = *out;
  sequences.clear();
  WireReader reader(bytes);
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        event.cause = enum_from_one_of(reader, ErasureCause::kRetention);
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
  fail_if_malformed(reader, out);
  return out;
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
  base::Result<Personal> out;
  Personal& personal = *out;
  WireReader reader(bytes);
  read_fields<4>(
      reader, [&](unsigned field) __attribute__((always_inline)) {
        switch (field) {
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
      });
  fail_if_malformed(reader, out);
  return out;
}

}  // namespace tallystick::journal
