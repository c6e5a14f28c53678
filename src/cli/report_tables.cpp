#include "cli/report_tables.h"

#include <algorithm>
#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

// Columns for programs: a terminal has no room for them.
constexpr auto kDetails = std::to_array<std::string_view>({"occurred_at",
                                                           "score",
                                                           "rules_version",
                                                           "consent_analytics",
                                                           "consent_marketing",
                                                           "session",
                                                           "agent_class",
                                                           "country",
                                                           "sequence"});

std::string_view report_text(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string_view(member->get_string()) : std::string_view();
}

std::string cell_text(const json::value& value) {
  if (value.is_null()) {
    return "-";
  }
  if (value.is_string()) {
    return std::string(value.get_string());
  }
  if (const auto* list = value.if_array()) {
    std::string text;
    for (const json::value& part : *list) {
      text += text.empty() ? "" : ", ";
      if (const auto* money = part.if_object()) {
        text += fmt::format("{} {}", report_text(*money, "amount"), report_text(*money, "currency"));
      } else {
        text += cell_text(part);
      }
    }
    return text.empty() ? "-" : text;
  }
  if (value.is_int64() && value.get_int64() >= 0) {
    return with_thousands(static_cast<std::uint64_t>(value.get_int64()));
  }
  return json::serialize(value);
}

struct Shown {
  std::string name;
  std::string title;
};

std::vector<Shown> shown_columns(const json::object& report,
                                 std::string_view section,
                                 const json::object& description) {
  std::vector<std::string> estimated;
  for (const json::value& name : report.at("estimated").as_array()) {
    estimated.emplace_back(name.as_string());
  }
  std::vector<Shown> shown;
  for (const json::value& column : description.at("columns").as_array()) {
    const std::string name(report_text(column.as_object(), "name"));
    if ((name.ends_with("_id") && name != "event_id") || std::ranges::find(kDetails, name) != kDetails.end()) {
      continue;
    }
    const bool is_estimated = std::ranges::find(estimated, fmt::format("{}.{}", section, name)) != estimated.end();
    shown.push_back(
        {name, std::string(is_estimated ? "~" : "") + std::string(report_text(column.as_object(), "title"))});
  }
  return shown;
}

// A row per figure: totals are too wide for a line.
void print_single(std::ostream& out, const std::vector<Shown>& columns, const json::object& row) {
  Table table({"", ""});
  for (const Shown& column : columns) {
    table.add({"  " + column.title, cell_text(row.at(column.name))});
  }
  table.print(out);
}

void print_rows(std::ostream& out, const std::vector<Shown>& columns, const json::array& rows) {
  std::vector<std::string> header;
  for (const Shown& column : columns) {
    header.push_back(column.title);
  }
  Table table(std::move(header));
  for (const json::value& row : rows) {
    std::vector<std::string> cells;
    for (const Shown& column : columns) {
      cells.push_back(cell_text(row.at(column.name)));
    }
    table.add(std::move(cells));
  }
  table.print(out);
  if (rows.empty()) {
    fmt::print(out, "(nothing in this period)\n");
  }
}

void print_heading(std::ostream& out, const json::object& report) {
  std::string title(report_text(report, "title"));
  for (const std::string_view kind : {"partner", "merchant", "placement"}) {
    if (const auto name = report_text(report, std::string(kind) + "_name"); !name.empty()) {
      title += fmt::format(" - {}", name);
    }
  }
  const json::object& period = report.at("period").as_object();
  const std::string_view first = report_text(period, "first_day");
  const std::string_view last = report_text(period, "last_day");
  fmt::print(out,
             "{}\n{} to {}, {}, {}{}{}\n",
             title,
             first.empty() ? report_text(period, "from") : first,
             last.empty() ? report_text(period, "to") : last,
             report_text(period, "time_zone"),
             report_text(report, "basis"),
             report.contains("model") ? ", model " : "",
             report_text(report, "model"));
}

void print_freshness(std::ostream& out, const json::object& report) {
  const json::object& as_of = report.at("as_of").as_object();
  for (const json::value& log : as_of.at("logs").as_array()) {
    fmt::print(out,
               "Includes the first {} records of log {}, received up to {}.\n",
               cell_text(log.at("sequence")),
               json::serialize(log.at("log_id")),
               cell_text(log.at("received_at")));
  }
  if (const json::value& lag = as_of.at("lag_records"); !lag.is_null()) {
    fmt::print(out, "Records that are not in the figures yet: {}.\n", cell_text(lag));
  }
  if (!report.at("estimated").as_array().empty()) {
    fmt::print(out, "~ is an estimate; --exact recounts.\n");
  }
}

}  // namespace

void print_section(std::ostream& out, const json::object& report, std::string_view name) {
  const json::value* section = report.if_contains(name);
  const json::value* description = report.at("columns").as_object().if_contains(name);
  if (section == nullptr || description == nullptr) {
    return;
  }
  const auto columns = shown_columns(report, name, description->as_object());
  fmt::print(out, "\n{}\n", report_text(description->as_object(), "title"));
  if (const auto* row = section->if_object()) {
    print_single(out, columns, *row);
  } else if (const auto* rows = section->if_array()) {
    print_rows(out, columns, *rows);
  }
}

void print_report(std::ostream& out, const json::object& report) {
  print_heading(out, report);
  for (const auto& section : report.at("columns").as_object()) {
    print_section(out, report, section.key());
  }
  fmt::print(out, "\n");
  for (const json::value& note : report.at("notes").as_array()) {
    fmt::print(out, "Note: {}.\n", std::string_view(note.as_string()));
  }
  if (const json::value* cursor = report.if_contains("next_cursor"); cursor != nullptr && cursor->is_string()) {
    fmt::print(out, "More: --cursor {}\n", std::string_view(cursor->get_string()));
  }
  print_freshness(out, report);
}

}  // namespace tallystick::cli
