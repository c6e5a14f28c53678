#pragma once
// Turns a refused event into what the journal may keep of it: the raw event as JSON without its personal members, the
// consent that was decided, and the code. docs/consent.md lists the members. Not for the hot path.

#include <string>
#include <string_view>

#include "capture/parameters.h"
#include "journal/event.h"

namespace tallystick::capture {

// Removed wherever they stand, at any depth and in any case: user and session ids, addresses, user agents, e-mail,
// names of the kind, and consent strings.
[[nodiscard]] bool is_personal_member(std::string_view name);

// The event without personal members; "consent" becomes {"analytics", "marketing", "basis"} as decided. What does not
// parse, or is longer than `max_bytes`, becomes {"unparsed_bytes": n}: what cannot be read cannot be cleaned.
// `source`, when there is one, becomes the member "source": a conversion's id follows from it.
[[nodiscard]] std::string make_dead_letter_raw(std::string_view event,
                                               const journal::Consent& consent,
                                               std::string_view source,
                                               std::size_t max_bytes);
// {"partner": slug, "parameters": {...}}
[[nodiscard]] std::string make_dead_letter_raw(const ParameterList& parameters,
                                               std::string_view partner,
                                               std::size_t max_bytes);

// The consent that make_dead_letter_raw() wrote; none when there is none.
[[nodiscard]] journal::Consent read_dead_letter_consent(std::string_view raw);

}  // namespace tallystick::capture
