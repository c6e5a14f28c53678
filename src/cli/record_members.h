#pragma once
// The members of a record as options of a command: those that the command line has become the body of a request, so
// that a change names only what it changes. One thread.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/error.h"
#include "cli/command_line.h"

namespace tallystick::cli {

// What an option's text stands for in JSON.
enum class MemberType : std::uint8_t {
  kText,
  kNullableText,  // "none" is null
  kInteger,
  kBoolean,  // "true" or "false"
  kTexts,    // repeated; one empty text is an empty list
};

struct MemberOption {
  std::string_view option;  // "--link-lifetime-s"
  std::string_view member;  // "link_lifetime_s"
  MemberType type = MemberType::kText;
  std::string_view description;
};

class RecordMembers {
 public:
  // The values must outlive parsing, so this object must, too. `required` ones must be given.
  void add_to(Command command,
              std::initializer_list<MemberOption> options,
              std::initializer_list<std::string_view> required);
  // Error code: "bad_parameters" when the text of an option is not of its type.
  [[nodiscard]] base::Result<boost::json::object> body() const;

 private:
  struct Value {
    MemberOption declared;
    std::string text;
    std::vector<std::string> texts;
    std::vector<Option> option;  // one, once it is added
  };
  std::deque<Value> values_;  // never moves them
};

}  // namespace tallystick::cli
