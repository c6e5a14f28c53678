#include "access/model.h"

namespace tallystick::access {

std::string_view name_of(PrincipalKind kind) {
  return kind == PrincipalKind::kPerson ? "person" : "program";
}

base::Result<PrincipalKind> parse_principal_kind(std::string_view name) {
  for (const PrincipalKind kind : {PrincipalKind::kPerson, PrincipalKind::kProgram}) {
    if (name_of(kind) == name) {
      return kind;
    }
  }
  return base::fail(base::ErrorKind::kUnprocessable, "unknown_kind", "a principal is a person or a program");
}

}  // namespace tallystick::access
