#include "capture/json_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "capture/tcf.h"

namespace tallystick::capture {

std::string_view PaddedBody::copy(std::string_view body) {
  buffer_.assign(body);
  buffer_.append(simdjson::SIMDJSON_PADDING, ' ');
  return std::string_view(buffer_).substr(0, body.size());
}

simdjson::padded_string_view PaddedBody::padded(std::string_view part) const {
  const auto offset = static_cast<std::size_t>(part.data() - buffer_.data());
  return simdjson::padded_string_view(part.data(), part.size(), buffer_.size() - offset);
}

namespace json {
namespace {

constexpr std::int64_t kMaxMillis = 253'402'300'799'999;  // the end of the year 9999

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

bool read_text(Value& value, std::size_t max_bytes, std::string_view& out) {
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS || text.size() > max_bytes ||
      std::ranges::any_of(text, is_control)) {
    return false;
  }
  out = text;
  return true;
}

bool read_uuid(Value& value, base::Uuid& out) {
  std::string_view text;
  return value.get_string().get(text) == simdjson::SUCCESS && base::parse_uuid_into(text, out) && !out.is_nil();
}

bool read_bool(Value& value, bool& out) {
  return value.get_bool().get(out) == simdjson::SUCCESS;
}

bool read_integer(Value& value, std::int64_t& out) {
  return value.get_int64().get(out) == simdjson::SUCCESS;
}

bool read_u32(Value& value, std::uint32_t& out) {
  std::int64_t number = 0;
  if (!read_integer(value, number) || number < 0 || number > std::numeric_limits<std::uint32_t>::max()) {
    return false;
  }
  out = static_cast<std::uint32_t>(number);
  return true;
}

bool read_ratio(Value& value, std::uint16_t& permille) {
  double ratio = 0;
  if (value.get_double().get(ratio) != simdjson::SUCCESS || !(ratio >= 0 && ratio <= 1)) {
    return false;
  }
  permille = static_cast<std::uint16_t>(std::lround(ratio * 1000));
  return true;
}

bool read_time(Value& value, base::Timestamp& out) {
  simdjson::ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) {
    return false;
  }
  if (type == simdjson::ondemand::json_type::number) {
    std::int64_t millis = 0;
    if (!read_integer(value, millis) || millis < 0 || millis > kMaxMillis) {
      return false;
    }
    out.us = millis * base::kMicrosPerMilli;
    return true;
  }
  std::string_view text;
  if (value.get_string().get(text) != simdjson::SUCCESS) {
    return false;
  }
  const auto time = base::parse_rfc3339(text);
  if (time) {
    out = *time;
  }
  return time.has_value();
}

namespace {

// False: the value has not the member's form. Members of other names are none of ours.
bool read_consent_member(std::string_view name, Value& member, ConsentSignals& out) {
  if (name == "analytics" || name == "marketing") {
    bool is_given = false;
    if (!read_bool(member, is_given)) {
      return false;
    }
    (name == "analytics" ? out.analytics : out.marketing) = is_given;
    return true;
  }
  if (name == "gdpr") {
    std::int64_t number = 0;
    bool flag = false;
    const bool is_number = read_integer(member, number);
    if (!is_number && !read_bool(member, flag)) {
      return false;
    }
    out.gdpr = (is_number ? number == 1 : flag) ? "1" : "0";
    return true;
  }
  if (name == "tcf" || name == "gdpr_consent") {
    // A string that is too long is kept: it is malformed, which means no consent.
    return member.get_string().get(out.tcf) == simdjson::SUCCESS;
  }
  return true;
}

}  // namespace

bool read_consent(Value& value, ConsentSignals& out) {
  simdjson::ondemand::object object;
  if (value.get_object().get(object) != simdjson::SUCCESS) {
    return false;
  }
  for (auto field : object) {
    std::string_view name;
    Value member;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS || field.value().get(member) != simdjson::SUCCESS) {
      return false;
    }
    bool is_null = false;
    if (member.is_null().get(is_null) != simdjson::SUCCESS || is_null) {
      continue;
    }
    if (!read_consent_member(name, member, out)) {
      return false;
    }
  }
  return true;
}

}  // namespace json
}  // namespace tallystick::capture
