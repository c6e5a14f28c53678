#pragma once
// C2SP tlog-checkpoint: the origin of a log, its size and its root hash, as the text of a signed note whose key is
// named like the origin. Pure functions.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/ed25519.h"
#include "crypto/sha256.h"
#include "journal/note.h"

namespace tallystick::journal {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  crypto::Digest root{};

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// The text that is signed: three lines.
[[nodiscard]] std::string format_checkpoint(const Checkpoint& checkpoint);
// Strict: no leading zeros, a size below 2^63, a root of 32 bytes. Extension lines are allowed and skipped. Error
// code: "bad_checkpoint".
[[nodiscard]] base::Result<Checkpoint> parse_checkpoint(std::string_view text);

[[nodiscard]] std::string make_checkpoint_note(std::string_view origin,
                                               std::uint64_t size,
                                               const crypto::Digest& root,
                                               const crypto::Ed25519Key& key);
// Checks the signature and that the origin is the key's name. Error codes: those of open_note, "bad_checkpoint",
// "checkpoint_origin".
[[nodiscard]] base::Result<Checkpoint> open_checkpoint_note(std::string_view note, const VerifierKey& key);
[[nodiscard]] base::Result<Checkpoint> open_checkpoint_note(std::string_view note, std::string_view verifier_key);

}  // namespace tallystick::journal
