#pragma once
// C2SP signed notes: a text and Ed25519 signatures under it, each named by its key. Verifier keys are written
// "<name>+<key hash, 8 hex digits>+<base64 of 0x01 and the public key>". Pure functions.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "crypto/ed25519.h"

namespace tallystick::journal {

inline constexpr std::size_t kMaxNoteBytes = 1'000'000;
inline constexpr std::size_t kMaxNoteSignatures = 100;

struct VerifierKey {
  std::string name;
  std::uint32_t hash = 0;  // first four bytes of SHA-256(name || "\n" || 0x01 || public key)
  crypto::Ed25519PublicKey public_key{};
};

// `name` must be a key name: not empty, no white space, no '+'.
[[nodiscard]] VerifierKey make_verifier_key(std::string_view name, const crypto::Ed25519PublicKey& public_key);
// Error code: "bad_verifier_key".
[[nodiscard]] base::Result<VerifierKey> parse_verifier_key(std::string_view text);
[[nodiscard]] std::string format_verifier_key(const VerifierKey& key);

[[nodiscard]] bool is_key_name(std::string_view name);

struct NoteSignature {
  std::string name;
  std::uint32_t hash = 0;
  std::vector<std::uint8_t> bytes;
};

struct Note {
  std::string text;  // with its final newline
  std::vector<NoteSignature> signatures;
};

// Form only. Error code: "bad_note".
[[nodiscard]] base::Result<Note> parse_note(std::string_view note);
// Form, and a good signature by `key`; signatures by other keys are not looked at. Error codes: "bad_note",
// "note_not_signed" (none by this key), "bad_note_signature".
[[nodiscard]] base::Result<Note> open_note(std::string_view note, const VerifierKey& key);

// `text` ends with a newline and has no control characters besides.
[[nodiscard]] std::string sign_note(std::string_view text, std::string_view key_name, const crypto::Ed25519Key& key);

}  // namespace tallystick::journal
