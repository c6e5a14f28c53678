#include "exposure/validation.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "base/field_errors.h"
#include "base/slug.h"
#include "exposure/countries.h"

namespace tallystick::exposure {
namespace {

void check_text(base::FieldErrors& errors,
                std::string_view pointer,
                std::string_view text,
                std::size_t min_bytes,
                std::size_t max_bytes) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  };
  if (text.size() < min_bytes || text.size() > max_bytes) {
    errors.add(std::string(pointer), "bad_length", fmt::format("{} to {} bytes", min_bytes, max_bytes));
  } else if (std::ranges::any_of(text, is_control)) {
    errors.add(std::string(pointer), "control_character", "text without line breaks and control characters");
  }
}

void check_slug(base::FieldErrors& errors, std::string_view slug) {
  // Paths and events name a record by slug or id, so a slug must not look like an id.
  if (!base::is_slug(slug) || base::parse_uuid(slug)) {
    errors.add(
        "/slug", "bad_slug", "1 to 63 lower-case letters, digits and hyphens, not beginning with a hyphen, no UUID");
  }
}

}  // namespace

base::Result<void> validate(const Placement& placement) {
  base::FieldErrors errors;
  check_slug(errors, placement.slug);
  check_text(errors, "/name", placement.name, 1, kMaxNameBytes);
  if (placement.max_slots < 1 || placement.max_slots > kMaxSlots) {
    errors.add("/max_slots", "out_of_range", fmt::format("from 1 to {}", kMaxSlots));
  }
  for (std::size_t i = 0; i < placement.countries.size(); ++i) {
    if (!is_country_code(placement.countries[i])) {
      errors.add(fmt::format("/countries/{}", i), "unknown_country", "an ISO 3166 alpha-2 code such as DE");
    }
  }
  check_text(errors, "/vertical", placement.vertical, 0, kMaxVerticalBytes);
  return errors.result();
}

base::Result<void> validate(const Merchant& merchant) {
  base::FieldErrors errors;
  check_slug(errors, merchant.slug);
  check_text(errors, "/name", merchant.name, 1, kMaxNameBytes);
  return errors.result();
}

base::Result<void> validate(const ExposureUnit& unit) {
  base::FieldErrors errors;
  check_text(errors, "/name", unit.name, 1, kMaxNameBytes);
  return errors.result();
}

}  // namespace tallystick::exposure
