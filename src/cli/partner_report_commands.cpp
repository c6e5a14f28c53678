#include "cli/partner_report_commands.h"

#include <memory>
#include <ostream>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "base/encoding.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/context.h"
#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

struct ReportListArguments {
  std::string partner;
  std::int64_t limit = 50;
};

std::string count_text(const json::value& import, std::string_view name) {
  return with_thousands(static_cast<std::uint64_t>(import.at("counts").at(name).as_int64()));
}

base::Result<int> list_reports(Context& context, const ReportListArguments& arguments) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const json::value page,
               api.get(fmt::format(
                   "/api/partners/{}/reports?limit={}", base::percent_encode(arguments.partner), arguments.limit)));
  if (context.is_json) {
    print_json(context.terminal.out, page);
    return kSuccess;
  }
  const json::array& items = page.at("items").as_array();
  if (items.empty()) {
    fmt::print(context.terminal.out,
               "No report of {0} was imported yet: tallystick report import FILE --partner {0}\n",
               arguments.partner);
    return kSuccess;
  }
  Table table({"id", "imported", "state", "profile", "rows", "new", "changed", "unchanged", "rejected", "file"});
  for (const json::value& item : items) {
    table.add({std::string(item.at("id").as_string()),
               std::string(item.at("created_at").as_string()),
               std::string(item.at("state").as_string()),
               std::string(item.at("profile").as_string()),
               count_text(item, "rows"),
               count_text(item, "new"),
               count_text(item, "changed"),
               count_text(item, "unchanged"),
               count_text(item, "rejected"),
               std::string(item.at("file").at("name").as_string())});
  }
  table.print(context.terminal.out);
  return kSuccess;
}

base::Result<int> list_report_profiles(Context& context) {
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(const json::value profiles, api.get("/api/report-profiles"));
  if (context.is_json) {
    print_json(context.terminal.out, profiles);
    return kSuccess;
  }
  Table table({"name", "network", "kind", "origin", "title"});
  for (const json::value& item : profiles.at("items").as_array()) {
    table.add({std::string(item.at("name").as_string()),
               std::string(item.at("network").as_string()),
               std::string(item.at("kind").as_string()),
               std::string(item.at("origin").as_string()),
               std::string(item.at("title").as_string())});
  }
  table.print(context.terminal.out);
  return kSuccess;
}

}  // namespace

void add_partner_report_commands(Command report, Context& context) {
  add_report_import_command(report, context);
  const auto arguments = std::make_shared<ReportListArguments>();
  Command list = report.add_subcommand("list", "List the imported reports of a partner, newest first");
  list.footer("Examples:\n  tallystick report list --partner acme\n  tallystick report list --partner acme --json");
  list.add_option("--partner", arguments->partner, "Its slug or id").required();
  list.add_option("--limit", arguments->limit, "At most so many").in_range(1, 500).show_default();
  list.set_action(context, [&context, arguments] { return list_reports(context, *arguments); });

  Command profiles = report.add_subcommand("profiles", "List the report profiles that the server knows");
  profiles.footer("Examples:\n  tallystick report profiles\n  tallystick report profiles --json");
  profiles.set_action(context, [&context] { return list_report_profiles(context); });
}

}  // namespace tallystick::cli
