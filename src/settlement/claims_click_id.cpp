#include "settlement/claims_click_id.h"

#include <array>

#include "base/encoding.h"

namespace tallystick::settlement {
namespace {

constexpr std::size_t kDigits = 32;
constexpr std::size_t kWrittenBytes = 36;
constexpr std::array<std::size_t, 4> kDashes = {8, 13, 18, 23};

bool is_hex(char c) {
  return base::hex_value(c) >= 0;
}

bool is_dash(char c) {
  return c == '-' || c == '_';
}

// `digits` are 32 hex digits.
base::Uuid read_digits(std::string_view digits) {
  base::Uuid id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const auto high = static_cast<unsigned>(base::hex_value(digits[2 * i]));
    const auto low = static_cast<unsigned>(base::hex_value(digits[2 * i + 1]));
    id.bytes.at(i) = static_cast<std::uint8_t>(high << 4U | low);
  }
  return id;
}

std::optional<base::Uuid> find_written(std::string_view text) {
  for (std::size_t start = 0; start + kWrittenBytes <= text.size(); ++start) {
    std::string digits;
    for (std::size_t i = 0; i < kWrittenBytes; ++i) {
      const char c = text[start + i];
      const bool is_between = i == kDashes[0] || i == kDashes[1] || i == kDashes[2] || i == kDashes[3];
      if (is_between ? !is_dash(c) : !is_hex(c)) {
        break;
      }
      if (!is_between) {
        digits += c;
      }
    }
    if (digits.size() == kDigits) {
      return read_digits(digits);
    }
  }
  return std::nullopt;
}

// RFC 9562, section 4: the version is the 13th digit, the variant begins the 17th.
bool has_version(std::string_view digits) {
  const int version = base::hex_value(digits[12]);
  const int variant = base::hex_value(digits[16]);
  return version >= 1 && version <= 8 && variant >= 8 && variant <= 11;
}

std::optional<base::Uuid> find_in_run(std::string_view run) {
  if (run.size() == kDigits) {
    return read_digits(run);
  }
  std::optional<base::Uuid> found;
  for (std::size_t start = 0; start + kDigits <= run.size(); ++start) {
    const std::string_view digits = run.substr(start, kDigits);
    if (!has_version(digits)) {
      continue;
    }
    if (found) {
      return std::nullopt;
    }
    found = read_digits(digits);
  }
  return found;
}

}  // namespace

std::optional<base::Uuid> find_click_id(std::string_view sub_id) {
  if (sub_id.size() < kDigits || sub_id.size() > kMaxSubIdBytes) {
    return std::nullopt;
  }
  auto found = find_written(sub_id);
  for (std::size_t at = 0; !found && at < sub_id.size();) {
    std::size_t end = at;
    while (end < sub_id.size() && is_hex(sub_id[end])) {
      ++end;
    }
    found = find_in_run(sub_id.substr(at, end - at));
    at = end + 1;
  }
  return found && !found->is_nil() ? found : std::nullopt;
}

}  // namespace tallystick::settlement
