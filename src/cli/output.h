#pragma once
// What commands print: tables for people, JSON for programs, errors for both.

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "cli/context.h"

namespace tallystick::cli {

// Columns are as wide as their widest cell; numbers stand at the right.
class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] bool is_empty() const { return rows_.empty(); }
  void print(std::ostream& out) const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

// Indented, with a line end.
void print_json(std::ostream& out, const boost::json::value& value);

// To standard error; as a JSON object to standard output with --json.
void print_error(Context& context, const base::Error& error);

// 1234567 to "1,234,567".
[[nodiscard]] std::string with_thousands(std::uint64_t number);

}  // namespace tallystick::cli
