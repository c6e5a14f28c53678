#pragma once
// Decodes IAB TCF v2 consent strings (v2.0 to v2.3), the core segment in full, straight from the base64url
// characters without allocating. Strict: a string that is cut short or contradicts itself is malformed, and
// malformed means no consent. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tallystick::capture {

// Of the publisher, for one purpose and vendor.
enum class TcfRestriction : std::uint8_t { kNotAllowed = 0, kRequireConsent = 1, kRequireLegitimateInterest = 2 };

inline constexpr std::size_t kTcfMaxCharacters = 16 * 1024;
inline constexpr unsigned kTcfPurposes = 24;

// Purposes are numbered from 1. The vendor's part is that of the vendor asked for.
struct TcfConsent {
  std::uint32_t purpose_consents = 0;  // bit 0 = purpose 1
  std::uint32_t purpose_interests = 0;
  std::uint32_t special_features = 0;  // bit 0 = special feature 1
  std::uint8_t policy_version = 0;
  bool has_vendor_consent = false;
  bool has_vendor_interest = false;
  std::array<std::optional<TcfRestriction>, kTcfPurposes> restrictions{};  // [0] = purpose 1

  [[nodiscard]] bool has_purpose(unsigned purpose) const { return (purpose_consents >> (purpose - 1) & 1U) != 0; }
  [[nodiscard]] bool has_interest(unsigned purpose) const { return (purpose_interests >> (purpose - 1) & 1U) != 0; }
};

// Empty when malformed. `vendor` 0: no vendor is asked for.
[[nodiscard]] std::optional<TcfConsent> parse_tcf(std::string_view text, unsigned vendor);

}  // namespace tallystick::capture
