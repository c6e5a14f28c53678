#include "settlement/profile.h"

#include <algorithm>
#include <cctype>

namespace tallystick::settlement {
namespace {

constexpr auto kFieldNames = std::to_array<std::string_view>(
    {"transaction_id", "order_id",          "sub_id", "occurred",   "occurred_time", "booked",   "booked_time",
     "clicked",        "clicked_time",      "amount", "commission", "currency",      "status",   "advertiser",
     "item",           "correction_reason", "voided", "locked",     "paid",          "reversed", "clicks"});
static_assert(kFieldNames.size() == kFieldCount);

// Symbols of more than one currency stand for none of them, but belong to no name either.
constexpr auto kUnitSymbols = std::to_array<std::string_view>({"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5"});

// What stands in parentheses at the end of a name, when it is a unit; else nothing.
struct Unit {
  bool is_one = false;
  std::optional<base::Currency> currency = {};
};

Unit parse_unit(std::string_view text) {
  if (text == kUnitSymbols[1]) {
    return {true, *base::parse_currency("EUR")};
  }
  if (text == kUnitSymbols[2]) {
    return {true, *base::parse_currency("GBP")};
  }
  if (std::ranges::find(kUnitSymbols, text) != kUnitSymbols.end()) {
    return {true, std::nullopt};
  }
  if (const auto currency = base::parse_currency(text)) {
    return {true, *currency};
  }
  return {};
}

}  // namespace

std::string_view name_of(Field field) {
  return kFieldNames[static_cast<std::size_t>(field)];
}

std::optional<Field> find_field(std::string_view name) {
  const auto* found = std::ranges::find(kFieldNames, name);
  return found == kFieldNames.end() ? std::nullopt : std::optional(static_cast<Field>(found - kFieldNames.begin()));
}

std::string_view name_of(ReportKind kind) {
  return kind == ReportKind::kClicks ? "clicks" : "commissions";
}

std::string normal_form(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalnum(byte) != 0) {
      out += static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte);
    }
  }
  return out;
}

ColumnName parse_column_name(std::string_view text) {
  while (text.ends_with(' ')) {
    text.remove_suffix(1);
  }
  const std::size_t open = text.rfind('(');
  if (text.ends_with(')') && open != std::string_view::npos && open > 0) {
    const Unit unit = parse_unit(text.substr(open + 1, text.size() - open - 2));
    if (unit.is_one) {
      return {normal_form(text.substr(0, open)), unit.currency};
    }
  }
  return {normal_form(text), std::nullopt};
}

}  // namespace tallystick::settlement
