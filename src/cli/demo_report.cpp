#include "cli/demo_report.h"

#include <algorithm>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

json::object to_json(const DemoCounts& counts) {
  return {{"sent", counts.sent},
          {"accepted", counts.accepted},
          {"duplicate", counts.duplicate},
          {"rejected", counts.rejected},
          {"refused", counts.refused},
          {"failed", counts.failed}};
}

json::object to_json(const std::map<std::string, std::uint64_t>& counts) {
  json::object object;
  for (const auto& [code, count] : counts) {
    object[code] = count;
  }
  return object;
}

json::object to_json(const DemoReport& report) {
  json::object by_kind;
  for (std::size_t kind = 0; kind < kDemoKinds; ++kind) {
    by_kind[name_of(static_cast<DemoKind>(kind))] = to_json(report.tally.by_kind[kind]);
  }
  json::array comparisons;
  for (const DemoComparison& comparison : report.comparisons) {
    comparisons.push_back({{"what", comparison.what},
                           {"ours", comparison.ours},
                           {"servers", comparison.servers},
                           {"ok", comparison.holds()}});
  }
  json::object out{{"ok", report.is_good()},
                   {"seconds", report.seconds},
                   {"requests", report.tally.requests},
                   {"total", to_json(report.tally.total())},
                   {"by_kind", std::move(by_kind)},
                   {"rejected_by_code", to_json(report.tally.rejected_by_code)},
                   {"refused_by_code", to_json(report.tally.refused_by_code)},
                   {"failed_by_code", to_json(report.tally.failed_by_code)},
                   {"verdicts",
                    {{"valid", report.verdicts.valid},
                     {"suspect", report.verdicts.suspect},
                     {"givt", report.verdicts.givt},
                     {"sivt", report.verdicts.sivt}}},
                   {"comparisons", std::move(comparisons)},
                   {"problems", json::array(report.problems.begin(), report.problems.end())}};
  if (report.receipt) {
    out["receipt"] = {{"event_id", report.receipt->event_id},
                      {"index", report.receipt->index},
                      {"tree_size", report.receipt->tree_size},
                      {"verified", report.receipt->problem.empty()}};
  }
  return out;
}

void print_counts(std::ostream& out, const DemoTally& tally) {
  Table table({"", "sent", "accepted", "duplicate", "rejected", "refused", "failed"});
  const auto add = [&](std::string_view name, const DemoCounts& counts) {
    table.add({std::string(name),
               with_thousands(counts.sent),
               with_thousands(counts.accepted),
               with_thousands(counts.duplicate),
               with_thousands(counts.rejected),
               with_thousands(counts.refused),
               with_thousands(counts.failed)});
  };
  for (std::size_t kind = 0; kind < kDemoKinds; ++kind) {
    add(fmt::format("{}s", name_of(static_cast<DemoKind>(kind))), tally.by_kind[kind]);
  }
  add("total", tally.total());
  table.print(out);
}

void print_codes(std::ostream& out, std::string_view title, const std::map<std::string, std::uint64_t>& counts) {
  if (counts.empty()) {
    return;
  }
  fmt::print(out, "\n{}\n", title);
  Table table({"", ""});
  for (const auto& [code, count] : counts) {
    table.add({"  " + code, with_thousands(count)});
  }
  table.print(out);
}

void print_conclusion(std::ostream& out, const DemoReport& report) {
  for (const std::string& problem : report.problems) {
    fmt::print(out, "A sender gave up: {}\n", problem);
  }
  const auto wrong =
      std::count_if(report.comparisons.begin(), report.comparisons.end(), [](const auto& c) { return !c.holds(); });
  if (wrong == 0) {
    fmt::print(out, "\nAll {} counts agree with the server's own.\n", report.comparisons.size());
  } else {
    fmt::print(out,
               "\nThese counts differ from the server's own. Other traffic at the same time does that; without it, it "
               "is a fault.\n");
    Table table({"", "demo", "server"});
    for (const DemoComparison& comparison : report.comparisons) {
      if (!comparison.holds()) {
        table.add({"  " + comparison.what, with_thousands(comparison.ours), with_thousands(comparison.servers)});
      }
    }
    table.print(out);
  }
  if (!report.receipt) {
    fmt::print(out, "No click was accepted, so there is no receipt to show.\n");
  } else if (report.receipt->problem.empty()) {
    fmt::print(out,
               "Receipt of click {}: record {} is in the signed log of {} records. Verified.\n",
               report.receipt->event_id,
               with_thousands(report.receipt->index),
               with_thousands(report.receipt->tree_size));
  } else {
    fmt::print(out, "Receipt of click {} does not verify: {}\n", report.receipt->event_id, report.receipt->problem);
  }
}

}  // namespace

bool DemoReport::is_good() const {
  const auto& kinds = tally.by_kind;
  return problems.empty() && std::all_of(kinds.begin(), kinds.end(), [](const DemoCounts& c) { return c.adds_up(); }) &&
         tally.total().failed == 0 &&
         std::all_of(comparisons.begin(), comparisons.end(), [](const DemoComparison& c) { return c.holds(); }) &&
         (!receipt || receipt->problem.empty());
}

void print_demo_report(Context& context, const DemoReport& report) {
  std::ostream& out = context.terminal.out;
  if (context.is_json) {
    print_json(out, to_json(report));
    return;
  }
  const DemoCounts total = report.tally.total();
  fmt::print(
      out,
      "{} events in {} requests and {:.1f} s: {} events/s. Created {} partners, links, placements, merchants and "
      "units.\n\n",
      with_thousands(total.sent),
      with_thousands(report.tally.requests),
      report.seconds,
      with_thousands(static_cast<std::uint64_t>(static_cast<double>(total.sent) / std::max(report.seconds, 0.001))),
      report.objects_made);
  print_counts(out, report.tally);
  print_codes(out, "Rejected events, by reason (dead letters)", report.tally.rejected_by_code);
  print_codes(out, "Refused requests, by reason", report.tally.refused_by_code);
  print_codes(out, "Failed, by reason", report.tally.failed_by_code);
  fmt::print(out, "\nVerdicts (accepted and duplicate events)\n");
  Table verdicts({"", ""});
  verdicts.add({"  valid", with_thousands(report.verdicts.valid)});
  verdicts.add({"  suspect", with_thousands(report.verdicts.suspect)});
  verdicts.add({"  GIVT", with_thousands(report.verdicts.givt)});
  verdicts.add({"  SIVT", with_thousands(report.verdicts.sivt)});
  verdicts.print(out);
  print_conclusion(out, report);
}

}  // namespace tallystick::cli
