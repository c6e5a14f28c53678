#pragma once
// Symmetric keys with rotation, in one file of mode 0600: several may verify, one signs. A retired key
// verifies until the last thing it signed has expired. Thread-safe.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/sha256.h"

namespace tallystick::crypto {

enum class KeyPurpose : std::uint8_t { kLink, kPepper, kImpressionToken };
[[nodiscard]] std::string_view name_of(KeyPurpose purpose);  // "link", "pepper", "impression_token"
[[nodiscard]] base::Result<KeyPurpose> parse_key_purpose(std::string_view text);

struct KeyInfo {
  std::string id;  // "k" and eight base32 characters, unique in the ring
  KeyPurpose purpose = KeyPurpose::kLink;
  base::Timestamp created_at;
  std::optional<base::Timestamp> retired_at;      // signs no longer
  std::optional<base::Timestamp> verifies_until;  // set when retired
};

class KeyRing {
 public:
  // Reads `file`, or makes it with one key per purpose. Refuses a file that others may read
  // ("key_file_mode") or that does not parse ("key_file_bad").
  [[nodiscard]] static base::Result<std::unique_ptr<KeyRing>> open(const std::filesystem::path& file,
                                                                   const base::Clock& clock,
                                                                   base::Random& random);
  ~KeyRing();

  struct Signer {
    std::string id;
    std::shared_ptr<const HmacKey> key;
  };
  // The key that signs now.
  [[nodiscard]] Signer signer(KeyPurpose purpose) const;
  // A key that still verifies at `now`, or null.
  [[nodiscard]] std::shared_ptr<const HmacKey> find_verifier(KeyPurpose purpose,
                                                             std::string_view id,
                                                             base::Timestamp now) const;
  [[nodiscard]] std::vector<KeyInfo> list() const;

  // Makes a new signer; the old one verifies for `overlap_us` more. Written and synced before it signs. The
  // pepper cannot be rotated (kUnprocessable, "pepper_fixed"): stored hashes depend on it.
  [[nodiscard]] base::Result<KeyInfo> rotate(KeyPurpose purpose, std::int64_t overlap_us);
  // Reads the file again when another process has changed it.
  [[nodiscard]] base::Result<bool> reload();

 private:
  struct State;
  explicit KeyRing(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::crypto
