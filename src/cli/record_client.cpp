#include "cli/record_client.h"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "base/encoding.h"
#include "cli/api_client.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxPageRecords = 500;
constexpr std::int64_t kMaxListed = 1'000'000;

// RFC 4180, section 2.
std::string csv_cell(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) {
    return text;
  }
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c);
  }
  return quoted + "\"";
}

void print_csv(std::ostream& out, const json::array& items, const std::vector<std::string>& columns) {
  const auto print_line = [&](const auto& cell_of) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      out << (i == 0 ? "" : ",") << csv_cell(cell_of(columns[i]));
    }
    out << "\r\n";
  };
  print_line([](const std::string& column) { return column; });
  for (const json::value& item : items) {
    print_line([&](const std::string& column) { return member_text(item, column); });
  }
}

void print_table(std::ostream& out, const json::array& items, const std::vector<std::string>& columns) {
  std::vector<std::string> header = columns;
  for (std::string& name : header) {
    std::ranges::replace(name, '_', ' ');
  }
  Table table(header);
  for (const json::value& item : items) {
    std::vector<std::string> row;
    row.reserve(columns.size());
    for (const std::string& column : columns) {
      row.push_back(member_text(item, column));
    }
    table.add(std::move(row));
  }
  table.print(out);
}

base::Result<json::array> load_all(ApiClient& api, const std::string& path, std::int64_t limit) {
  json::array all;
  std::string cursor;
  while (std::ssize(all) < limit) {
    const std::int64_t page_limit = std::min(limit - std::ssize(all), kMaxPageRecords);
    std::string target = fmt::format("{}{}limit={}", path, path.find('?') == std::string::npos ? '?' : '&', page_limit);
    if (!cursor.empty()) {
      target += "&cursor=" + base::percent_encode(cursor);
    }
    TALLY_ASSIGN(const json::value page, api.get(target));
    const json::object* object = page.if_object();
    const json::value* items = object == nullptr ? nullptr : object->if_contains("items");
    if (items == nullptr || !items->is_array()) {
      return base::fail(base::ErrorKind::kInternal, "bad_answer", "the server's answer is no list");
    }
    for (const json::value& item : items->get_array()) {
      all.push_back(item);
    }
    cursor = member_text(page, "next_cursor");
    if (cursor.empty()) {
      break;
    }
  }
  return all;
}

}  // namespace

std::string member_text(const json::value& record, std::string_view member) {
  const json::object* object = record.if_object();
  const json::value* value = object == nullptr ? nullptr : object->if_contains(member);
  if (value == nullptr || value->is_null()) {
    return "";
  }
  if (value->is_string()) {
    return std::string(value->get_string());
  }
  const json::array* list = value->if_array();
  const bool is_of_texts =
      list != nullptr && std::ranges::all_of(*list, [](const json::value& item) { return item.is_string(); });
  if (!is_of_texts) {
    return json::serialize(*value);
  }
  std::string text;
  for (const json::value& item : *list) {
    text += (text.empty() ? "" : " ") + std::string(item.get_string());
  }
  return text;
}

void ListOptions::add_to(Command command) {
  command.add_option("--limit", limit, "At most so many").in_range(1, static_cast<int>(kMaxListed)).show_default();
  command.add_flag("--csv", is_csv, "Print CSV");
}

void ChangeOptions::add_to(Command command, bool with_version) {
  command.add_option("--reason", reason, "Why, for the audit trail").type_name("TEXT");
  if (with_version) {
    command.add_option("--if-version", version, "Only if this is still the present version").type_name("NUMBER");
  }
}

std::string make_path(std::initializer_list<std::string_view> segments) {
  std::string path;
  for (const std::string_view segment : segments) {
    path += "/" + base::percent_encode(segment);
  }
  return path;
}

base::Result<int> list_records(Context& context,
                               const std::string& path,
                               const std::vector<std::string>& columns,
                               const ListOptions& options,
                               std::string_view empty_hint) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(json::array items, load_all(api, path, options.limit));
  if (context.is_json) {
    print_json(context.terminal.out, json::object{{"items", std::move(items)}});
  } else if (options.is_csv) {
    print_csv(context.terminal.out, items, columns);
  } else if (items.empty()) {
    fmt::print(context.terminal.out, "{}\n", empty_hint);
  } else {
    print_table(context.terminal.out, items, columns);
  }
  return kSuccess;
}

void print_record(Context& context, const json::value& record) {
  if (context.is_json || !record.is_object()) {
    print_json(context.terminal.out, record);
    return;
  }
  std::size_t width = 0;
  for (const auto& member : record.get_object()) {
    width = std::max(width, member.key().size());
  }
  for (const auto& member : record.get_object()) {
    fmt::print(context.terminal.out,
               "{:<{}}  {}\n",
               std::string_view(member.key().data(), member.key().size()),
               width,
               member_text(record, {member.key().data(), member.key().size()}));
  }
}

base::Result<int> show_record(Context& context, const std::string& path) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const json::value record, api.get(path));
  print_record(context, record);
  return kSuccess;
}

base::Result<int> change_record(Context& context,
                                ChangeMethod method,
                                const std::string& path,
                                const json::object& body,
                                const ChangeOptions& options,
                                std::string_view done) {
  if (method == ChangeMethod::kPatch && body.empty()) {
    return base::fail(base::ErrorKind::kInvalid, "bad_parameters", "name what shall change; --help lists the options");
  }
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  api.set_reason(options.reason);
  json::value record;
  if (method == ChangeMethod::kPost) {
    TALLY_ASSIGN(record, api.post(path, body));
  } else if (method == ChangeMethod::kPatch) {
    const auto version = options.version > 0 ? std::optional(options.version) : std::nullopt;
    TALLY_ASSIGN(record, api.patch(path, body, version));
  } else {
    TALLY_ASSIGN(record, api.remove(path));
  }
  if (record.is_null()) {
    if (context.is_json) {
      print_json(context.terminal.out, json::object{{"done", done}, {"path", path}});
    } else {
      fmt::print(context.terminal.out, "{}.\n", done);
    }
    return kSuccess;
  }
  if (!context.is_json) {
    fmt::print(context.terminal.out, "{}.\n\n", done);
  }
  print_record(context, record);
  return kSuccess;
}

}  // namespace tallystick::cli
