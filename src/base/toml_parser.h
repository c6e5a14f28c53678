#pragma once
// toml++ as every reader of TOML here includes it, and the two faults of version 3.3 kept away from operators' files:
// an assertion stands before the check that makes an error of a bad key, so that "[(" would end the program; and a
// character beyond ASCII outside of strings and comments is undefined behaviour. Thread-safe.

#include <string_view>

#define TOML_EXCEPTIONS 0
#define TOML_ASSERT(expression) static_cast<void>(0)
#ifdef NDEBUG
#error "toml++ makes promises to the optimiser out of its assertions when NDEBUG is defined"
#endif
#include <toml++/toml.h>

namespace tallystick::base {

// `name` is the file's name as errors give it.
[[nodiscard]] toml::parse_result parse_toml_document(std::string_view text, std::string_view name);

}  // namespace tallystick::base
