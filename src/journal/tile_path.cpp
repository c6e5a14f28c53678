#include "journal/tile_path.h"

#include <charconv>

#include <fmt/format.h>

namespace tallystick::journal {
namespace {

constexpr unsigned kMaxLevel = 63;
constexpr unsigned kFullWidth = 256;
// So that index * 256 is a leaf index.
constexpr std::uint64_t kMaxIndex = (std::uint64_t{1} << 55U) - 1;
constexpr std::size_t kMaxPathBytes = 64;

std::unexpected<base::Error> bad_path() {
  return base::fail(base::ErrorKind::kInvalid, "bad_tile_path", "expected tile/<level>/<index>[.p/<width>]");
}

// Without leading zeros, from `least` to `most`.
std::optional<unsigned> parse_number(std::string_view text, unsigned least, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || (text.size() > 1 && text[0] == '0') ||
      value < least || value > most) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> parse_index(std::string_view text) {
  std::uint64_t value = 0;
  for (bool is_first = true;; is_first = false) {
    const bool is_last = !text.starts_with('x');
    if (!is_last) {
      text.remove_prefix(1);
    }
    if (text.size() < 3) {
      return std::nullopt;
    }
    unsigned group = 0;
    for (const char c : text.substr(0, 3)) {
      if (c < '0' || c > '9') {
        return std::nullopt;
      }
      group = group * 10 + static_cast<unsigned>(c - '0');
    }
    text.remove_prefix(3);
    value = value * 1'000 + group;
    if (value > kMaxIndex || (is_first && !is_last && group == 0)) {
      return std::nullopt;
    }
    if (is_last) {
      return text.empty() ? std::optional(value) : std::nullopt;
    }
    if (!text.starts_with('/')) {
      return std::nullopt;
    }
    text.remove_prefix(1);
  }
}

}  // namespace

base::Result<TilePath> parse_tile_path(std::string_view path) {
  constexpr std::string_view kTile = "tile/";
  constexpr std::string_view kEntries = "entries";
  constexpr std::string_view kPartial = ".p/";
  if (path.size() > kMaxPathBytes || !path.starts_with(kTile)) {
    return bad_path();
  }
  path.remove_prefix(kTile.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos) {
    return bad_path();
  }
  TilePath out;
  const std::string_view level = path.substr(0, slash);
  if (level != kEntries) {
    out.level = parse_number(level, 0, kMaxLevel);
    if (!out.level) {
      return bad_path();
    }
  }
  path.remove_prefix(slash + 1);
  const std::size_t partial = path.find(kPartial);
  if (partial != std::string_view::npos) {
    const auto width = parse_number(path.substr(partial + kPartial.size()), 1, kFullWidth - 1);
    if (!width) {
      return bad_path();
    }
    out.width = *width;
  }
  const auto index = parse_index(path.substr(0, partial));
  if (!index) {
    return bad_path();
  }
  out.index = *index;
  return out;
}

std::string format_tile_path(const TilePath& path) {
  std::string index = fmt::format("{:03}", path.index % 1'000);
  for (std::uint64_t rest = path.index / 1'000; rest > 0; rest /= 1'000) {
    index = fmt::format("x{:03}/{}", rest % 1'000, index);
  }
  std::string out = path.level ? fmt::format("tile/{}/{}", *path.level, index) : "tile/entries/" + index;
  if (path.width != kFullWidth) {
    out += fmt::format(".p/{}", path.width);
  }
  return out;
}

}  // namespace tallystick::journal
