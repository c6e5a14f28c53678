#include "partners/destination.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "partners/hosts.h"

namespace tallystick::partners {
namespace {

constexpr std::array<std::pair<std::string_view, Macro>, 8> kMacros{{{"click_id", Macro::kClickId},
                                                                     {"partner", Macro::kPartner},
                                                                     {"placement", Macro::kPlacement},
                                                                     {"campaign", Macro::kCampaign},
                                                                     {"session", Macro::kSession},
                                                                     {"sub", Macro::kSub},
                                                                     {"gdpr", Macro::kGdpr},
                                                                     {"gdpr_consent", Macro::kGdprConsent}}};

std::unexpected<base::Error> fail_destination(std::string message) {
  return base::fail(base::ErrorKind::kInvalid, "bad_destination", std::move(message));
}

// What may stand in path, query and fragment (RFC 3986, section 3) beside percent-escapes. The square brackets are
// not allowed there by the letter but common in queries and harmless.
bool is_url_character(char c) {
  const bool is_alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return is_alphanumeric || std::string_view("-._~!$&'()*+,;=:@/?#[]").find(c) != std::string_view::npos;
}

base::Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
    return fail_destination("the port is not a number from 1 to 65535");
  }
  return port;
}

// Reads the host and port in front of `rest`'s path, query or fragment and leaves `rest` there.
base::Result<void> parse_authority(std::string_view& rest, Destination& destination) {
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  rest.remove_prefix(authority.size());
  if (authority.find_first_of("{}") != std::string_view::npos) {
    return base::fail(base::ErrorKind::kInvalid, "macro_in_host", "the host of a destination cannot hold a macro");
  }
  if (authority.find('@') != std::string_view::npos) {
    return fail_destination("a destination carries no user name");
  }
  const auto colon = authority.find(':');
  TALLY_ASSIGN(destination.host, parse_host(authority.substr(0, colon)));
  if (colon != std::string_view::npos) {
    TALLY_ASSIGN(destination.port, parse_port(authority.substr(colon + 1)));
  }
  return {};
}

// `rest` begins with '{'; takes the macro off it.
base::Result<Macro> take_macro(std::string_view& rest) {
  const auto close = rest.find('}');
  if (close == std::string_view::npos) {
    return fail_destination("a macro is not closed");
  }
  const auto name = rest.substr(1, close - 1);
  const auto* found = std::ranges::find(kMacros, name, &std::pair<std::string_view, Macro>::first);
  if (found == kMacros.end()) {
    return base::fail(
        base::ErrorKind::kInvalid,
        "unknown_macro",
        "known macros are {click_id} {partner} {placement} {campaign} {session} {sub} {gdpr} {gdpr_consent}");
  }
  rest.remove_prefix(close + 1);
  return found->second;
}

base::Result<void> parse_tail(std::string_view rest, Destination& destination) {
  while (!rest.empty()) {
    if (rest.front() == '{') {
      TALLY_ASSIGN(const auto macro, take_macro(rest));
      destination.macros.push_back(macro);
      continue;
    }
    if (rest.front() == '%') {
      if (rest.size() < 3 || base::hex_value(rest[1]) < 0 || base::hex_value(rest[2]) < 0) {
        return fail_destination("a percent sign needs two hex digits after it");
      }
      rest.remove_prefix(3);
      continue;
    }
    if (!is_url_character(rest.front())) {
      return fail_destination("a character that is not allowed in a URL; percent-encode it");
    }
    rest.remove_prefix(1);
  }
  return {};
}

}  // namespace

std::string_view name_of(Macro macro) {
  return std::ranges::find(kMacros, macro, &std::pair<std::string_view, Macro>::second)->first;
}

base::Result<Destination> parse_destination(std::string_view text) {
  if (text.size() > kMaxDestinationBytes) {
    return fail_destination(fmt::format("a destination has at most {} bytes", kMaxDestinationBytes));
  }
  const auto separator = text.find("://");
  std::string scheme(text.substr(0, std::min(separator, text.size())));
  std::ranges::transform(
      scheme, scheme.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (separator == std::string_view::npos || (scheme != "https" && scheme != "http")) {
    return fail_destination("a destination begins with https://");
  }
  Destination destination;
  destination.is_https = scheme == "https";
  auto rest = text.substr(separator + 3);
  TALLY_TRY(parse_authority(rest, destination));
  TALLY_TRY(parse_tail(rest, destination));
  destination.text = fmt::format("{}://{}", scheme, destination.host);
  if (destination.port != 0) {
    destination.text += fmt::format(":{}", destination.port);
  }
  destination.text += rest;
  return destination;
}

}  // namespace tallystick::partners
