#pragma once
// What may be stored with an event (10-capture, "Consent"): Sec-GPC, then a TCF string when gdpr=1, then an
// explicit statement, then the configured default. Pure. docs/consent.md explains the mapping of TCF purposes.

#include <optional>
#include <string_view>

#include "journal/event.h"

namespace tallystick::capture {

struct ConsentSettings {
  unsigned vendor_id = 0;  // our id in IAB's Global Vendor List; 0: none, the vendor bits are not asked for
  bool default_analytics = false;
  bool default_marketing = false;
};

struct ConsentSignals {
  std::string_view global_privacy_control = {};  // the header Sec-GPC; only "1" has a meaning
  std::string_view gdpr = {};                    // "1": the TCF string decides
  std::string_view tcf = {};
  std::optional<bool> analytics = {};  // explicit; when one of the two is stated the other counts as refused
  std::optional<bool> marketing = {};
};

[[nodiscard]] journal::Consent decide_consent(const ConsentSignals& signals, const ConsentSettings& settings);

// The query parameter `consent` of a link: "none", or words of "analytics" and "marketing" with commas between.
// Anything else states nothing.
void parse_consent_words(std::string_view words, ConsentSignals& out);

}  // namespace tallystick::capture
