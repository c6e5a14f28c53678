#pragma once
// Ed25519 signatures (RFC 8032), OpenSSL underneath. Immutable and thread-safe after construction.

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/error.h"
#include "base/random.h"

namespace tallystick::crypto {

using Ed25519Seed = std::array<std::uint8_t, 32>;
using Ed25519PublicKey = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

class Ed25519Key {
 public:
  explicit Ed25519Key(const Ed25519Seed& seed);
  Ed25519Key(const Ed25519Key&) = delete;
  Ed25519Key& operator=(const Ed25519Key&) = delete;
  ~Ed25519Key();

  [[nodiscard]] const Ed25519PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] Ed25519Signature sign(std::span<const std::uint8_t> message) const;

 private:
  Ed25519Seed seed_;
  Ed25519PublicKey public_key_;
};

[[nodiscard]] bool verify_ed25519(const Ed25519PublicKey& key,
                                  std::span<const std::uint8_t> message,
                                  std::span<const std::uint8_t> signature);

// Reads the seed from `file`, or makes it (mode 0600, synced) when the file is absent. Refuses a file that others may
// read (kForbidden, "key_file_mode").
[[nodiscard]] base::Result<Ed25519Seed> load_or_make_seed(const std::filesystem::path& file, base::Random& random);

}  // namespace tallystick::crypto
