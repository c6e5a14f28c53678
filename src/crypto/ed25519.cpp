#include "crypto/ed25519.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/encoding.h"
#include "crypto/secret_file.h"

namespace tallystick::crypto {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, FreeKey>;
using ContextPointer = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// OpenSSL fails here only when memory or the algorithm itself is missing.
void require(bool is_ok, const char* what) {
  if (!is_ok) {
    throw std::runtime_error(std::string("OpenSSL: ") + what);
  }
}

KeyPointer make_private_key(const Ed25519Seed& seed) {
  KeyPointer key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  require(key != nullptr, "cannot make an Ed25519 key");
  return key;
}

base::Result<Ed25519Seed> parse_seed(std::string_view text, const std::filesystem::path& file) {
  if (text.ends_with('\n')) {
    text.remove_suffix(1);
  }
  Ed25519Seed seed{};
  auto bytes = base::from_hex(text);
  if (!bytes || bytes->size() != seed.size()) {
    return base::fail(base::ErrorKind::kInvalid,
                      "key_file_bad",
                      fmt::format("{} must hold an Ed25519 seed as 64 hex digits", file.string()));
  }
  std::copy(bytes->begin(), bytes->end(), seed.begin());
  OPENSSL_cleanse(bytes->data(), bytes->size());
  return seed;
}

// Nothing when there is no file.
base::Result<std::optional<Ed25519Seed>> load_seed(const std::filesystem::path& file) {
  TALLY_ASSIGN(auto found, load_secret_file(file));
  if (!found) {
    return std::optional<Ed25519Seed>();
  }
  auto seed = parse_seed(found->text, file);
  OPENSSL_cleanse(found->text.data(), found->text.size());
  TALLY_TRY(seed);
  return std::optional(*seed);
}

}  // namespace

Ed25519Key::Ed25519Key(const Ed25519Seed& seed) : seed_(seed), public_key_{} {
  const KeyPointer key = make_private_key(seed_);
  std::size_t size = public_key_.size();
  require(EVP_PKEY_get_raw_public_key(key.get(), public_key_.data(), &size) == 1 && size == public_key_.size(),
          "cannot derive an Ed25519 public key");
}

Ed25519Key::~Ed25519Key() {
  OPENSSL_cleanse(seed_.data(), seed_.size());
}

Ed25519Signature Ed25519Key::sign(std::span<const std::uint8_t> message) const {
  const KeyPointer key = make_private_key(seed_);
  const ContextPointer context(EVP_MD_CTX_new());
  Ed25519Signature signature{};
  std::size_t size = signature.size();
  require(context != nullptr && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
              EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1 &&
              size == signature.size(),
          "cannot sign with Ed25519");
  return signature;
}

bool verify_ed25519(const Ed25519PublicKey& key,
                    std::span<const std::uint8_t> message,
                    std::span<const std::uint8_t> signature) {
  const KeyPointer public_key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()));
  const ContextPointer context(EVP_MD_CTX_new());
  require(public_key != nullptr && context != nullptr &&
              EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1,
          "cannot verify with Ed25519");
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

base::Result<Ed25519Seed> load_or_make_seed(const std::filesystem::path& file, base::Random& random) {
  TALLY_ASSIGN(auto seed, load_seed(file));
  if (seed) {
    return *seed;
  }
  TALLY_ASSIGN(const SecretFileLock lock, SecretFileLock::acquire(file));
  // Another process may have made it while this one waited.
  TALLY_ASSIGN(seed, load_seed(file));
  if (seed) {
    return *seed;
  }
  Ed25519Seed fresh{};
  random.fill(fresh);
  std::string text = base::to_hex(fresh) + "\n";
  const auto written = replace_secret_file(file, text);
  OPENSSL_cleanse(text.data(), text.size());
  TALLY_TRY(written);
  return fresh;
}

}  // namespace tallystick::crypto
