// The low-level SHA-256 functions are marked deprecated in OpenSSL 3 in favour of EVP, whose context
// allocation costs several times the hash of one event. They are the same code underneath.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha256.h"

#include <cstring>
#include <new>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "base/encoding.h"

namespace tallystick::crypto {
namespace {

constexpr std::size_t kBlockBytes = 64;

SHA256_CTX* context(std::array<std::byte, 128>& state) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}

}  // namespace

static_assert(sizeof(SHA256_CTX) <= 128 && alignof(SHA256_CTX) <= 16);

Sha256::Sha256() : state_{} {
  new (state_.data()) SHA256_CTX;
  SHA256_Init(context(state_));
}

Sha256& Sha256::update(std::span<const std::uint8_t> bytes) {
  SHA256_Update(context(state_), bytes.data(), bytes.size());
  return *this;
}

Sha256& Sha256::update(std::string_view text) {
  return update(base::as_bytes(text));
}

Digest Sha256::finish() {
  Digest digest;
  SHA256_Final(digest.data(), context(state_));
  return digest;
}

Digest sha256(std::span<const std::uint8_t> bytes) {
  return Sha256().update(bytes).finish();
}
Digest sha256(std::string_view text) {
  return Sha256().update(text).finish();
}

HmacKey::HmacKey(std::span<const std::uint8_t> key) {
  std::array<std::uint8_t, kBlockBytes> block{};
  if (key.size() > kBlockBytes) {
    const Digest digest = sha256(key);
    std::memcpy(block.data(), digest.data(), digest.size());
  } else if (!key.empty()) {
    std::memcpy(block.data(), key.data(), key.size());
  }
  for (std::uint8_t& byte : block) {
    byte ^= 0x36;
  }
  inner_.update(block);
  for (std::uint8_t& byte : block) {
    byte ^= 0x36 ^ 0x5c;
  }
  outer_.update(block);
  OPENSSL_cleanse(block.data(), block.size());
}

Digest HmacKey::sign(std::span<const std::uint8_t> message) const {
  Sha256 inner = inner_;
  const Digest digest = inner.update(message).finish();
  Sha256 outer = outer_;
  return outer.update(digest).finish();
}

Digest HmacKey::sign(std::string_view message) const {
  return sign(base::as_bytes(message));
}

bool constant_time_equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tallystick::crypto
