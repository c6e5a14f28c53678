#include "capture/parameters.h"

#include <algorithm>

#include "base/encoding.h"

namespace tallystick::capture {

std::string_view name_of(ParameterFault fault) {
  switch (fault) {
    case ParameterFault::kNone:
      return "none";
    case ParameterFault::kTooMany:
      return "too_many_parameters";
    case ParameterFault::kTooLong:
      return "parameter_too_long";
    case ParameterFault::kBadEncoding:
      return "bad_percent_encoding";
    case ParameterFault::kDuplicate:
      return "duplicate_parameter";
  }
  return "unknown";
}

ParameterFault ParameterList::parse(std::string_view encoded, const ParameterLimits& limits) {
  pairs_.clear();
  used_ = 0;
  is_plain_ = encoded.find('%') == std::string_view::npos && encoded.find('+') == std::string_view::npos;
  if (encoded.size() > limits.max_total_bytes) {
    return ParameterFault::kTooLong;
  }
  if (decoded_.size() < encoded.size() + 1) {
    decoded_.resize(encoded.size() + 1);
  }
  while (!encoded.empty()) {
    const std::size_t end = std::min(encoded.find('&'), encoded.size());
    const std::string_view pair = encoded.substr(0, end);
    encoded.remove_prefix(std::min(end + 1, encoded.size()));
    if (pair.empty()) {
      continue;
    }
    if (const ParameterFault fault = add(pair, limits); fault != ParameterFault::kNone) {
      pairs_.clear();
      return fault;
    }
  }
  return ParameterFault::kNone;
}

ParameterFault ParameterList::add(std::string_view encoded, const ParameterLimits& limits) {
  if (pairs_.size() == limits.max_count) {
    return ParameterFault::kTooMany;
  }
  const std::size_t equals = std::min(encoded.find('='), encoded.size());
  Parameter parameter;
  if (!decode(encoded.substr(0, equals), parameter.name) ||
      !decode(encoded.substr(std::min(equals + 1, encoded.size())), parameter.value)) {
    return ParameterFault::kBadEncoding;
  }
  if (parameter.name.size() > limits.max_name_bytes || parameter.value.size() > limits.max_value_bytes) {
    return ParameterFault::kTooLong;
  }
  if (has(parameter.name)) {
    return ParameterFault::kDuplicate;
  }
  pairs_.push_back(parameter);
  return ParameterFault::kNone;
}

bool ParameterList::decode(std::string_view encoded, std::string_view& out) {
  char* const begin = decoded_.data() + used_;
  if (is_plain_) {
    encoded.copy(begin, encoded.size());
    out = {begin, encoded.size()};
    used_ += encoded.size();
    return true;
  }
  char* end = begin;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '+') {
      *end++ = ' ';
    } else if (encoded[i] != '%') {
      *end++ = encoded[i];
    } else {
      const int high = i + 2 < encoded.size() ? base::hex_value(encoded[i + 1]) : -1;
      const int low = i + 2 < encoded.size() ? base::hex_value(encoded[i + 2]) : -1;
      if (high < 0 || low < 0) {
        return false;
      }
      *end++ = static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  out = {begin, static_cast<std::size_t>(end - begin)};
  used_ += out.size();
  return true;
}

std::string_view ParameterList::find(std::string_view name) const {
  for (const Parameter& pair : pairs_) {
    // Names nearly always differ in their length or first letter.
    if (pair.name.size() == name.size() && (name.empty() || pair.name[0] == name[0]) && pair.name == name) {
      return pair.value;
    }
  }
  return {};
}

std::string_view ParameterList::find_ignoring_case(std::string_view name) const {
  for (const Parameter& pair : pairs_) {
    if (equals_ignoring_case(pair.name, name)) {
      return pair.value;
    }
  }
  return {};
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace tallystick::capture
