// rooms: journal crypto base
// No receipt that the log did not make verifies, and every entry that gets a receipt has one that does.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "journal/checkpoint.h"
#include "journal/merkle.h"
#include "journal/receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tallystick;
  static const crypto::Ed25519Key key(crypto::Ed25519Seed{1});
  static const journal::VerifierKey verifier = journal::make_verifier_key("o", key.public_key());
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto summary = journal::verify_receipt(text, verifier)) {
    std::abort();
  }
  // The input as an entry: whatever gets a receipt must verify, and say the same.
  const crypto::Digest leaf = journal::leaf_hash(text);
  const auto note = journal::make_checkpoint_note("o", 1, leaf, key);
  const auto receipt = journal::make_receipt(text, 0, {}, note);
  if (receipt) {
    const auto summary = journal::verify_receipt(*receipt, verifier);
    if (!summary || summary->index != 0) {
      std::abort();
    }
  }
  return 0;
}
