#include "cli/recon_show.h"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ostream.h>

#include "cli/output.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kChartTitle = "From ours to theirs";
constexpr int kBarWidth = 20;  // on each side of the line

struct ChartLine {
  std::string title;
  std::string records;
  std::string amount;
  std::int64_t bar_minor = 0;
};

std::int64_t number_in(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member != nullptr && member->is_int64() ? member->get_int64() : 0;
}

std::string count_in(const json::object& object, std::string_view name) {
  return with_thousands(static_cast<std::uint64_t>(std::max<std::int64_t>(number_in(object, name), 0)));
}

std::vector<ChartLine> chart_lines(const json::object& finding) {
  std::vector<ChartLine> lines;
  lines.push_back({"Ours", count_in(finding, "our_conversions"), recon_text(finding, "our_commission")});
  for (const json::value& item : finding.at("causes").as_array()) {
    const json::object& cause = item.as_object();
    lines.push_back({recon_text(cause, "title"),
                     count_in(cause, "records"),
                     signed_text(recon_text(cause, "amount")),
                     number_in(cause, "amount_minor")});
  }
  lines.push_back({"= Theirs", count_in(finding, "their_conversions"), recon_text(finding, "their_commission")});
  return lines;
}

// What is missing lies left of the line, what is too much right of it; the longest bar has kBarWidth.
std::string bar_of(std::int64_t amount_minor, double largest) {
  const int length =
      amount_minor == 0 || largest == 0
          ? 0
          : std::max(1,
                     static_cast<int>(std::lround(std::abs(static_cast<double>(amount_minor)) / largest * kBarWidth)));
  const std::string bar(static_cast<std::size_t>(length), '#');
  return amount_minor < 0 ? fmt::format("{:>{}}|", bar, kBarWidth) : fmt::format("{:>{}}|{}", "", kBarWidth, bar);
}

void print_chart(std::ostream& out, const json::object& finding) {
  const auto lines = chart_lines(finding);
  std::size_t title_width = kChartTitle.size();
  std::size_t records_width = std::string_view("records").size();
  std::size_t amount_width = 0;
  double largest = 0;
  for (const ChartLine& line : lines) {
    title_width = std::max(title_width, line.title.size());
    records_width = std::max(records_width, line.records.size());
    amount_width = std::max(amount_width, line.amount.size());
    largest = std::max(largest, std::abs(static_cast<double>(line.bar_minor)));
  }
  fmt::print(out,
             "\n  {:<{}}  {:>{}}  {:>{}}\n",
             kChartTitle,
             title_width,
             "records",
             records_width,
             recon_text(finding, "currency"),
             amount_width);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const ChartLine& line = lines[i];
    const bool is_sum = i == 0 || i + 1 == lines.size();
    const std::string bar = is_sum ? std::string() : "  " + bar_of(line.bar_minor, largest);
    fmt::print(out,
               "  {:<{}}  {:>{}}  {:>{}}{}\n",
               line.title,
               title_width,
               line.records,
               records_width,
               line.amount,
               amount_width,
               bar);
  }
}

void print_finding(std::ostream& out, const json::object& finding) {
  fmt::print(out, "\n{}\n", recon_text(finding, "currency"));
  Table table({"", "ours", "theirs", "difference"});
  table.add({"  conversions", count_in(finding, "our_conversions"), count_in(finding, "their_conversions"), ""});
  table.add({"  sales", recon_text(finding, "our_amount"), recon_text(finding, "their_amount"), ""});
  table.add({"  commission",
             recon_text(finding, "our_commission"),
             recon_text(finding, "their_commission"),
             signed_text(recon_text(finding, "difference"))});
  table.print(out);
  const json::value* is_discrepancy = finding.if_contains("is_discrepancy");
  fmt::print(out,
             "  Variance {} %, {} the tolerance.\n",
             recon_text(finding, "variance_pct"),
             is_discrepancy != nullptr && is_discrepancy->is_bool() && is_discrepancy->get_bool() ? "above" : "within");
  fmt::print(out,
             "  {} matched, {} only ours, {} only theirs; {} with another amount, {} with another status.\n",
             count_in(finding, "matched"),
             count_in(finding, "only_ours"),
             count_in(finding, "only_theirs"),
             count_in(finding, "amount_differences"),
             count_in(finding, "status_differences"));
  print_chart(out, finding);
}

void print_changes(std::ostream& out, const json::object& previous) {
  fmt::print(
      out, "\nSince the run before ({}, {}):\n", recon_text(previous, "id"), recon_text(previous, "finished_at"));
  Table table({"  currency", "what", "before", "now", "change"});
  for (const json::value& item : previous.at("changes").as_array()) {
    const json::object& change = item.as_object();
    const std::string currency = "  " + recon_text(change, "currency");
    const auto add = [&](const std::string& what, const json::object& figures) {
      if (number_in(figures, "change_minor") != 0) {
        table.add({currency,
                   what,
                   recon_text(figures, "before"),
                   recon_text(figures, "now"),
                   signed_text(recon_text(figures, "change"))});
      }
    };
    add("ours", change.at("our_commission").as_object());
    add("theirs", change.at("their_commission").as_object());
    add("difference", change.at("difference").as_object());
    for (const json::value& cause : change.at("causes").as_array()) {
      add(recon_text(cause.as_object(), "cause"), cause.as_object());
    }
  }
  if (table.is_empty()) {
    fmt::print(out, "  no figure changed\n");
  } else {
    table.print(out);
  }
}

std::string period_of(const json::object& object) {
  const json::object& period = object.at("period").as_object();
  return fmt::format("{} to {}", recon_text(period, "from"), recon_text(period, "to"));
}

std::string subject_of(const json::object& object) {
  const std::string name = recon_text(object, "subject_name");
  return name.empty() ? recon_text(object, "subject") : name;
}

}  // namespace

std::string recon_text(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || member->is_null()) {
    return {};
  }
  return member->is_string() ? std::string(member->get_string()) : json::serialize(*member);
}

std::string signed_text(std::string_view amount) {
  const bool is_zero = amount.find_first_not_of("0.") == std::string_view::npos;
  return (is_zero || amount.starts_with('-') ? "" : "+") + std::string(amount);
}

void print_reconciliation(std::ostream& out, const json::object& run) {
  const json::object& clicks = run.at("clicks").as_object();
  const std::string their_clicks = recon_text(clicks, "theirs");
  fmt::print(out,
             "{}, {} (ours in {}, theirs in {})\nRun {}, {}, from {} rows of theirs and {} records of ours\n"
             "Clicks: ours {} ({} without invalid traffic), theirs {}\n",
             subject_of(run),
             period_of(run),
             recon_text(run, "our_time_zone"),
             recon_text(run, "their_time_zone"),
             recon_text(run, "id"),
             recon_text(run, "finished_at"),
             count_in(run, "claims"),
             count_in(run, "truths"),
             count_in(clicks, "our_gross"),
             count_in(clicks, "our_net"),
             their_clicks.empty() ? "not stated" : their_clicks);
  const json::array& findings = run.at("findings").as_array();
  for (const json::value& finding : findings) {
    print_finding(out, finding.as_object());
  }
  if (findings.empty()) {
    fmt::print(out, "\nNeither side has anything in this period.\n");
  }
  if (const json::value* previous = run.if_contains("previous"); previous != nullptr && previous->is_object()) {
    print_changes(out, previous->get_object());
  }
  if (const json::value* listed = run.if_contains("discrepancies"); listed != nullptr && listed->is_array()) {
    for (const json::value& item : listed->get_array()) {
      const json::object& discrepancy = item.as_object();
      const std::string owner = recon_text(discrepancy, "owner");
      fmt::print(out,
                 "\nDiscrepancy {}: {}, due {}, {}\n",
                 recon_text(discrepancy, "id"),
                 recon_text(discrepancy, "state"),
                 recon_text(discrepancy, "due_date"),
                 owner.empty() ? "without an owner" : "owner " + owner);
    }
  }
}

void print_discrepancy(std::ostream& out, const json::object& discrepancy) {
  const std::string currency = recon_text(discrepancy, "currency");
  const json::value* late = discrepancy.if_contains("is_overdue");
  const bool is_late = late != nullptr && late->is_bool() && late->get_bool();
  Table table({"", ""});
  table.add({"subject", subject_of(discrepancy)});
  table.add({"period", period_of(discrepancy)});
  table.add({"ours", recon_text(discrepancy, "our_commission") + " " + currency});
  table.add({"theirs", recon_text(discrepancy, "their_commission") + " " + currency});
  table.add({"difference",
             fmt::format("{} {} ({} %)",
                         signed_text(recon_text(discrepancy, "difference")),
                         currency,
                         recon_text(discrepancy, "variance_pct"))});
  table.add({"state", recon_text(discrepancy, "state")});
  table.add({"owner", recon_text(discrepancy, "owner")});
  table.add({"due", recon_text(discrepancy, "due_date") + (is_late ? "  overdue" : "")});
  if (const json::value* resolution = discrepancy.if_contains("resolution");
      resolution != nullptr && resolution->is_object()) {
    table.add({"resolution",
               recon_text(resolution->get_object(), "code") + "  " + recon_text(resolution->get_object(), "text")});
  }
  table.add({"latest run", recon_text(discrepancy, "latest_run_id")});
  table.add({"alert", recon_text(discrepancy, "alert_id")});
  table.print(out);
  const json::value* notes = discrepancy.if_contains("notes");
  if (notes == nullptr || !notes->is_array()) {
    return;
  }
  for (const json::value& item : notes->get_array()) {
    const json::object& note = item.as_object();
    fmt::print(
        out, "\n{}, {}\n  {}\n", recon_text(note, "created_at"), recon_text(note, "author"), recon_text(note, "text"));
  }
}

}  // namespace tallystick::cli
