#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "base/encoding.h"
#include "base/money.h"
#include "cli/api_client.h"
#include "cli/command_line.h"
#include "cli/context.h"
#include "cli/output.h"
#include "cli/partner_report_commands.h"
#include "cli/progress.h"
#include "settlement/import_json.h"
#include "settlement/import_preview.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kPieceBytes = 8UZ * 1024 * 1024;
constexpr std::size_t kShownRejections = 20;
constexpr int kWaitSeconds = 2;  // of one question; the answer has the progress

struct ReportImportArguments {
  std::string file;
  std::string partner;
  std::string profile;
  std::string currency = "USD";
  std::string time_zone = "UTC";
  bool is_dry_run = false;
};

std::string partner_path(const ReportImportArguments& arguments) {
  return "/api/partners/" + base::percent_encode(arguments.partner) + "/reports";
}

// In pieces, so that neither side holds the whole.
base::Result<json::value> upload_report(Context& context, ApiClient& api, const ReportImportArguments& arguments) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(arguments.file, error);
  std::ifstream in(arguments.file, std::ios::binary);
  if (error || !in) {
    return base::fail(base::ErrorKind::kNotFound, "file_not_found", fmt::format("{} cannot be read", arguments.file));
  }
  json::object description{{"file_name", std::filesystem::path(arguments.file).filename().string()}};
  if (!arguments.profile.empty()) {
    description["profile"] = arguments.profile;
  }
  TALLY_ASSIGN(const json::value upload, api.post(partner_path(arguments) + "/uploads", description));
  const std::string path = partner_path(arguments) + "/uploads/" + std::string(upload.at("id").as_string());
  Progress progress(context.terminal, context.clock, "Uploading");
  std::uint64_t sent = 0;
  while (sent < size) {
    std::string piece(static_cast<std::size_t>(std::min(kPieceBytes, size - sent)), '\0');
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (in.gcount() != static_cast<std::streamsize>(piece.size())) {
      return base::fail(base::ErrorKind::kUnavailable,
                        "file_changed",
                        fmt::format("{} became shorter while it was read; try again", arguments.file));
    }
    const std::uint64_t bytes = piece.size();
    TALLY_ASSIGN([[maybe_unused]] const json::value received,
                 api.send_bytes(http::Method::kPut, fmt::format("{}/{}", path, sent), std::move(piece)));
    sent += bytes;
    progress.update(sent, size);
  }
  return api.post(path + "/complete", json::object());
}

bool is_under_way(const json::value& import) {
  const auto& state = import.at("state").as_string();
  return state == "waiting" || state == "running";
}

base::Result<json::value> await_import(Context& context,
                                       ApiClient& api,
                                       const ReportImportArguments& arguments,
                                       json::value import) {
  Progress progress(context.terminal, context.clock, "Importing");
  const std::string path = partner_path(arguments) + "/" + std::string(import.at("id").as_string());
  while (is_under_way(import)) {
    TALLY_ASSIGN(import, api.get(fmt::format("{}?wait={}", path, kWaitSeconds)));
    if (const json::value* known = import.as_object().if_contains("progress")) {
      progress.update(static_cast<std::uint64_t>(known->at("done").as_int64()),
                      static_cast<std::uint64_t>(known->at("total").as_int64()));
    }
  }
  return import;
}

void print_rejections(std::ostream& out, const json::array& rejections, std::int64_t all) {
  if (rejections.empty()) {
    return;
  }
  fmt::print(out, "\nRejected lines:\n");
  Table table({"line", "code", "reason"});
  for (const json::value& rejection : rejections) {
    table.add({fmt::format("{}", rejection.at("line").as_int64()),
               std::string(rejection.at("code").as_string()),
               std::string(rejection.at("reason").as_string())});
  }
  table.print(out);
  if (all > std::ssize(rejections)) {
    fmt::print(out, "... and {} more\n", all - std::ssize(rejections));
  }
}

void print_evidence(std::ostream& out, const json::object& evidence) {
  fmt::print(out,
             "Profile {} ({}), {}, delimiter {}, header in line {}",
             std::string_view(evidence.at("profile").as_string()),
             std::string_view(evidence.at("profile_origin").as_string()),
             std::string_view(evidence.at("encoding").as_string()),
             std::string_view(evidence.at("delimiter").as_string()),
             evidence.at("header_line").as_int64());
  if (const json::value* mark = evidence.if_contains("decimal_mark")) {
    fmt::print(out,
               ", decimal {} ({})",
               std::string_view(mark->as_string()),
               std::string_view(evidence.at("decimal_mark_because").as_string()));
  }
  fmt::print(out, "\n");
  for (const auto& [field, column] : evidence.at("columns").as_object()) {
    fmt::print(out, "  {:<18} {}\n", std::string_view(field), std::string_view(column.as_string()));
  }
}

void print_warnings(std::ostream& out, const json::array& warnings) {
  for (const json::value& warning : warnings) {
    fmt::print(out, "Warning: {}\n", std::string_view(warning.at("message").as_string()));
  }
}

base::Result<int> preview_report(Context& context, const ReportImportArguments& arguments) {
  TALLY_ASSIGN(const base::Config config, context.load_config());
  TALLY_ASSIGN(const auto library, settlement::ProfileLibrary::load(config.text("settlement.profile_directory")));
  TALLY_ASSIGN(const auto source, tabular::FileSource::open(arguments.file));
  settlement::PartnerTerms terms;
  terms.network = "generic";  // whichever it is, the file shows it
  TALLY_ASSIGN(terms.currency, base::parse_currency(arguments.currency));
  terms.time_zone = arguments.time_zone;
  TALLY_ASSIGN(
      const settlement::ImportPreview preview,
      settlement::preview_import(
          *source, library, terms, arguments.profile, config.integer("settlement.max_report_rows"), kShownRejections));
  json::array rejections;
  for (const auto& rejection : preview.rejections) {
    rejections.push_back(settlement::to_json(rejection));
  }
  const json::object counts{{"rows", preview.counts.rows},
                            {"good", preview.counts.added},
                            {"duplicate", preview.counts.duplicate},
                            {"rejected", preview.counts.rejected},
                            {"ignored", preview.counts.ignored}};
  const json::array warnings = settlement::to_json(preview.warnings);
  std::ostream& out = context.terminal.out;
  if (context.is_json) {
    print_json(out,
               json::object{{"is_dry_run", true},
                            {"counts", counts},
                            {"evidence", preview.evidence},
                            {"warnings", warnings},
                            {"rejections", rejections}});
    return kSuccess;
  }
  print_evidence(out, preview.evidence);
  fmt::print(out,
             "\nNothing was imported. {} rows: {} good, {} duplicate, {} rejected; {} other lines.\n",
             preview.counts.rows,
             preview.counts.added,
             preview.counts.duplicate,
             preview.counts.rejected,
             preview.counts.ignored);
  print_warnings(out, warnings);
  print_rejections(out, rejections, preview.counts.rejected);
  return kSuccess;
}

base::Result<int> import_report(Context& context, const ReportImportArguments& arguments) {
  if (arguments.is_dry_run) {
    return preview_report(context, arguments);
  }
  if (arguments.partner.empty()) {
    return base::fail(base::ErrorKind::kInvalid, "no_partner", "say whose report it is: --partner acme");
  }
  TALLY_ASSIGN(ApiClient api, ApiClient::make(context));
  TALLY_ASSIGN(json::value import, upload_report(context, api, arguments));
  TALLY_ASSIGN(import, await_import(context, api, arguments, std::move(import)));
  const json::object& result = import.as_object();
  std::ostream& out = context.terminal.out;
  if (context.is_json) {
    print_json(out, import);
  }
  if (const json::value* error = result.if_contains("error")) {
    return base::fail(base::ErrorKind::kUnprocessable,
                      std::string(error->at("code").as_string()),
                      std::string(error->at("message").as_string()));
  }
  if (context.is_json) {
    return kSuccess;
  }
  print_evidence(out, result.at("evidence").as_object());
  const auto count = [&](std::string_view name) {
    return result.at("counts").at(name).as_int64();
  };
  fmt::print(out,
             "\nImported {} rows: {} new, {} changed, {} unchanged, {} duplicate, {} rejected.\nImport {}\n",
             count("rows"),
             count("new"),
             count("changed"),
             count("unchanged"),
             count("duplicate"),
             count("rejected"),
             std::string_view(result.at("id").as_string()));
  print_warnings(out, result.at("warnings").as_array());
  if (count("rejected") > 0) {
    TALLY_ASSIGN(const json::value page,
                 api.get(fmt::format("{}/{}/rejections?limit={}",
                                     partner_path(arguments),
                                     std::string_view(result.at("id").as_string()),
                                     kShownRejections)));
    print_rejections(out, page.at("items").as_array(), count("rejected"));
  }
  return kSuccess;
}

}  // namespace

void add_report_import_command(Command report, Context& context) {
  const auto arguments = std::make_shared<ReportImportArguments>();
  Command command = report.add_subcommand("import", "Import a partner's report");
  command.footer(
      "The network is recognised by the header. The same file twice changes nothing.\n\nExamples:\n  tallystick report "
      "import november.csv --partner acme\n  tallystick report import november.csv --dry-run --time-zone "
      "America/Los_Angeles\n  tallystick report import export.txt --partner acme --profile shareasale --json");
  command.add_option("FILE", arguments->file, "CSV, or columns parted by semicolons, tabs or bars").required();
  command.add_option("--partner", arguments->partner, "Whose report it is: slug or id");
  command.add_option("--profile", arguments->profile, "Read it with this profile, whatever its header looks like");
  command.add_flag("--dry-run", arguments->is_dry_run, "Only look at the file, here, without a server");
  command.add_option("--currency", arguments->currency, "With --dry-run: of amounts for which the file names none")
      .show_default();
  command.add_option("--time-zone", arguments->time_zone, "With --dry-run: of the report's days (IANA)").show_default();
  command.set_action(context, [&context, arguments] { return import_report(context, *arguments); });
}

}  // namespace tallystick::cli
