#pragma once
// Writes a small MaxMind database (MMDB 2.0) of countries, so that tests need no licensed file.

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip.h"

namespace tallystick::quality {

class MmdbWriter {
 public:
  void add(std::string_view network, std::string_view country) {
    const base::IpNetwork parsed = *base::parse_cidr(network);
    std::array<std::uint8_t, 16> bytes = parsed.address.bytes;
    if (parsed.address.is_v4()) {
      bytes[10] = bytes[11] = 0;  // IPv4 lives in ::/96 of the tree
    }
    std::size_t node = 0;
    for (unsigned bit = 0; bit < parsed.prefix_bits; ++bit) {
      const std::size_t side = bytes[bit / 8] >> (7 - bit % 8) & 1U;
      if (bit + 1U == parsed.prefix_bits) {
        nodes_[node][side] = {kData, data_.size()};
      } else {
        if (nodes_[node][side].first != kNode) {
          nodes_[node][side] = {kNode, nodes_.size()};
          nodes_.push_back({});
        }
        node = nodes_[node][side].second;
      }
    }
    data_ += "\xE1";  // map of one
    data_ += text("country");
    data_ += "\xE1";
    data_ += text("iso_code");
    data_ += text(country);
  }

  [[nodiscard]] std::string write() const {
    std::string out;
    for (const auto& node : nodes_) {
      for (const auto& [kind, value] : node) {
        const std::size_t record = kind == kEmpty ? nodes_.size() : kind == kNode ? value : nodes_.size() + 16 + value;
        out += static_cast<char>(record >> 16U & 0xFFU);
        out += static_cast<char>(record >> 8U & 0xFFU);
        out += static_cast<char>(record & 0xFFU);
      }
    }
    out.append(16, '\0');
    out += data_;
    out += "\xAB\xCD\xEFMaxMind.com";
    out += "\xE9";  // map of nine
    out += text("node_count") + number(6, nodes_.size(), 4);
    out += text("record_size") + number(5, 24, 2);
    out += text("ip_version") + number(5, 6, 2);
    out += text("database_type") + text("Test-Country");
    out += text("languages") + std::string("\x00\x04", 2);
    out += text("binary_format_major_version") + number(5, 2, 2);
    out += text("binary_format_minor_version") + number(5, 0, 2);
    out += text("build_epoch") + std::string("\x08\x02", 2) + std::string("\0\0\0\0\x65\0\0\0", 8);
    out += text("description") + std::string("\xE0", 1);
    return out;
  }

 private:
  enum Kind { kEmpty, kNode, kData };
  using Record = std::pair<Kind, std::size_t>;

  static std::string text(std::string_view value) {
    return static_cast<char>(2U << 5U | value.size()) + std::string(value);
  }
  static std::string number(unsigned type, std::size_t value, unsigned size) {
    std::string out(1, static_cast<char>(type << 5U | size));
    for (unsigned i = size; i > 0; --i) {
      out += static_cast<char>(value >> (8 * (i - 1)) & 0xFFU);
    }
    return out;
  }

  std::vector<std::array<Record, 2>> nodes_ = {{}};
  std::string data_;
};

}  // namespace tallystick::quality
