#include "cli/settle_command.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "access/audit.h"
#include "access/service.h"
#include "base/file.h"
#include "cli/local_stores.h"
#include "cli/offline_stores.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/settle_claims.h"
#include "cli/settle_files.h"
#include "cli/settle_networks.h"
#include "cli/settle_plan.h"
#include "cli/settle_report.h"
#include "cli/settle_server.h"
#include "cli/settle_world.h"

namespace tallystick::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMonthSettlesUs = 3 * base::kMicrosPerDay;
constexpr std::uint64_t kSettlePeople = 2'000;

base::Date next_month(base::Date first) {
  const std::string text = base::format_date(first + 31);
  return base::parse_date(text.substr(0, 8) + "01").value();
}

base::Date this_month(base::Date day) {
  return base::parse_date(base::format_date(day).substr(0, 8) + "01").value();
}

// A made-up month is nothing to put beside real records, so that its place has to be named, or is one of its own.
base::Result<base::Config> load_settle_config(const Context& context, const SettleOptions& options, base::Date month) {
  Context own{context.terminal, context.environment};
  own.config_file = context.config_file;
  own.data_directory = context.data_directory;
  if (own.data_directory.empty() && !own.variable("TALLYSTICK_DATA_DIRECTORY")) {
    own.data_directory = fmt::format("tallystick-settle-{}-{}", base::format_date(month).substr(0, 7), options.seed);
  }
  const auto set = [&own](std::string name, std::string value) {
    std::erase_if(own.environment, [&](const auto& pair) { return pair.first == name; });
    own.environment.emplace_back(std::move(name), std::move(value));
  };
  set("TALLYSTICK_HTTP_ADDRESS", "127.0.0.1");
  set("TALLYSTICK_HTTP_PORT", "0");
  TALLY_ASSIGN(base::Config config, own.load_config());
  if (config.text("log.file").empty()) {
    set("TALLYSTICK_LOG_FILE", (fs::path(config.text("data.directory")) / "demo.log").string());
    return own.load_config();
  }
  return config;
}

// An administrator's key for the demo and for who looks around in it afterwards.
base::Result<std::string> make_settle_key(Context& context, OfflineStores& stores, const fs::path& file) {
  access::AuditLog audit(context.clock, context.random);
  access::KeyService keys(*stores.database, audit, context.clock, context.random);
  TALLY_ASSIGN(const std::optional<access::NewApiKey> first, keys.create_first_admin_key());
  std::string secret = first ? first->secret : "";
  if (!first) {
    TALLY_ASSIGN(const access::NewApiKey made,
                 keys.create({.name = "demo --settle", .scopes = {"admin"}}, cli_change(context, "demo --settle")));
    secret = made.secret;
  }
  TALLY_TRY(base::write_file_atomically(file, secret + "\n", 0600));
  return secret;
}

class Settlement {
 public:
  Settlement(Context& context, const SettleOptions& options, SettleSettings settings, const base::Config& config)
      : context_(context), settings_(std::move(settings)), config_(config), data_(config.text("data.directory")) {
    report_.seed = options.seed;
    report_.month = base::format_date(settings_.first_day).substr(0, 7);
    report_.data_directory = data_.root().string();
    report_.reports_directory = (data_.root() / "settle-reports").string();
    report_.key_file = (data_.keys() / "settle.key").string();
  }

  base::Result<SettleReport> run() {
    const std::int64_t start_us = context_.clock.monotonic_us();
    TALLY_ASSIGN(plan_, make_settle_plan(settings_));
    TALLY_TRY(write_past());
    TALLY_TRY(write_files());
    TALLY_ASSIGN(SettleServer server, SettleServer::start(config_, key_));
    const base::Result<void> settled = settle(server);
    server.stop();
    TALLY_TRY(settled);
    report_.seconds = static_cast<double>(context_.clock.monotonic_us() - start_us) / 1e6;
    return std::move(report_);
  }

 private:
  base::Result<void> write_past() {
    TALLY_ASSIGN(OfflineStores stores, open_offline_stores(context_, config_));
    access::AuditLog audit(context_.clock, context_.random);
    partners::PartnerService partners(*stores.database, audit, context_.clock, context_.random);
    exposure::ExposureService exposure(*stores.database, audit, context_.clock, context_.random);
    TALLY_ASSIGN(const HistoryWorld world,
                 make_settle_world(plan_, partners, exposure, cli_change(context_, "demo --settle")));
    TALLY_ASSIGN(key_, make_settle_key(context_, stores, report_.key_file));
    const auto pepper = stores.key_ring->signer(crypto::KeyPurpose::kPepper).key;
    const HistoryPeople people(settings_.seed, kSettlePeople, *pepper);
    const std::uint64_t size_before = stores.journal->size();
    Progress progress(context_.terminal, context_.clock, "writing");
    TALLY_ASSIGN(report_.traffic,
                 write_settle_traffic(*stores.journal,
                                      world,
                                      plan_,
                                      settings_,
                                      people,
                                      context_.random,
                                      [&](std::uint64_t done, std::uint64_t all) {
                                        progress.update(done, all, with_thousands(done) + " records");
                                      }));
    log_size_ = size_before + report_.traffic.records;
    TALLY_ASSIGN([[maybe_unused]] const std::string checkpoint, stores.journal->make_checkpoint());
    return {};
  }

  base::Result<void> write_files() {
    TALLY_TRY(base::make_folder(report_.reports_directory, 0700));
    for (std::size_t i = 0; i < kSettleNetworks; ++i) {
      TALLY_ASSIGN(const base::TimeZone zone, base::TimeZone::find(settle_networks()[i].time_zone));
      files_.push_back(make_settle_files(plan_, i, settings_, zone));
      for (const SettleFile& file : files_.back()) {
        TALLY_TRY(base::write_file_atomically(fs::path(report_.reports_directory) / file.name, file.bytes, 0600));
      }
    }
    return {};
  }

  base::Result<void> settle(SettleServer& server) {
    {
      Progress progress(context_.terminal, context_.clock, "loading");
      TALLY_TRY(server.wait_for_warehouse(log_size_, context_.clock, [&](std::uint64_t loaded) {
        progress.update(loaded, log_size_, with_thousands(loaded) + " records in the warehouse");
      }));
    }
    Progress progress(context_.terminal, context_.clock, "settling");
    SettleClaims claims(server.api(), context_.clock, plan_, settings_);
    for (std::size_t i = 0; i < kSettleNetworks; ++i) {
      const std::string slug(settle_networks()[i].slug);
      progress.update(2 * i, 2 * kSettleNetworks, "importing the reports of " + slug);
      TALLY_TRY(claims.import(i, files_[i], report_));
      progress.update(2 * i + 1, 2 * kSettleNetworks, "reconciling with " + slug);
      TALLY_TRY(claims.reconcile(i, report_));
    }
    return {};
  }

  Context& context_;
  SettleSettings settings_;
  const base::Config& config_;
  server::DataDirectory data_;
  SettlePlan plan_;
  std::vector<std::vector<SettleFile>> files_;  // by network
  std::string key_;
  std::uint64_t log_size_ = 0;
  SettleReport report_;
};

}  // namespace

base::Result<SettleMonth> parse_settle_month(std::string_view text, base::Timestamp now) {
  TALLY_ASSIGN(const base::TimeZone utc, base::TimeZone::find("UTC"));
  SettleMonth month;
  if (text.empty()) {
    month.first = this_month(this_month(utc.day_of(now - kMonthSettlesUs)) + -1);
  } else if (const auto first = base::parse_date(std::string(text) + "-01"); first && text.size() == 7) {
    month.first = *first;
  } else {
    return base::fail(base::ErrorKind::kInvalid, "bad_month", "write the month as 2026-10");
  }
  month.last = next_month(month.first) + -1;
  if (utc.start_of(month.last + 1) + kMonthSettlesUs > now) {
    return base::fail(base::ErrorKind::kInvalid,
                      "month_not_over",
                      "choose a month that ended three days ago or earlier: its late rows come after it");
  }
  return month;
}

base::Result<int> run_settlement(Context& context, const SettleOptions& options) {
  const base::Timestamp now = context.clock.now();
  TALLY_ASSIGN(const SettleMonth month, parse_settle_month(options.month, now));
  TALLY_ASSIGN(const base::Config config, load_settle_config(context, options, month.first));
  SettleSettings settings{.seed = options.seed,
                          .first_day = month.first,
                          .last_day = month.last,
                          .conversions = options.conversions,
                          .our_time_zone = config.text("reports.time_zone"),
                          .until = now};
  TALLY_ASSIGN(const SettleReport report, Settlement(context, options, std::move(settings), config).run());
  print_settle_report(context, report);
  return report.differences() == 0 ? kSuccess : kFailure;
}

}  // namespace tallystick::cli
