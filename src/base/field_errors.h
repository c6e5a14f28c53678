#pragma once
// Collects what is wrong with the members of one request, so that the answer names all of them at once.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace tallystick::base {

class FieldErrors {
 public:
  // `pointer` is a JSON pointer (RFC 6901), `detail` a sentence for people.
  void add(std::string pointer, std::string code, std::string detail);
  void add(std::string pointer, const Error& error);

  // Adds the error of `result`, if it is one.
  template <typename T>
  void check(std::string_view pointer, const Result<T>& result) {
    if (!result) {
      add(std::string(pointer), result.error());
    }
  }

  [[nodiscard]] bool is_empty() const { return fields_.empty(); }
  // Nothing when no field is wrong, else kUnprocessable "validation_failed" with the fields in the order of add().
  [[nodiscard]] Result<void> result() const;

 private:
  std::vector<FieldError> fields_;
};

}  // namespace tallystick::base
