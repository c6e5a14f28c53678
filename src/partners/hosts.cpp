#include "partners/hosts.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>
#include <libpsl.h>

namespace tallystick::partners {
namespace {

constexpr std::size_t kMaxHostBytes = 253;
constexpr std::size_t kMaxLabelBytes = 63;
constexpr std::string_view kWildcard = "*.";

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabelBytes && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

std::unexpected<base::Error> fail_host() {
  return base::fail(base::ErrorKind::kInvalid,
                    "bad_host",
                    "a host is a name such as shop.example.com; no address, no port, international names as xn--");
}

}  // namespace

base::Result<std::string> parse_host(std::string_view text) {
  if (text.size() > kMaxHostBytes) {
    return fail_host();
  }
  std::string host(text);
  std::ranges::transform(
      host, host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::string_view rest = host;
  std::size_t labels = 0;
  for (;;) {
    const auto dot = rest.find('.');
    const auto label = rest.substr(0, dot);
    if (!is_label(label)) {
      return fail_host();
    }
    ++labels;
    if (dot == std::string_view::npos) {
      break;
    }
    rest.remove_prefix(dot + 1);
  }
  // Browsers read a last label of digits (or 0x and digits) as part of an IPv4 address (WHATWG URL, "ends in a
  // number").
  const bool is_number = std::ranges::all_of(rest, is_digit) || rest.starts_with("0x");
  if (labels < 2 || is_number) {
    return fail_host();
  }
  return host;
}

base::Result<std::string> parse_allowed_host(std::string_view text) {
  const bool is_wildcard = text.starts_with(kWildcard);
  TALLY_ASSIGN(auto host, parse_host(is_wildcard ? text.substr(kWildcard.size()) : text));
  if (psl_is_public_suffix(psl_builtin(), host.c_str()) != 0) {
    return base::fail(base::ErrorKind::kUnprocessable,
                      "public_suffix",
                      fmt::format("{} is a public suffix: anybody can register a name below it", host));
  }
  return is_wildcard ? std::string(kWildcard) + host : host;
}

bool is_host_allowed(std::string_view host, std::span<const std::string> allowed_hosts) {
  return std::ranges::any_of(allowed_hosts, [host](std::string_view allowed) {
    if (!allowed.starts_with(kWildcard)) {
      return host == allowed;
    }
    const auto suffix = allowed.substr(1);  // with its dot
    return host.size() > suffix.size() && host.ends_with(suffix);
  });
}

}  // namespace tallystick::partners
