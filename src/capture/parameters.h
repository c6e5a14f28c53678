#pragma once
// Query strings and form bodies as a bounded list of decoded pairs (WHATWG application/x-www-form-urlencoded:
// '+' is a space). Reusable: a second parse() keeps the memory. One thread. Values are views into the list.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tallystick::capture {

struct Parameter {
  std::string_view name;
  std::string_view value;
};

struct ParameterLimits {
  std::size_t max_count = 32;
  std::size_t max_name_bytes = 64;
  std::size_t max_value_bytes = 4096;
  std::size_t max_total_bytes = 12 * 1024;  // encoded
};

enum class ParameterFault : std::uint8_t { kNone, kTooMany, kTooLong, kBadEncoding, kDuplicate };
[[nodiscard]] std::string_view name_of(ParameterFault fault);

class ParameterList {
 public:
  // Leaves the list empty on a fault. Empty pairs ("a=1&&b=2") are skipped; a name alone has an empty value.
  // Names that occur twice are refused: which one counts would be a guess.
  [[nodiscard]] ParameterFault parse(std::string_view encoded, const ParameterLimits& limits);

  // Null data when absent; a present but empty value has data.
  [[nodiscard]] std::string_view find(std::string_view name) const;
  // ASCII case-insensitive: networks write their macros in any case.
  [[nodiscard]] std::string_view find_ignoring_case(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name).data() != nullptr; }
  [[nodiscard]] const std::vector<Parameter>& all() const { return pairs_; }

 private:
  [[nodiscard]] ParameterFault add(std::string_view encoded, const ParameterLimits& limits);
  [[nodiscard]] bool decode(std::string_view encoded, std::string_view& out);

  std::vector<Parameter> pairs_;
  std::string decoded_;  // sized before the views are taken, so it never moves under them
  std::size_t used_ = 0;
  bool is_plain_ = false;  // nothing to decode
};

// True when the ASCII letters are equal whatever their case.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace tallystick::capture
