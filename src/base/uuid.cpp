#include "base/uuid.h"

#include <array>

namespace tallystick::base {
namespace {

// Every event names half a dozen ids: no call and no decision per digit.
constexpr std::array<std::uint8_t, 16> kDigitsOfByte = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

constexpr std::array<std::int8_t, 256> kValueOfDigit = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < 10; ++i) {
    table['0' + i] = static_cast<std::int8_t>(i);
  }
  for (std::size_t i = 0; i < 6; ++i) {
    table['a' + i] = table['A' + i] = static_cast<std::int8_t>(10 + i);
  }
  return table;
}();

std::array<std::uint64_t, 3> make_seeds() {
  SystemRandom random;
  return {random.next_u64(), random.next_u64(), random.next_u64() | 1};
}

}  // namespace

SeededUuidHash::SeededUuidHash() : seeds_(make_seeds()) {}

bool parse_uuid_into(std::string_view text, Uuid& out) noexcept {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') {
    return false;
  }
  Uuid id;
  int bad = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    const int high = kValueOfDigit[static_cast<std::uint8_t>(text[kDigitsOfByte[i]])];
    const int low = kValueOfDigit[static_cast<std::uint8_t>(text[kDigitsOfByte[i] + 1])];
    bad |= high | low;
    id.bytes[i] = static_cast<std::uint8_t>((high << 4 | low) & 0xff);
  }
  if (bad < 0) {
    return false;
  }
  out = id;
  return true;
}

Result<Uuid> parse_uuid(std::string_view text) {
  Uuid id;
  if (!parse_uuid_into(text, id)) {
    return fail(ErrorKind::kInvalid, "bad_uuid", "expected a UUID such as 0190b2a4-6f5e-7cc1-8a56-1d2f3b4c5d6e");
  }
  return id;
}

void format_uuid_into(const Uuid& id, char* out) noexcept {
  constexpr char kDigits[] = "0123456789abcdef";
  out[8] = out[13] = out[18] = out[23] = '-';
  for (std::size_t i = 0; i < 16; ++i) {
    out[kDigitsOfByte[i]] = kDigits[id.bytes[i] >> 4];
    out[kDigitsOfByte[i] + 1] = kDigits[id.bytes[i] & 0x0f];
  }
}

std::string format_uuid(const Uuid& id) {
  std::string text(36, '\0');
  format_uuid_into(id, text.data());
  return text;
}

Uuid make_uuid_v4(Random& random) {
  Uuid id;
  random.fill(id.bytes);
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

Uuid make_uuid_v7(Timestamp now, Random& random) {
  Uuid id = make_uuid_v4(random);
  const auto ms = static_cast<std::uint64_t>(now.us / kMicrosPerMilli);
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  }
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x70);
  return id;
}

}  // namespace tallystick::base
