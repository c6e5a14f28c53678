#include "cli/history_command.h"

#include <charconv>
#include <memory>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "access/audit.h"
#include "base/file.h"
#include "cli/history_report.h"
#include "cli/history_run.h"
#include "cli/history_world.h"
#include "cli/local_stores.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "crypto/ed25519.h"
#include "crypto/key_ring.h"
#include "journal/journal.h"
#include "server/data_directory.h"
#include "server/options.h"

namespace tallystick::cli {
namespace {

constexpr std::int64_t kMaxPeriodHours = 24LL * 3'660;

base::Result<HistorySettings> read_settings(const Context& context, const HistoryOptions& options) {
  HistorySettings settings{.seed = options.seed, .from = {}, .until = context.clock.now(), .events = options.events};
  if (!options.until.empty()) {
    TALLY_ASSIGN(settings.until, base::parse_rfc3339(options.until));
    if (settings.until > context.clock.now()) {
      return base::fail(base::ErrorKind::kInvalid, "bad_timestamp", "--until lies in the future");
    }
  }
  TALLY_ASSIGN(const std::int64_t period_us, parse_period_us(options.period));
  settings.from = settings.until - period_us;
  if (settings.from.us < 0) {
    return base::fail(base::ErrorKind::kInvalid, "bad_period", "the history would begin before 1970");
  }
  return settings;
}

// What the server opens at its start; the journal before everything else, because its lock says whether the server
// runs.
struct Stores {
  base::Config config;
  server::DataDirectory data;
  std::unique_ptr<crypto::Ed25519Key> log_key = {};
  std::unique_ptr<crypto::KeyRing> key_ring = {};
  std::unique_ptr<journal::Journal> journal = {};
  std::unique_ptr<records::Database> database = {};

  base::Result<void> open(Context& context) {
    TALLY_TRY(base::make_folder(data.root(), 0700));
    TALLY_TRY(base::make_folder(data.keys(), 0700));
    TALLY_ASSIGN(const crypto::Ed25519Seed seed, crypto::load_or_make_seed(data.log_key_file(), context.random));
    log_key = std::make_unique<crypto::Ed25519Key>(seed);
    journal::Options options = server::journal_options(config, data);
    // A crash of the machine may cost the last moments of a history, which can be written again.
    options.sync = journal::SyncMode::kInterval;
    auto opened = journal::Journal::open(options, context.clock, context.random, *log_key);
    if (!opened && opened.error().code == "journal_locked") {
      opened.error().message = "A server runs on this data directory. Stop it first, or name another with --data.";
    }
    TALLY_ASSIGN(journal, std::move(opened));
    TALLY_ASSIGN(key_ring, crypto::KeyRing::open(data.key_ring_file(), context.clock, context.random));
    TALLY_ASSIGN(database, records::Database::open(server::database_options(config, data)));
    TALLY_ASSIGN([[maybe_unused]] const int version, database->migrate(context.clock.now()));
    return {};
  }
};

base::Result<HistoryWorld> make_world(Context& context, Stores& stores) {
  access::AuditLog audit(context.clock, context.random);
  partners::PartnerService partners(*stores.database, audit, context.clock, context.random);
  exposure::ExposureService exposure(*stores.database, audit, context.clock, context.random);
  return make_history_world(partners, exposure, cli_change(context, "demo --history"));
}

// Retention erases in the order of the log: old records behind young ones wait for these.
base::Result<void> warn_of_later_records(Context& context, const journal::Journal& journal, base::Timestamp from) {
  if (journal.size() == 0) {
    return {};
  }
  journal::Record last;
  TALLY_ASSIGN(const bool is_there, journal.make_reader(journal.size() - 1)->next(last, 0));
  if (is_there && last.received_at > from) {
    fmt::print(context.terminal.err,
               "The log holds records of later than the beginning of this history: erasure by age will reach the "
               "history only after them.\n");
  }
  return {};
}

}  // namespace

base::Result<std::int64_t> parse_period_us(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t hours = unit == "d" ? 24 : unit == "h" ? 1 : 0;
  if (error != std::errc() || hours == 0 || count < 1 || count > kMaxPeriodHours / hours) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_period",
                      fmt::format("\"{}\" is no period: write days or hours, such as 30d or 36h", text));
  }
  return count * hours * base::kMicrosPerHour;
}

base::Result<int> make_history(Context& context, const HistoryOptions& options) {
  TALLY_ASSIGN(const HistorySettings settings, read_settings(context, options));
  TALLY_ASSIGN(base::Config config, context.load_config());
  server::DataDirectory data(config.text("data.directory"));
  Stores stores{std::move(config), std::move(data)};
  TALLY_TRY(stores.open(context));
  TALLY_TRY(warn_of_later_records(context, *stores.journal, settings.from));
  TALLY_ASSIGN(const HistoryWorld world, make_world(context, stores));
  const auto pepper = stores.key_ring->signer(crypto::KeyPurpose::kPepper).key;
  const HistoryPeople people(settings.seed, history_users(settings.events), *pepper);
  const std::int64_t start_us = context.clock.monotonic_us();
  auto outcome = [&] {
    Progress progress(context.terminal, context.clock, "writing");
    return write_history(*stores.journal, world, settings, people, context.random, [&](std::uint64_t events) {
      const auto elapsed_us = static_cast<std::uint64_t>(context.clock.monotonic_us() - start_us);
      progress.update(events,
                      settings.events,
                      fmt::format("{} events, {} events/s",
                                  with_thousands(events),
                                  with_thousands(events * 1'000'000 / std::max<std::uint64_t>(elapsed_us, 1))));
    });
  }();
  if (!outcome) {
    return std::unexpected(std::move(outcome).error());
  }
  TALLY_ASSIGN([[maybe_unused]] const std::string checkpoint, stores.journal->make_checkpoint());
  const double seconds = static_cast<double>(context.clock.monotonic_us() - start_us) / 1e6;
  print_history_report(context, {world, settings, *outcome, people.user_id(people.find_known_user()), seconds});
  return kSuccess;
}

}  // namespace tallystick::cli
