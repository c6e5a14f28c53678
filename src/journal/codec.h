#pragma once
// Encodes and decodes the fields of each record kind: Protocol Buffers wire format, field numbers as in
// docs/journal.proto. Encoding appends to `out` and cannot fail; decoding checks everything, skips
// unknown fields (they are from a later version), and returns views into `bytes`.
// Decoding error code: "bad_record".

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "journal/event.h"

namespace tallystick::journal {

void encode(const Impression& event, std::string& out);
void encode(const Click& event, std::string& out);
void encode(const Conversion& event, std::string& out);
void encode(const VerdictRevision& event, std::string& out);
void encode(const Forwarding& event, std::string& out);
void encode(const DeadLetter& event, std::string& out);
void encode(const SecurityEvent& event, std::string& out);
void encode(const DigestRecord& event, std::string& out);
void encode(const Erasure& event, std::string& out);
void encode(const Personal& personal, std::string& out);

[[nodiscard]] base::Result<Impression> decode_impression(std::string_view bytes);
[[nodiscard]] base::Result<Click> decode_click(std::string_view bytes);
[[nodiscard]] base::Result<Conversion> decode_conversion(std::string_view bytes);
[[nodiscard]] base::Result<VerdictRevision> decode_verdict_revision(std::string_view bytes);
// The sequences are stored delta-coded: they are unpacked into `sequences`, which the result views.
[[nodiscard]] base::Result<Forwarding> decode_forwarding(std::string_view bytes, std::vector<std::uint64_t>& sequences);
[[nodiscard]] base::Result<DeadLetter> decode_dead_letter(std::string_view bytes);
[[nodiscard]] base::Result<SecurityEvent> decode_security_event(std::string_view bytes);
[[nodiscard]] base::Result<DigestRecord> decode_digest_record(std::string_view bytes);
[[nodiscard]] base::Result<Erasure> decode_erasure(std::string_view bytes, std::vector<std::uint64_t>& sequences);
[[nodiscard]] base::Result<Personal> decode_personal(std::string_view bytes);

}  // namespace tallystick::journal
