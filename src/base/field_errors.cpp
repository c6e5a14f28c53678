#include "base/field_errors.h"

namespace tallystick::base {

void FieldErrors::add(std::string pointer, std::string code, std::string detail) {
  fields_.push_back({std::move(pointer), std::move(code), std::move(detail)});
}

void FieldErrors::add(std::string pointer, const Error& error) {
  add(std::move(pointer), error.code, error.message);
}

Result<void> FieldErrors::result() const {
  if (fields_.empty()) {
    return {};
  }
  return std::unexpected(
      Error{ErrorKind::kUnprocessable, "validation_failed", "one or more members are not acceptable", fields_});
}

}  // namespace tallystick::base
