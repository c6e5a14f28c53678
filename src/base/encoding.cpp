#include "base/encoding.h"

#include <array>

namespace tallystick::base {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> make_reverse(std::string_view alphabet) {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}

constexpr std::array<std::int8_t, 256> kHexValues = [] {
  auto table = make_reverse("0123456789abcdef");
  for (int i = 0; i < 6; ++i) {
    table[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(10 + i);
  }
  return table;
}();
constexpr auto kBase64Values = make_reverse(kBase64);
constexpr auto kBase64UrlValues = make_reverse(kBase64Url);

std::string encode64(std::span<const std::uint8_t> bytes, std::string_view alphabet, bool is_padded) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    const unsigned value = static_cast<unsigned>(bytes[i]) << 16 |
                           (left > 1 ? static_cast<unsigned>(bytes[i + 1]) << 8 : 0U) |
                           (left > 2 ? static_cast<unsigned>(bytes[i + 2]) : 0U);
    out += alphabet[value >> 18];
    out += alphabet[value >> 12 & 63];
    if (left > 1) {
      out += alphabet[value >> 6 & 63];
    } else if (is_padded) {
      out += '=';
    }
    if (left > 2) {
      out += alphabet[value & 63];
    } else if (is_padded) {
      out += '=';
    }
  }
  return out;
}

Result<std::vector<std::uint8_t>> decode64(std::string_view text, const std::array<std::int8_t, 256>& values) {
  const auto bad = [] {
    return fail(ErrorKind::kInvalid, "bad_base64", "not valid base64");
  };
  if (text.size() % 4 == 1) {
    return bad();
  }
  std::vector<std::uint8_t> out;
  out.reserve(text.size() * 3 / 4);
  unsigned value = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const int digit = values[static_cast<std::uint8_t>(c)];
    if (digit < 0) {
      return bad();
    }
    value = (value << 6 | static_cast<unsigned>(digit)) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(value >> bits & 0xff));
    }
  }
  if ((value & ((1U << bits) - 1)) != 0) {
    return bad();
  }
  return out;
}

// RFC 3986 section 2.3.
constexpr std::array<bool, 256> kUnreserved = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")) {
    table[static_cast<std::uint8_t>(c)] = true;
  }
  return table;
}();

}  // namespace

int hex_value(char c) noexcept {
  return kHexValues[static_cast<std::uint8_t>(c)];
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0x0f];
  }
  return out;
}

Result<std::vector<std::uint8_t>> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return fail(ErrorKind::kInvalid, "bad_hex", "hex needs an even number of digits");
  }
  std::vector<std::uint8_t> out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) {
      return fail(ErrorKind::kInvalid, "bad_hex", "not a hex digit");
    }
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return out;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  return encode64(bytes, kBase64, true);
}
std::string to_base64url(std::span<const std::uint8_t> bytes) {
  return encode64(bytes, kBase64Url, false);
}

Result<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return fail(ErrorKind::kInvalid, "bad_base64", "base64 needs padding to a multiple of four");
  }
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
    ++padding;
  }
  return decode64(text.substr(0, text.size() - padding), kBase64Values);
}

Result<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
  return decode64(text, kBase64UrlValues);
}

void percent_encode_into(std::string_view text, std::string& out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  // Most text needs no encoding at all: it is appended in runs.
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (!kUnreserved[byte]) {
      const std::array<char, 3> encoded = {'%', kDigits[byte >> 4], kDigits[byte & 0x0f]};
      out.append(text, run, i - run).append(encoded.data(), encoded.size());
      run = i + 1;
    }
  }
  out.append(text, run);
}

std::string percent_encode(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  percent_encode_into(text, out);
  return out;
}

Result<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return fail(ErrorKind::kInvalid, "bad_percent_encoding", "'%' needs two hex digits after it");
    }
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

}  // namespace tallystick::base
