#pragma once
// What the encoders and decoders of the record kinds share: identifiers, times, consent and verdict. Pure; private to
// codec.cpp and codec_records.cpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/encoding.h"
#include "base/error.h"
#include "journal/event.h"
#include "journal/wire.h"

namespace tallystick::journal {

inline std::string_view text_of(const base::Uuid& id) {
  return base::as_text(id.bytes);
}

inline void put_uuid(unsigned field, const base::Uuid& id, std::string& out) {
  if (!id.is_nil()) {
    put_bytes(field, text_of(id), out);
  }
}

inline void put_time(unsigned field, base::Timestamp time, std::string& out) {
  put_uint(field, static_cast<std::uint64_t>(time.us), out);
}

// The nested messages are always shorter than 128 bytes: one length byte, set afterwards.
template <typename Fill>
inline void put_message(unsigned field, std::string& out, Fill fill) {
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

inline void put_consent(unsigned field, const Consent& consent, std::string& out) {
  put_message(field, out, [&] {
    put_uint(1, consent.has_analytics ? 1 : 0, out);
    put_uint(2, consent.has_marketing ? 1 : 0, out);
    put_uint(3, static_cast<std::uint64_t>(consent.basis), out);
  });
}

inline void put_verdict(unsigned field, const Verdict& verdict, std::string& out) {
  put_message(field, out, [&] {
    put_uint(1, static_cast<std::uint64_t>(verdict.klass), out);
    put_uint(2, verdict.reasons, out);
    put_uint(3, verdict.score, out);
    put_uint(4, verdict.rules_version, out);
  });
}

template <typename Enum>
[[gnu::always_inline]] inline Enum enum_of(WireReader& reader, Enum last) {
  return static_cast<Enum>(reader.uint(static_cast<std::uint64_t>(last)));
}

// For an enumeration that has no zero: its first enumerator is the default, so a zero is never written.
template <typename Enum>
Enum enum_from_one_of(WireReader& reader, Enum last) {
  const auto value = enum_of(reader, last);
  if (value == Enum{}) {
    reader.set_failed();
  }
  return value;
}

[[gnu::always_inline]] inline std::uint32_t u32_of(WireReader& reader) {
  return static_cast<std::uint32_t>(reader.uint(UINT32_MAX));
}

[[gnu::always_inline]] inline base::Timestamp time_of(WireReader& reader) {
  return {static_cast<std::int64_t>(reader.uint(INT64_MAX))};
}

// Calls read(field) for every field of a message. Encoders write them by ascending number: the first `Last` ones are
// looked for in this order, where a processor foresees what comes next far better than behind one jump for all of them.
// `read` is a switch, always inline: of a number that is known nothing but its case is left.
template <unsigned Last, typename Read>
[[gnu::always_inline]] inline void read_fields(WireReader& reader, Read read) {
  const auto read_if_next = [&](unsigned field) __attribute__((always_inline)) {
    if (reader.next_is(field)) {
      read(field);
    }
  };
  [&]<unsigned... Before>(std::integer_sequence<unsigned, Before...>) __attribute__((always_inline)) {
    (read_if_next(Before + 1), ...);
  }
  (std::make_integer_sequence<unsigned, Last>{});
  while (reader.next()) {
    read(reader.field());
  }
}

// This and verdict_of() in place, so that the outer reader stays in registers.
[[gnu::always_inline]] inline Consent consent_of(WireReader& outer) {
  Consent consent;
  WireReader reader(outer.bytes());
  read_fields<3>(
      reader, [&](unsigned field) __attribute__((always_inline)) {
        switch (field) {
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
      });
  if (reader.is_failed()) {
    outer.set_failed();
  }
  return consent;
}

[[gnu::always_inline]] inline Verdict verdict_of(WireReader& outer) {
  Verdict verdict;
  WireReader reader(outer.bytes());
  read_fields<4>(
      reader, [&](unsigned field) __attribute__((always_inline)) {
        switch (field) {
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
      });
  if (reader.is_failed()) {
    outer.set_failed();
  }
  return verdict;
}

// Decoders fill their result where it lies: copying an event takes as long as reading some of its fields.
template <typename T>
void fail_if_malformed(const WireReader& reader, base::Result<T>& out) {
  if (reader.is_failed()) {
    out = base::fail(base::ErrorKind::kCorrupt, "bad_record", "The fields of a journal record are malformed.");
  }
}

}  // namespace tallystick::journal
