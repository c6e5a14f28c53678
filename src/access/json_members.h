#pragma once
// Reads the JSON object of an administration request member by member: whatever is of the wrong type or not asked for
// is collected, so that one answer names every mistake (80-platform, "API conventions"). One thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/error.h"
#include "base/field_errors.h"

namespace tallystick::access {

class JsonMembers {
 public:
  // An empty body reads as {}. Error codes: "bad_json", "not_an_object".
  [[nodiscard]] static base::Result<JsonMembers> parse(std::string_view body);

  // Each takes the member out of what is still unread; absent or of the wrong type ("wrong_type"): nothing.
  [[nodiscard]] std::optional<std::string> take_text(std::string_view name);
  [[nodiscard]] std::optional<bool> take_boolean(std::string_view name);
  [[nodiscard]] std::optional<std::int64_t> take_integer(std::string_view name);
  [[nodiscard]] std::optional<std::vector<std::string>> take_texts(std::string_view name);
  // Any type.
  [[nodiscard]] std::optional<boost::json::value> take(std::string_view name);
  // Whether `name` is still unread; adds "required" when it is not there.
  bool require(std::string_view name);

  // A text member read by `read_text`, whose error becomes the member's.
  template <typename ReadText>
  [[nodiscard]] auto take_parsed(std::string_view name, ReadText read_text)
      -> std::optional<typename decltype(read_text(std::string_view{}))::value_type> {
    const auto text = take_text(name);
    if (!text) {
      return std::nullopt;
    }
    auto value = read_text(*text);
    if (!value) {
      errors_.add(pointer_to(name), value.error());
      return std::nullopt;
    }
    return *std::move(value);
  }

  [[nodiscard]] base::FieldErrors& errors() { return errors_; }
  // Adds "unknown_member" for what is still unread. kUnprocessable "validation_failed" if anything was wrong.
  [[nodiscard]] base::Result<void> finish();

  [[nodiscard]] static std::string pointer_to(std::string_view name);

 private:
  explicit JsonMembers(boost::json::object members) : members_(std::move(members)) {}
  void add_wrong_type(std::string_view name, std::string_view wanted);

  boost::json::object members_;
  base::FieldErrors errors_;
};

}  // namespace tallystick::access
