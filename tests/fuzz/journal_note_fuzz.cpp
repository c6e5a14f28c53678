// rooms: journal crypto base
// Notes, checkpoints and verifier keys from anywhere: what is accepted is written again as it was read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "journal/checkpoint.h"
#include "journal/note.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tallystick;
  static const crypto::Ed25519Key key(crypto::Ed25519Seed{1});
  static const journal::VerifierKey verifier = journal::make_verifier_key("o", key.public_key());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto note = journal::parse_note(text)) {
    require(!note->signatures.empty() && text.starts_with(note->text));
    require(!journal::open_note(text, verifier));
    // The text of any note can be signed, and opens then.
    const std::string ours = journal::sign_note(note->text, "o", key);
    const auto opened = journal::open_note(ours, verifier);
    require(opened.has_value() || ours.size() > journal::kMaxNoteBytes);
    require(!opened || opened->text == note->text);
  }
  if (const auto parsed = journal::parse_verifier_key(text)) {
    const auto again = journal::parse_verifier_key(journal::format_verifier_key(*parsed));
    require(again && again->name == parsed->name && again->public_key == parsed->public_key);
  }
  if (const auto checkpoint = journal::parse_checkpoint(text)) {
    require(text.starts_with(journal::format_checkpoint(*checkpoint)));
  }
  return 0;
}
