#include "journal/note.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/sha256.h"
#include "journal/utf8.h"

namespace tallystick::journal {
namespace {

constexpr std::string_view kSignaturePrefix = "\xe2\x80\x94 ";  // an em dash and a space
constexpr std::uint8_t kAlgorithmEd25519 = 0x01;
constexpr std::size_t kKeyHashBytes = 4;

std::unexpected<base::Error> bad_note(std::string_view what) {
  return base::fail(base::ErrorKind::kInvalid, "bad_note", fmt::format("not a signed note: {}", what));
}

std::unexpected<base::Error> bad_key() {
  return base::fail(
      base::ErrorKind::kInvalid, "bad_verifier_key", "expected a verifier key: <name>+<8 hex digits>+<base64>");
}

bool is_note_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<std::uint8_t>(text[0]);
    if (length == 0 || (first < 0x20 && first != '\n') || first == 0x7f) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::uint32_t read_big_endian(std::span<const std::uint8_t> bytes) {
  return static_cast<std::uint32_t>(bytes[0]) << 24U | static_cast<std::uint32_t>(bytes[1]) << 16U |
         static_cast<std::uint32_t>(bytes[2]) << 8U | bytes[3];
}

std::uint32_t key_hash(std::string_view name, const crypto::Ed25519PublicKey& public_key) {
  const std::array<std::uint8_t, 2> separator = {'\n', kAlgorithmEd25519};
  return read_big_endian(crypto::Sha256().update(name).update(separator).update(public_key).finish());
}

base::Result<NoteSignature> parse_signature(std::string_view line) {
  if (!line.starts_with(kSignaturePrefix)) {
    return bad_note("a signature line begins with an em dash and a space");
  }
  line.remove_prefix(kSignaturePrefix.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) {
    return bad_note("a signature line has a key name and a signature");
  }
  const auto bytes = base::from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyHashBytes) {
    return bad_note("a signature is base64 of a key hash and a signature");
  }
  return NoteSignature{std::string(line.substr(0, space)),
                       read_big_endian(*bytes),
                       std::vector<std::uint8_t>(bytes->begin() + kKeyHashBytes, bytes->end())};
}

}  // namespace

bool is_key_name(std::string_view name) {
  // Of the white space of Unicode only the ASCII part can be seen by a person in a key name; the rest comes as
  // multi-byte sequences, which are refused together: names are hosts and paths.
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f && c != '+'; });
}

VerifierKey make_verifier_key(std::string_view name, const crypto::Ed25519PublicKey& public_key) {
  if (!is_key_name(name)) {
    throw std::invalid_argument("not a key name for signed notes");
  }
  return {std::string(name), key_hash(name, public_key), public_key};
}

base::Result<VerifierKey> parse_verifier_key(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos || text.size() > kMaxNoteBytes) {
    return bad_key();
  }
  const std::string_view name = text.substr(0, first);
  const auto hash = base::from_hex(text.substr(first + 1, second - first - 1));
  const auto key = base::from_base64(text.substr(second + 1));
  VerifierKey out;
  if (!is_key_name(name) || !hash || hash->size() != kKeyHashBytes || !key ||
      key->size() != out.public_key.size() + 1 || (*key)[0] != kAlgorithmEd25519) {
    return bad_key();
  }
  out.name = name;
  out.hash = read_big_endian(*hash);
  std::copy(key->begin() + 1, key->end(), out.public_key.begin());
  if (out.hash != key_hash(out.name, out.public_key)) {
    return bad_key();
  }
  return out;
}

std::string format_verifier_key(const VerifierKey& key) {
  std::array<std::uint8_t, 33> bytes{};
  bytes[0] = kAlgorithmEd25519;
  std::copy(key.public_key.begin(), key.public_key.end(), bytes.begin() + 1);
  return fmt::format("{}+{:08x}+{}", key.name, key.hash, base::to_base64(bytes));
}

base::Result<Note> parse_note(std::string_view note) {
  if (note.size() > kMaxNoteBytes) {
    return bad_note("too long");
  }
  if (!is_note_text(note)) {
    return bad_note("control characters, or not UTF-8");
  }
  // The signatures are the last block; the text may have empty lines of its own.
  const std::size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos || !note.ends_with('\n') || split + 2 == note.size()) {
    return bad_note("no signatures");
  }
  Note out;
  out.text = note.substr(0, split + 1);
  std::string_view rest = note.substr(split + 2);
  while (!rest.empty()) {
    if (out.signatures.size() == kMaxNoteSignatures) {
      return bad_note("too many signatures");
    }
    const std::size_t end = rest.find('\n');
    TALLY_ASSIGN(NoteSignature signature, parse_signature(rest.substr(0, end)));
    out.signatures.push_back(std::move(signature));
    rest.remove_prefix(end + 1);
  }
  return out;
}

base::Result<Note> open_note(std::string_view note, const VerifierKey& key) {
  TALLY_ASSIGN(Note out, parse_note(note));
  const auto is_ours = [&](const NoteSignature& s) {
    return s.name == key.name && s.hash == key.hash;
  };
  const auto found = std::find_if(out.signatures.begin(), out.signatures.end(), is_ours);
  if (found == out.signatures.end()) {
    return base::fail(
        base::ErrorKind::kUnprocessable, "note_not_signed", fmt::format("the note has no signature by {}", key.name));
  }
  if (std::any_of(found + 1, out.signatures.end(), is_ours)) {
    return bad_note("two signatures by one key");
  }
  if (!crypto::verify_ed25519(key.public_key, base::as_bytes(out.text), found->bytes)) {
    return base::fail(base::ErrorKind::kCorrupt,
                      "bad_note_signature",
                      fmt::format("the signature by {} does not match the text", key.name));
  }
  return out;
}

std::string sign_note(std::string_view text, std::string_view key_name, const crypto::Ed25519Key& key) {
  if (!text.ends_with('\n') || !is_note_text(text)) {
    throw std::invalid_argument("not a text for a signed note");
  }
  const VerifierKey verifier = make_verifier_key(key_name, key.public_key());
  const crypto::Ed25519Signature signature = key.sign(base::as_bytes(text));
  std::vector<std::uint8_t> bytes;
  for (unsigned shift = 32; shift > 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(verifier.hash >> (shift - 8)));
  }
  bytes.insert(bytes.end(), signature.begin(), signature.end());
  return fmt::format("{}\n{}{} {}\n", text, kSignaturePrefix, key_name, base::to_base64(bytes));
}

}  // namespace tallystick::journal
