#include "server/tile_path.h"

#include <optional>

namespace tallystick::server {
namespace {

constexpr unsigned kTileWidth = 256;
constexpr unsigned kMaxLevel = 63;
constexpr std::size_t kMaxGroups = 6;  // 10^18 tiles: more than any log has

std::unexpected<base::Error> bad_path() {
  return base::fail(base::ErrorKind::kNotFound,
                    "bad_tile_path",
                    "expected <L>/<N> or entries/<N>, then .p/<W> for a partial tile (C2SP tlog-tiles)");
}

// Decimal without leading zeros, at most `max`.
std::optional<unsigned> parse_small(std::string_view text, unsigned max) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) {
    return std::nullopt;
  }
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') {
      return std::nullopt;
    }
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= max ? std::optional(value) : std::nullopt;
}

// Groups of three digits, all but the last with an "x" before them and none of them superfluous.
std::optional<std::uint64_t> parse_index(std::string_view text) {
  std::uint64_t value = 0;
  for (std::size_t group = 0; group < kMaxGroups; ++group) {
    const std::size_t slash = text.find('/');
    const bool is_last = slash == std::string_view::npos;
    std::string_view digits = text.substr(0, slash);
    if (!is_last) {
      if (!digits.starts_with('x')) {
        return std::nullopt;
      }
      digits.remove_prefix(1);
    }
    if (digits.size() != 3) {
      return std::nullopt;
    }
    unsigned number = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') {
        return std::nullopt;
      }
      number = number * 10 + static_cast<unsigned>(c - '0');
    }
    if (group == 0 && !is_last && number == 0) {
      return std::nullopt;
    }
    value = value * 1000 + number;
    if (is_last) {
      return value;
    }
    text.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

}  // namespace

base::Result<TilePath> parse_tile_path(std::string_view text) {
  TilePath path;
  if (const std::size_t partial = text.rfind(".p/"); partial != std::string_view::npos) {
    const auto width = parse_small(text.substr(partial + 3), kTileWidth - 1);
    if (!width || *width == 0) {
      return bad_path();
    }
    path.width = *width;
    text = text.substr(0, partial);
  }
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return bad_path();
  }
  const std::string_view level = text.substr(0, slash);
  path.is_entries = level == "entries";
  if (!path.is_entries) {
    const auto number = parse_small(level, kMaxLevel);
    if (!number) {
      return bad_path();
    }
    path.level = *number;
  }
  const auto index = parse_index(text.substr(slash + 1));
  if (!index) {
    return bad_path();
  }
  path.index = *index;
  return path;
}

}  // namespace tallystick::server
