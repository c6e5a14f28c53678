#pragma once
// SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104), OpenSSL underneath. The classes keep their state
// on the stack and allocate nothing: they run several times per captured event.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tallystick::crypto {

using Digest = std::array<std::uint8_t, 32>;

// One thread. update() any number of times, then finish() once.
class Sha256 {
 public:
  Sha256();
  Sha256& update(std::span<const std::uint8_t> bytes);
  Sha256& update(std::string_view text);
  [[nodiscard]] Digest finish();

 private:
  friend class HmacKey;
  alignas(16) std::array<std::byte, 128> state_;
};

[[nodiscard]] Digest sha256(std::span<const std::uint8_t> bytes);
[[nodiscard]] Digest sha256(std::string_view text);

// A key with its inner and outer states computed once, so that a short message costs two
// compressions instead of four. Immutable and thread-safe after construction.
class HmacKey {
 public:
  explicit HmacKey(std::span<const std::uint8_t> key);
  [[nodiscard]] Digest sign(std::span<const std::uint8_t> message) const;
  [[nodiscard]] Digest sign(std::string_view message) const;

 private:
  Sha256 inner_;
  Sha256 outer_;
};

// Takes the same time wherever the first difference is. Different lengths are unequal.
[[nodiscard]] bool constant_time_equal(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

}  // namespace tallystick::crypto
