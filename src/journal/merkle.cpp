#include "journal/merkle.h"

#include <cstring>

#include "base/encoding.h"

namespace tallystick::journal {
namespace {

constexpr std::array<std::uint8_t, 1> kLeafPrefix = {0x00};

}  // namespace

crypto::Digest leaf_hash(std::span<const std::uint8_t> entry) {
  return crypto::Sha256().update(kLeafPrefix).update(entry).finish();
}

crypto::Digest leaf_hash(std::string_view entry) {
  return leaf_hash(base::as_bytes(entry));
}

crypto::Digest node_hash(const crypto::Digest& left, const crypto::Digest& right) {
  std::array<std::uint8_t, 65> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  bytes[0] = 0x01;
  std::memcpy(bytes.data() + 1, left.data(), left.size());
  std::memcpy(bytes.data() + 33, right.data(), right.size());
  return crypto::sha256(bytes);
}

crypto::Digest empty_root() {
  return crypto::sha256(std::string_view());
}

crypto::Digest Frontier::root() const {
  if (count_ == 0) {
    return empty_root();
  }
  crypto::Digest hash = nodes_[count_ - 1];
  for (std::size_t i = count_ - 1; i-- > 0;) {
    hash = node_hash(nodes_[i], hash);
  }
  return hash;
}

}  // namespace tallystick::journal
