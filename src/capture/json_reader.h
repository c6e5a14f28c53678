#pragma once
// Reads the members of one JSON object with simdjson, leniently as capture wants it: unknown members are skipped, null
// is absent. One thread; strings are views that the next object's parse overwrites. Internal to this room's parsers.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "base/time.h"
#include "base/uuid.h"
#include "capture/consent.h"

namespace tallystick::capture {

// A request body with the bytes behind it that simdjson reads ahead. Reusable.
class PaddedBody {
 public:
  // The copy of `body`; views into it are good until the next call.
  std::string_view copy(std::string_view body);
  // `part` of the copy, ready to be parsed.
  [[nodiscard]] simdjson::padded_string_view padded(std::string_view part) const;

 private:
  std::string buffer_;
};

namespace json {

using Value = simdjson::ondemand::value;

// Each is false when the value is of another type or form.
[[nodiscard]] bool read_text(Value& value, std::size_t max_bytes, std::string_view& out);  // no control characters
[[nodiscard]] bool read_uuid(Value& value, base::Uuid& out);
[[nodiscard]] bool read_bool(Value& value, bool& out);
[[nodiscard]] bool read_integer(Value& value, std::int64_t& out);
[[nodiscard]] bool read_u32(Value& value, std::uint32_t& out);
[[nodiscard]] bool read_ratio(Value& value, std::uint16_t& permille);  // 0 to 1
// RFC 3339 text, or epoch milliseconds as a number.
[[nodiscard]] bool read_time(Value& value, base::Timestamp& out);
// {"analytics":bool, "marketing":bool, "gdpr":0|1, "tcf"|"gdpr_consent":text}
[[nodiscard]] bool read_consent(Value& value, ConsentSignals& out);

}  // namespace json
}  // namespace tallystick::capture
