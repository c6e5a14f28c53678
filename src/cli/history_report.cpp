#include "cli/history_report.h"

#include <algorithm>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, kHistoryKinds> kKindNames = {"impression", "click", "conversion"};
constexpr std::array<std::string_view, kHistoryStatuses> kStatusNames = {"pending", "approved", "paid", "reversed"};

json::object to_json(const HistoryClasses& counts) {
  return {{"valid", counts[0]}, {"suspect", counts[1]}, {"givt", counts[2]}, {"sivt", counts[3]}};
}

json::object to_json(const HistoryRevenue& revenue) {
  json::object by_status;
  for (std::size_t status = 0; status < kHistoryStatuses; ++status) {
    by_status[kStatusNames[status]] = {{"conversions", revenue.conversions[status]},
                                       {"amount_minor", revenue.amount_minor[status]},
                                       {"commission_minor", revenue.commission_minor[status]}};
  }
  return {{"conversions", revenue.all_conversions()},
          {"revenue_minor", revenue.revenue_minor()},
          {"by_status", std::move(by_status)}};
}

json::object to_json(const HistoryReport& report) {
  const HistoryTally& tally = report.outcome.tally;
  json::object by_kind;
  for (std::size_t kind = 0; kind < kHistoryKinds; ++kind) {
    by_kind[kKindNames[kind]] = {{"events", gross_of(tally.kinds[kind].recorded)},
                                 {"recorded", to_json(tally.kinds[kind].recorded)},
                                 {"effective", to_json(tally.kinds[kind].effective)}};
  }
  json::array placements;
  for (std::size_t i = 0; i < tally.placements.size(); ++i) {
    placements.push_back({{"id", base::format_uuid(report.world.placements[i].id)},
                          {"slug", report.world.placements[i].slug},
                          {"impressions", to_json(tally.placements[i].impressions)},
                          {"clicks", to_json(tally.placements[i].clicks)}});
  }
  json::object currencies;
  for (const auto& [currency, revenue] : tally.currencies) {
    currencies[currency] = to_json(revenue);
  }
  return {
      {"seed", report.settings.seed},
      {"from", base::format_rfc3339(report.settings.from)},
      {"until", base::format_rfc3339(report.settings.until)},
      {"seconds", report.seconds},
      {"events", tally.events()},
      {"records", report.outcome.records},
      {"first_sequence", report.outcome.first_sequence},
      {"visits", report.outcome.visits},
      {"by_kind", std::move(by_kind)},
      {"verdict_revisions", tally.revisions},
      {"forwardings",
       {{"records", tally.forwarding_records}, {"forwarded", tally.clicks_forwarded}, {"failed", tally.clicks_failed}}},
      {"with_user", tally.with_user},
      {"with_session", tally.with_session},
      {"ranked", tally.ranked},
      {"currencies", std::move(currencies)},
      {"placements", std::move(placements)},
      {"example_user", report.example_user},
      {"objects_made", report.world.objects_made}};
}

void add_kind(Table& table, std::string name, const HistoryClasses& counts) {
  table.add({std::move(name),
             with_thousands(gross_of(counts)),
             with_thousands(net_of(counts)),
             with_thousands(counts[0]),
             with_thousands(counts[1]),
             with_thousands(counts[2]),
             with_thousands(counts[3])});
}

void print_kinds(std::ostream& out, const HistoryTally& tally) {
  Table table({"", "gross", "net", "valid", "suspect", "GIVT", "SIVT"});
  for (std::size_t kind = 0; kind < kHistoryKinds; ++kind) {
    add_kind(table, fmt::format("{}s", kKindNames[kind]), tally.kinds[kind].recorded);
    if (tally.kinds[kind].recorded != tally.kinds[kind].effective) {
      add_kind(table, "  after revisions", tally.kinds[kind].effective);
    }
  }
  table.print(out);
}

void print_currencies(std::ostream& out, const HistoryReport& report) {
  Table table({"currency", "conversions", "pending", "approved", "paid", "reversed", "revenue"});
  for (const auto& [code, revenue] : report.outcome.tally.currencies) {
    const auto partner = std::find_if(report.world.partners.begin(), report.world.partners.end(), [&](const auto& p) {
      return p.currency.text() == code;
    });
    table.add({code,
               with_thousands(revenue.all_conversions()),
               with_thousands(revenue.conversions[0]),
               with_thousands(revenue.conversions[1]),
               with_thousands(revenue.conversions[2]),
               with_thousands(revenue.conversions[3]),
               base::format_amount({revenue.revenue_minor(), partner->currency})});
  }
  table.print(out);
}

}  // namespace

void print_history_report(Context& context, const HistoryReport& report) {
  std::ostream& out = context.terminal.out;
  if (context.is_json) {
    print_json(out, to_json(report));
    return;
  }
  const HistoryTally& tally = report.outcome.tally;
  const double seconds = std::max(report.seconds, 0.001);
  fmt::print(out,
             "{} events of {} visits, {} to {}, written as {} records in {:.1f} s: {} events/s. Created {} partners, "
             "links, placements, merchants and units.\n\n",
             with_thousands(tally.events()),
             with_thousands(report.outcome.visits),
             base::format_rfc3339(report.settings.from),
             base::format_rfc3339(report.settings.until),
             with_thousands(report.outcome.records),
             report.seconds,
             with_thousands(static_cast<std::uint64_t>(static_cast<double>(tally.events()) / seconds)),
             report.world.objects_made);
  print_kinds(out, tally);
  fmt::print(out,
             "\n{} verdicts revised; {} clicks forwarded, {} not; {} events name a user, {} a session.\n"
             "Conversions by their latest status; revenue is the commission of all that is not reversed:\n\n",
             with_thousands(tally.revisions),
             with_thousands(tally.clicks_forwarded),
             with_thousands(tally.clicks_failed),
             with_thousands(tally.with_user),
             with_thousands(tally.with_session));
  print_currencies(out, report);
  fmt::print(out, "\nOne of the people: {}\n", report.example_user);
}

}  // namespace tallystick::cli
