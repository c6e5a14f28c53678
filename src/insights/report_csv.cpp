#include "insights/report_csv.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <type_traits>

#include <fmt/format.h>

#include "base/csv.h"

namespace tallystick::insights {
namespace {

// A column of the file: of a money column there are several.
struct Field {
  std::size_t column = 0;
  std::string name;
  std::string currency = {};  // money and rates
  bool is_minor = false;
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::set<std::string> currencies_in(const Section& section, std::size_t column) {
  std::set<std::string> currencies;
  for (const Row& row : section.rows) {
    if (const auto* amounts = std::get_if<Amounts>(&row[column])) {
      for (const base::Money& money : *amounts) {
        currencies.emplace(money.currency.text());
      }
    } else if (const auto* rates = std::get_if<Rates>(&row[column])) {
      for (const Rate& rate : *rates) {
        currencies.emplace(rate.currency.text());
      }
    }
  }
  return currencies;
}

std::vector<Field> fields_of(const Section& section) {
  std::vector<Field> fields;
  for (std::size_t i = 0; i < section.columns.size(); ++i) {
    const Column& column = section.columns[i];
    if (column.kind != ColumnKind::kMoney && column.kind != ColumnKind::kRate) {
      fields.push_back({i, column.name});
      continue;
    }
    for (const std::string& currency : currencies_in(section, i)) {
      const std::string name = fmt::format("{}_{}", column.name, lower(currency));
      if (column.kind == ColumnKind::kMoney) {
        fields.push_back({i, name + "_minor", currency, true});
      }
      fields.push_back({i, name, currency});
    }
  }
  return fields;
}

// Of the field's currency; nothing of another one.
template <typename Parts>
std::string text_of_parts(const Parts& parts, const Field& field) {
  const auto part = std::ranges::find_if(parts, [&](const auto& one) { return one.currency.text() == field.currency; });
  if (part == parts.end()) {
    return "";
  }
  if constexpr (std::is_same_v<Parts, Amounts>) {
    return field.is_minor ? fmt::format("{}", part->amount_minor) : base::format_amount(*part);
  } else {
    return part->value;
  }
}

std::string text_of(const Cell& cell, const Field& field) {
  return std::visit(
      [&field](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return "";
        } else if constexpr (std::is_same_v<T, bool>) {
          return value ? "true" : "false";
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return fmt::format("{}", value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return base::csv_field(value);
        } else if constexpr (std::is_same_v<T, Texts>) {
          return base::csv_field(fmt::format("{}", fmt::join(value, " ")));
        } else if constexpr (std::is_same_v<T, base::Timestamp>) {
          return base::format_rfc3339(value);
        } else {
          return text_of_parts(value, field);
        }
      },
      cell);
}

}  // namespace

std::string to_csv(const Section& section) {
  const auto fields = fields_of(section);
  std::string out;
  for (const Field& field : fields) {
    out.append(out.empty() ? "" : ",").append(field.name);
  }
  out += base::kCsvLineEnd;
  for (const Row& row : section.rows) {
    bool is_first = true;
    for (const Field& field : fields) {
      if (!is_first) {
        out += ',';
      }
      is_first = false;
      out += text_of(row[field.column], field);
    }
    out += base::kCsvLineEnd;
  }
  return out;
}

}  // namespace tallystick::insights
