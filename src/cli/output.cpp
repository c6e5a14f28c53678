#include "cli/output.h"

#include <algorithm>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

namespace tallystick::cli {
namespace {

namespace json = boost::json;

bool is_number(std::string_view cell) {
  return !cell.empty() && std::all_of(cell.begin(), cell.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == ',' || c == '.' || c == '-' || c == '+' || c == '%';
  });
}

// The length on screen: UTF-8 continuation bytes take no place.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

void print_indented(std::ostream& out, const json::value& value, std::size_t depth) {
  const std::string indent(2 * depth, ' ');
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out << "{\n";
    std::size_t left = object->size();
    for (const auto& member : *object) {
      out << indent << "  " << json::serialize(json::string_view(member.key())) << ": ";
      print_indented(out, member.value(), depth + 1);
      out << (--left == 0 ? "\n" : ",\n");
    }
    out << indent << '}';
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    out << "[\n";
    std::size_t left = array->size();
    for (const json::value& element : *array) {
      out << indent << "  ";
      print_indented(out, element, depth + 1);
      out << (--left == 0 ? "\n" : ",\n");
    }
    out << indent << ']';
  } else {
    out << json::serialize(value);
  }
}

}  // namespace

void Table::print(std::ostream& out) const {
  std::vector<std::size_t> widths;
  widths.reserve(header_.size());
  for (const std::string& cell : header_) {
    widths.push_back(width_of(cell));
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  }
  std::vector<bool> is_number_column(widths.size(), !rows_.empty());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      is_number_column[i] = is_number_column[i] && i < row.size() && is_number(row[i]);
    }
  }
  const auto print_row = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      const std::string padding(widths[i] - width_of(row[i]), ' ');
      line += is_number_column[i] ? padding + row[i] : row[i] + padding;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  if (std::any_of(header_.begin(), header_.end(), [](const std::string& cell) { return !cell.empty(); })) {
    print_row(header_);
  }
  for (const auto& row : rows_) {
    print_row(row);
  }
}

void print_json(std::ostream& out, const json::value& value) {
  print_indented(out, value, 0);
  out << '\n';
}

void print_error(Context& context, const base::Error& error) {
  if (context.is_json) {
    json::array fields;
    for (const base::FieldError& field : error.fields) {
      fields.push_back({{"pointer", field.pointer}, {"code", field.code}, {"detail", field.detail}});
    }
    json::object body{{"kind", base::name_of(error.kind)}, {"code", error.code}, {"message", error.message}};
    if (!fields.empty()) {
      body["errors"] = std::move(fields);
    }
    print_json(context.terminal.out, json::object{{"error", std::move(body)}});
    return;
  }
  fmt::print(context.terminal.err, "tallystick: {} [{}]\n", error.message, error.code);
  for (const base::FieldError& field : error.fields) {
    fmt::print(context.terminal.err, "  {}: {} [{}]\n", field.pointer, field.detail, field.code);
  }
}

std::string with_thousands(std::uint64_t number) {
  std::string digits = fmt::format("{}", number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) {
    digits.insert(i - 3, ",");
  }
  return digits;
}

}  // namespace tallystick::cli
