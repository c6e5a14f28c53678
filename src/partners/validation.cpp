#include "partners/validation.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "base/field_errors.h"
#include "base/slug.h"
#include "partners/destination.h"
#include "partners/hosts.h"

namespace tallystick::partners {
namespace {

constexpr std::string_view kZoneFolder = "/usr/share/zoneinfo/";
constexpr std::size_t kMaxZoneBytes = 64;
constexpr std::size_t kMaxEmailBytes = 254;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Segments of letters, digits, '_', '+' and '-' with single slashes between them: nothing that could leave the folder.
bool is_zone_form(std::string_view name) {
  const auto is_allowed = [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '+' || c == '-' || c == '/';
  };
  return !name.empty() && name.size() <= kMaxZoneBytes && is_letter_or_digit(name.front()) && name.back() != '/' &&
         name.find("//") == std::string_view::npos && std::ranges::all_of(name, is_allowed);
}

void check_text(base::FieldErrors& errors,
                std::string_view pointer,
                std::string_view text,
                std::size_t min_bytes,
                std::size_t max_bytes) {
  if (text.size() < min_bytes || text.size() > max_bytes) {
    errors.add(std::string(pointer), "bad_length", fmt::format("{} to {} bytes", min_bytes, max_bytes));
  } else if (std::ranges::any_of(text, is_control)) {
    errors.add(std::string(pointer), "control_character", "text without line breaks and control characters");
  }
}

void check_range(
    base::FieldErrors& errors, std::string_view pointer, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) {
    errors.add(std::string(pointer), "out_of_range", fmt::format("from {} to {}", low, high));
  }
}

void check_count(base::FieldErrors& errors, std::string_view pointer, std::size_t count, std::size_t max_count) {
  if (count > max_count) {
    errors.add(std::string(pointer), "too_many", fmt::format("at most {}", max_count));
  }
}

void check_slug(base::FieldErrors& errors, std::string_view slug) {
  // Paths name a record by slug or id, so a slug must not look like an id.
  if (!base::is_slug(slug) || base::parse_uuid(slug)) {
    errors.add(
        "/slug", "bad_slug", "1 to 63 lower-case letters, digits and hyphens, not beginning with a hyphen, no UUID");
  }
}

bool is_email_form(std::string_view text) {
  const auto at = text.find('@');
  return text.size() <= kMaxEmailBytes && at != 0 && at != std::string_view::npos && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         std::ranges::none_of(text, [](char c) { return is_control(c) || c == ' '; });
}

void check_contacts(base::FieldErrors& errors, const Partner& partner) {
  check_count(errors, "/contacts", partner.contacts.size(), kMaxContacts);
  for (std::size_t i = 0; i < partner.contacts.size(); ++i) {
    check_text(errors, fmt::format("/contacts/{}/name", i), partner.contacts[i].name, 1, kMaxNameBytes);
    if (!is_email_form(partner.contacts[i].email)) {
      errors.add(fmt::format("/contacts/{}/email", i), "bad_email", "an address such as jane@example.com");
    }
  }
}

void check_hosts(base::FieldErrors& errors, const Partner& partner) {
  check_count(errors, "/allowed_hosts", partner.allowed_hosts.size(), kMaxAllowedHosts);
  for (std::size_t i = 0; i < partner.allowed_hosts.size(); ++i) {
    errors.check(fmt::format("/allowed_hosts/{}", i), parse_allowed_host(partner.allowed_hosts[i]));
  }
}

void check_public_page(base::FieldErrors& errors, const Partner& partner) {
  if (partner.public_page.empty()) {
    return;
  }
  const auto page = parse_destination(partner.public_page);
  if (!page) {
    errors.add("/public_page", page.error());
  } else if (!page->macros.empty() || !page->is_https) {
    errors.add("/public_page", "bad_public_page", "an https address without macros");
  }
}

void check_sub_id_parameter(base::FieldErrors& errors, const Partner& partner) {
  const auto is_allowed = [](char c) {
    return is_letter_or_digit(c) || c == '_' || c == '-' || c == '.';
  };
  const auto& name = partner.sub_id_parameter;
  if (name.size() > kMaxSubIdParameterBytes || !std::ranges::all_of(name, is_allowed)) {
    errors.add("/sub_id_parameter",
               "bad_parameter_name",
               fmt::format("at most {} letters, digits, '_', '-' and '.'", kMaxSubIdParameterBytes));
  }
}

}  // namespace

base::Result<void> check_time_zone(std::string_view name) {
  if (is_zone_form(name)) {
    // Beside the zones the folder holds tables and lists; a zone begins with these four bytes (RFC 8536, section 3.1).
    std::ifstream file(std::string(kZoneFolder) + std::string(name), std::ios::binary);
    std::array<char, 4> magic{};
    if (file.read(magic.data(), magic.size()) && std::string_view(magic.data(), magic.size()) == "TZif") {
      return {};
    }
  }
  return base::fail(base::ErrorKind::kUnprocessable, "unknown_time_zone", "not the IANA name of a time zone");
}

base::Result<void> validate(const Partner& partner) {
  base::FieldErrors errors;
  check_slug(errors, partner.slug);
  check_text(errors, "/name", partner.name, 1, kMaxNameBytes);
  check_hosts(errors, partner);
  check_sub_id_parameter(errors, partner);
  check_public_page(errors, partner);
  check_range(errors, "/link_lifetime_s", partner.link_lifetime_s, kMinLinkLifetimeS, kMaxLinkLifetimeS);
  check_range(errors, "/throttle_per_second", partner.throttle_per_second, 0, kMaxThrottlePerSecond);
  errors.check("/currency", base::parse_currency(partner.currency.text()));
  errors.check("/time_zone", check_time_zone(partner.time_zone));
  check_range(errors, "/tolerance_basis_points", partner.tolerance_basis_points, 0, kMaxToleranceBasisPoints);
  if (!partner.postback_secret.empty()) {
    check_text(errors, "/postback_secret", partner.postback_secret, kMinPostbackSecretBytes, kMaxPostbackSecretBytes);
  }
  check_count(errors, "/postback_sources", partner.postback_sources.size(), kMaxPostbackSources);
  check_contacts(errors, partner);
  return errors.result();
}

base::Result<void> validate(const Link& link, const Partner& partner) {
  base::FieldErrors errors;
  check_slug(errors, link.slug);
  const auto destination = parse_destination(link.destination);
  if (!destination) {
    errors.add("/destination", destination.error());
  } else {
    if (!destination->is_https && !partner.allows_http) {
      errors.add("/destination", "http_not_allowed", "the partner allows https destinations only");
    }
    if (!is_host_allowed(destination->host, partner.allowed_hosts)) {
      errors.add(
          "/destination", "host_not_allowed", fmt::format("{} is not on the partner's allow-list", destination->host));
    }
  }
  check_text(errors, "/disclosure", link.disclosure, 0, kMaxTextBytes);
  check_text(errors, "/coupon", link.coupon, 0, kMaxNameBytes);
  return errors.result();
}

}  // namespace tallystick::partners
