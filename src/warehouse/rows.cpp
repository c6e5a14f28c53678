#include "warehouse/rows.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace tallystick::warehouse {

namespace json = boost::json;

struct Rows::State {
  json::storage_ptr memory = json::make_shared_resource<json::monotonic_resource>();
  json::value document = json::value(memory);
  const json::array* data = nullptr;  // of `document`
  std::vector<std::string> columns;
  std::vector<std::string> types;

  [[nodiscard]] const json::value& at(std::size_t row, std::size_t column) const {
    if (data == nullptr || row >= data->size() || column >= columns.size()) {
      throw std::logic_error(fmt::format("the answer has no value in row {}, column {}", row, column));
    }
    return (*data)[row].get_array()[column];
  }

  [[noreturn]] void refuse(std::size_t column, const char* wanted) const {
    throw std::logic_error(fmt::format("column {} is {}, not {}", columns[column], types[column], wanted));
  }
};

namespace {

std::unexpected<base::Error> bad_answer(std::string detail) {
  return base::fail(base::ErrorKind::kUnavailable, "warehouse_bad_answer", "not JSONCompact: " + std::move(detail));
}

bool is_table(const json::array& rows, std::size_t columns) {
  return std::ranges::all_of(
      rows, [columns](const json::value& row) { return row.is_array() && row.get_array().size() == columns; });
}

// "2026-11-21T04:22:01Z", "2026-11-21 04:22:01.123456": the latter is what servers write without
// date_time_output_format.
base::Result<base::Timestamp> parse_time(std::string_view text) {
  std::string iso(text);
  if (iso.size() > 10 && iso[10] == ' ') {
    iso[10] = 'T';
  }
  if (!iso.ends_with('Z')) {
    iso += 'Z';
  }
  return base::parse_rfc3339(iso);
}

}  // namespace

Rows::Rows() : state_(std::make_unique<State>()) {}
Rows::~Rows() = default;
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;

base::Result<Rows> Rows::parse(std::string_view json_compact) {
  Rows rows;
  State& state = *rows.state_;
  boost::system::error_code failure;
  json::parse_options options;
  options.allow_invalid_utf8 = true;  // texts of events are as they came
  state.document = json::parse(json_compact, failure, state.memory, options);
  if (failure) {
    return bad_answer(failure.message());
  }
  const json::object* const object = state.document.if_object();
  const json::value* const meta = object == nullptr ? nullptr : object->if_contains("meta");
  const json::value* const data = object == nullptr ? nullptr : object->if_contains("data");
  if (meta == nullptr || data == nullptr || !meta->is_array() || !data->is_array()) {
    return bad_answer("it lacks meta or data");
  }
  for (const json::value& column : meta->get_array()) {
    const json::object* const described = column.if_object();
    const json::value* const name = described == nullptr ? nullptr : described->if_contains("name");
    const json::value* const type = described == nullptr ? nullptr : described->if_contains("type");
    if (name == nullptr || type == nullptr || !name->is_string() || !type->is_string()) {
      return bad_answer("a column has no name or type");
    }
    state.columns.emplace_back(name->get_string());
    state.types.emplace_back(type->get_string());
  }
  if (!is_table(data->get_array(), state.columns.size())) {
    return bad_answer("a row has not one value a column");
  }
  state.data = &data->get_array();
  return rows;
}

std::span<const std::string> Rows::columns() const {
  return state_->columns;
}

std::span<const std::string> Rows::types() const {
  return state_->types;
}

std::size_t Rows::size() const {
  return state_->data == nullptr ? 0 : state_->data->size();
}

std::size_t Rows::index_of(std::string_view column) const {
  const auto found = std::ranges::find(state_->columns, column);
  if (found == state_->columns.end()) {
    throw std::logic_error(fmt::format("the answer has no column {}", column));
  }
  return static_cast<std::size_t>(found - state_->columns.begin());
}

bool Rows::is_null(std::size_t row, std::size_t column) const {
  return state_->at(row, column).is_null();
}

std::string_view Rows::text(std::size_t row, std::size_t column) const {
  const json::value& value = state_->at(row, column);
  if (value.is_null()) {
    return {};
  }
  if (!value.is_string()) {
    state_->refuse(column, "a text");
  }
  return value.get_string();
}

std::int64_t Rows::integer(std::size_t row, std::size_t column) const {
  const json::value& value = state_->at(row, column);
  if (value.is_uint64()) {
    state_->refuse(column, "within 64 bits with a sign");
  }
  if (value.is_bool()) {
    return value.get_bool() ? 1 : 0;
  }
  if (!value.is_int64() && !value.is_null()) {
    state_->refuse(column, "an integer");
  }
  return value.is_null() ? 0 : value.get_int64();
}

std::uint64_t Rows::unsigned_integer(std::size_t row, std::size_t column) const {
  const json::value& value = state_->at(row, column);
  if (value.is_uint64()) {
    return value.get_uint64();
  }
  const std::int64_t small = integer(row, column);
  if (small < 0) {
    state_->refuse(column, "an integer from zero");
  }
  return static_cast<std::uint64_t>(small);
}

double Rows::number(std::size_t row, std::size_t column) const {
  const json::value& value = state_->at(row, column);
  if (!value.is_number() && !value.is_null()) {
    state_->refuse(column, "a number");
  }
  return value.is_null() ? 0 : value.to_number<double>();
}

base::Timestamp Rows::time(std::size_t row, std::size_t column) const {
  const auto parsed = parse_time(text(row, column));
  if (!parsed) {
    state_->refuse(column, "a time");
  }
  return *parsed;
}

base::Uuid Rows::uuid(std::size_t row, std::size_t column) const {
  const auto parsed = base::parse_uuid(text(row, column));
  if (!parsed) {
    state_->refuse(column, "a UUID");
  }
  return *parsed;
}

std::vector<std::string> Rows::texts(std::size_t row, std::size_t column) const {
  const json::value& value = state_->at(row, column);
  std::vector<std::string> out;
  if (!value.is_array()) {
    state_->refuse(column, "an array");
  }
  for (const json::value& member : value.get_array()) {
    if (!member.is_string()) {
      state_->refuse(column, "an array of texts");
    }
    out.emplace_back(member.get_string());
  }
  return out;
}

}  // namespace tallystick::warehouse
