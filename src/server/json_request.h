#pragma once
// A request's body as a JSON object, and its members with all errors at once; for the few routes of this room.

#include <initializer_list>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/error.h"
#include "base/field_errors.h"

namespace tallystick::server {

// Error codes: "bad_json", "not_an_object".
[[nodiscard]] base::Result<boost::json::object> parse_object(std::string_view body);

// Adds "unknown_member" for each member that is not among `known` (80-platform: refused on administration).
void refuse_unknown(const boost::json::object& object,
                    std::initializer_list<std::string_view> known,
                    std::string_view pointer,
                    base::FieldErrors& errors);

// "" when absent; adds "wrong_type" when it is no string.
[[nodiscard]] std::string text_member(const boost::json::object& object,
                                      std::string_view name,
                                      std::string_view pointer,
                                      base::FieldErrors& errors);

}  // namespace tallystick::server
