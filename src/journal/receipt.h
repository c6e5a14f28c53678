#pragma once
// A receipt proves to anybody, without access to the server, that an event is in the log: the entry, its place, the
// inclusion proof and the signed checkpoint it leads to, as one JSON text (docs/journal-format.md). Pure functions.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"
#include "journal/checkpoint.h"
#include "journal/event.h"

namespace tallystick::journal {

inline constexpr std::size_t kMaxReceiptBytes = 1U << 20;

// What a receipt that verifies says.
struct ReceiptSummary {
  base::Uuid event_id;
  RecordKind kind = RecordKind::kClick;
  base::Timestamp received_at;
  std::uint64_t index = 0;
  Checkpoint checkpoint;
  bool has_personal = false;  // a commitment to personal fields, which the receipt does not show
  // The decoded public fields in the order of the record, for people: {"campaign", "spring"}, ...
  std::vector<std::pair<std::string, std::string>> fields;
};

// `entry` is the hashed bytes of record `index`; `proof` leads to the root in `checkpoint_note`. Error code:
// "bad_record" when the entry does not decode.
[[nodiscard]] base::Result<std::string> make_receipt(std::string_view entry,
                                                     std::uint64_t index,
                                                     std::span<const crypto::Digest> proof,
                                                     std::string_view checkpoint_note);

// Believes nothing but the verifier key: the signature, the proof, and that the readable part says what the entry
// says. Error codes: "bad_receipt" (form), "receipt_not_included" (the proof does not lead to the root),
// "receipt_summary" (the readable part differs from the entry), those of open_checkpoint_note.
[[nodiscard]] base::Result<ReceiptSummary> verify_receipt(std::string_view text, const VerifierKey& key);
[[nodiscard]] base::Result<ReceiptSummary> verify_receipt(std::string_view text, std::string_view verifier_key);

}  // namespace tallystick::journal
