#include "cli/history_command.h"

#include <charconv>
#include <ostream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "access/audit.h"
#include "cli/history_report.h"
#include "cli/history_run.h"
#include "cli/history_world.h"
#include "cli/local_stores.h"
#include "cli/offline_stores.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "crypto/key_ring.h"
#include "journal/journal.h"

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

base::Result<HistoryWorld> make_world(Context& context, OfflineStores& stores) {
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
  TALLY_ASSIGN(OfflineStores stores, open_offline_stores(context, std::move(config)));
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
