#include "http/problem.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "http/message.h"

namespace tallystick::http {

namespace {

std::string_view title_of(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::kInvalid:
      return "The request is malformed";
    case base::ErrorKind::kUnauthenticated:
      return "Authentication is required";
    case base::ErrorKind::kForbidden:
      return "Not allowed";
    case base::ErrorKind::kNotFound:
      return "Not found";
    case base::ErrorKind::kTimeout:
      return "The request took too long";
    case base::ErrorKind::kConflict:
      return "In conflict with the present state";
    case base::ErrorKind::kGone:
      return "No longer available";
    case base::ErrorKind::kTooLarge:
      return "The request is too large";
    case base::ErrorKind::kUnprocessable:
      return "Against a rule";
    case base::ErrorKind::kRateLimited:
      return "Too many requests";
    case base::ErrorKind::kUnavailable:
      return "Temporarily unavailable";
    case base::ErrorKind::kInternal:
    case base::ErrorKind::kCorrupt:
      break;
  }
  return "Internal error";
}

bool is_secret(base::ErrorKind kind) {
  return kind == base::ErrorKind::kInternal || kind == base::ErrorKind::kCorrupt;
}

boost::json::string_view as_json(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

std::string make_problem_body(int status,
                              std::string_view title,
                              std::string_view code,
                              std::string_view detail,
                              std::string_view instance,
                              std::span<const base::FieldError> fields) {
  boost::json::object document;
  document["type"] = "/problems/" + std::string(code);
  document["title"] = as_json(title);
  document["status"] = status;
  if (!detail.empty()) {
    document["detail"] = as_json(detail);
  }
  if (!instance.empty()) {
    document["instance"] = as_json(instance);
  }
  document["code"] = as_json(code);
  if (!fields.empty()) {
    boost::json::array errors;
    errors.reserve(fields.size());
    for (const base::FieldError& field : fields) {
      boost::json::object entry;
      entry["pointer"] = field.pointer;
      entry["code"] = field.code;
      entry["detail"] = field.detail;
      errors.emplace_back(std::move(entry));
    }
    document["errors"] = std::move(errors);
  }
  return boost::json::serialize(document);
}

std::string problem_body(const base::Error& error, std::string_view instance) {
  const int status = base::http_status(error.kind);
  const std::string_view title = title_of(error.kind);
  if (is_secret(error.kind)) {
    return make_problem_body(status, title, "internal_error", {}, instance);
  }
  return make_problem_body(status, title, error.code, error.message, instance, error.fields);
}

Response problem(const base::Error& error, std::string_view instance) {
  Response response;
  response.status = base::http_status(error.kind);
  response.content_type = kProblemContentType;
  response.body = problem_body(error, instance);
  if (error.kind == base::ErrorKind::kUnauthenticated) {
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
  }
  if (error.kind == base::ErrorKind::kRateLimited || error.kind == base::ErrorKind::kUnavailable) {
    response.headers.emplace_back("Retry-After", "1");
  }
  return response;
}

}  // namespace tallystick::http
