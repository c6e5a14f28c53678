#include "capture/host.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "capture/parameters.h"

namespace tallystick::capture {
namespace {

constexpr std::array<bool, 256> kHostCharacters = [] {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.")) {
    table[static_cast<std::uint8_t>(c)] = true;
  }
  return table;
}();

bool is_host_character(char c) {
  return kHostCharacters[static_cast<std::uint8_t>(c)];
}

// Not find_first_of(), which searches its short list anew for every character.
bool ends_authority(char c) {
  return c == '/' || c == '?' || c == '#';
}

bool is_plain_host(std::string_view host) {
  constexpr std::size_t kMaxHostBytes = 253;
  return !host.empty() && host.size() <= kMaxHostBytes && std::ranges::all_of(host, is_host_character) &&
         host.front() != '.' && host.front() != '-' && host.back() != '.' && host.find("..") == std::string_view::npos;
}

bool has_prefix_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

}  // namespace

std::string_view host_of(std::string_view url) {
  const bool is_plain = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
  if (!is_plain) {
    return {};
  }
  if (has_prefix_ignoring_case(url, "https://")) {
    url.remove_prefix(8);
  } else if (has_prefix_ignoring_case(url, "http://")) {
    url.remove_prefix(7);
  } else {
    return {};
  }
  const std::string_view authority(url.begin(), std::ranges::find_if(url, ends_authority));
  const std::size_t colon = authority.find(':');
  const std::string_view host = authority.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; })) {
      return {};
    }
  }
  return is_plain_host(host) ? host : std::string_view();
}

bool is_sound_allowed_host(std::string_view entry) {
  const bool is_wildcard = entry.starts_with("*.");
  if (is_wildcard) {
    entry.remove_prefix(2);
  }
  if (!is_plain_host(entry) || std::ranges::any_of(entry, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return false;
  }
  return !is_wildcard || entry.find('.') != std::string_view::npos;
}

bool is_allowed_host(std::string_view host, std::span<const std::string> entries) {
  return std::ranges::any_of(entries, [&](std::string_view entry) {
    if (!entry.starts_with("*.")) {
      return equals_ignoring_case(host, entry);
    }
    entry.remove_prefix(1);  // keeps the dot: the label boundary
    return host.size() > entry.size() && equals_ignoring_case(host.substr(host.size() - entry.size()), entry);
  });
}

}  // namespace tallystick::capture
