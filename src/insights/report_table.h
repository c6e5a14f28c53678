#pragma once
// A report as a description: sections of columns and rows. JSON, CSV and the tables of the terminal are drawn from it,
// so all three say the same. Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/money.h"
#include "base/time.h"

namespace tallystick::insights {

enum class ColumnKind : std::uint8_t {
  kText,
  kTexts,    // a list of codes
  kInteger,  // a count
  kDecimal,  // an exact decimal, as text: ratios, averages, shared conversions
  kBoolean,
  kTime,
  kMoney,  // amounts, one per currency
  kRate,   // money per something, one per currency
};
[[nodiscard]] std::string_view name_of(ColumnKind kind);

struct Column {
  std::string name;
  std::string title;
  ColumnKind kind = ColumnKind::kText;
  bool is_estimated = false;  // from sketches or a sample, not a count
};

// Money per something in one currency: "1.2345".
struct Rate {
  base::Currency currency;
  std::string value;

  friend bool operator==(const Rate&, const Rate&) = default;
};

using Texts = std::vector<std::string>;
using Amounts = std::vector<base::Money>;  // by currency, each once
using Rates = std::vector<Rate>;           // likewise
// std::monostate: there is no such figure (null, an empty field, "-").
using Cell = std::variant<std::monostate, bool, std::int64_t, std::string, Texts, base::Timestamp, Amounts, Rates>;
using Row = std::vector<Cell>;  // a cell per column

[[nodiscard]] Cell cell_of(std::optional<std::string> value);
// Text, or nothing when it is empty.
[[nodiscard]] Cell text_or_null(std::string_view text);

struct Section {
  std::string name;   // "by_day"
  std::string title;  // "By day"
  std::vector<Column> columns;
  std::vector<Row> rows;
  bool is_single = false;  // one row, an object in JSON: totals

  // Throws std::logic_error when the row has another number of cells than there are columns.
  void add(Row row);
};

// The first section is what CSV gives when nobody asks for another.
struct Report {
  std::string name;
  std::string title;
  std::vector<std::pair<std::string, Cell>> subject;  // what it is about: id, slug, name
  std::vector<Section> sections;
  std::vector<std::string> notes;          // sentences, for what a figure cannot say
  std::optional<std::string> next_cursor;  // reports in pages
  bool has_pages = false;

  [[nodiscard]] const Section* find_section(std::string_view section_name) const;
  // "by_placement.unique_users", ...
  [[nodiscard]] std::vector<std::string> estimated() const;
};

}  // namespace tallystick::insights
