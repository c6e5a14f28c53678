// rooms: reconcile http base
// A month of a partner's rows held against our conversions: how long matching and explaining take, how much memory
// they need beyond the rows themselves, and how much of what belongs together is found; beside a full outer join of
// the same rows by order id in SQLite (in memory) and in the ClickHouse engine, which finds what has an order id only.
//   reconcile_bench [--records 1000000] [--scenario NAME] [--without-peers]
// Scenarios: month (30 % of the rows without ids), no-ids (all of them), midnight (no-ids, rows state days only), rush
// (no-ids, a tenth of the records, one amount, one hour), one-amount (no-ids, one amount for all). All without one.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include "bench/warehouse/processes.h"
#include "bench/warehouse/timing.h"
#include "http/client.h"
#include "reconcile/candidate_search.h"
#include "reconcile/explain.h"
#include "reconcile/matcher.h"
#include "tests/reconcile/generated_month.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/warehouse_engine.h"

namespace {

using namespace tallystick;
using bench::now_s;
using reconcile::Claim;
using reconcile::Truth;
using reconcile::test::Month;
using reconcile::test::MonthRules;

constexpr std::string_view kJoin =
    "SELECT count(*), sum(CASE WHEN c.order_id IS NOT NULL AND t.order_id IS NOT NULL THEN 1 ELSE 0 END), "
    "sum(coalesce(c.commission, 0)) - sum(coalesce(t.commission, 0)) "
    "FROM claims AS c FULL OUTER JOIN truths AS t ON c.order_id = t.order_id";

struct Arguments {
  std::uint32_t records = 1'000'000;
  std::string scenario;
  bool with_peers = true;
};

Arguments read_arguments(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = values[i];
    if (name == "--without-peers") {
      arguments.with_peers = false;
    } else if (i + 1 < count && name == "--records") {
      arguments.records = static_cast<std::uint32_t>(std::strtoul(values[++i], nullptr, 10));
    } else if (i + 1 < count && name == "--scenario") {
      arguments.scenario = values[++i];
    } else {
      fmt::print(stderr, "reconcile_bench [--records N] [--scenario NAME] [--without-peers]\n");
      std::exit(2);
    }
  }
  return arguments;
}

struct Scenario {
  std::string_view name;
  MonthRules rules;
};

std::vector<Scenario> make_scenarios(std::uint32_t records) {
  const MonthRules no_ids{.conversions = records, .without_ids_percent = 100, .only_order_percent = 0};
  std::vector<Scenario> scenarios{{"month", {.conversions = records}},
                                  {"no-ids", no_ids},
                                  {"midnight", no_ids},
                                  {"rush", no_ids},
                                  {"one-amount", no_ids}};
  scenarios[2].rules.is_without_time = true;
  scenarios[3].rules.conversions = records / 10;
  scenarios[3].rules.span_us = base::kMicrosPerHour;
  scenarios[3].rules.is_one_amount = true;
  scenarios[4].rules.is_one_amount = true;
  return scenarios;
}

// From now on the most memory that was resident counts anew.
void forget_peak_memory() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

double mib(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1 << 20);
}

// The same candidates, the best pair first and the next best after it, in place of the assignment.
std::vector<reconcile::Match> assign_greedily(const Month& month,
                                              const reconcile::Matching& matching,
                                              const reconcile::PairScore& score) {
  std::vector<reconcile::Match> matches;
  std::vector<reconcile::Contender> claims;
  std::vector<reconcile::Contender> truths;
  for (const reconcile::Match& match : matching.matches) {
    if (match.rule != reconcile::MatchRule::kAssignment) {
      matches.push_back(match);
      continue;
    }
    claims.push_back({reconcile::side_of(month.claims[match.claim]), match.claim});
    truths.push_back({reconcile::side_of(month.truths[match.truth]), match.truth});
  }
  for (const std::uint32_t i : matching.only_claims) {
    if (month.claims[i].click_id.is_nil()) {
      claims.push_back({reconcile::side_of(month.claims[i]), i});
    }
  }
  for (const std::uint32_t i : matching.only_truths) {
    truths.push_back({reconcile::side_of(month.truths[i]), i});
  }
  reconcile::sort_contenders(claims, month.claims);
  reconcile::sort_contenders(truths, month.truths);
  const reconcile::CandidateGraph graph = reconcile::CandidateSearch(claims, truths, score).find({}).graph;
  std::vector<std::tuple<std::int32_t, std::uint32_t, std::uint32_t>> pairs;
  for (std::uint32_t claim = 0; claim < graph.claims(); ++claim) {
    for (std::uint32_t i = graph.first[claim]; i < graph.first[claim + 1]; ++i) {
      pairs.emplace_back(-graph.candidates[i].weight, claim, graph.candidates[i].truth);
    }
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<bool> is_claim_taken(claims.size(), false);
  std::vector<bool> is_truth_taken(truths.size(), false);
  for (const auto& [cost, claim, truth] : pairs) {
    if (!is_claim_taken[claim] && !is_truth_taken[truth]) {
      is_claim_taken[claim] = is_truth_taken[truth] = true;
      matches.push_back({.claim = claims[claim].position, .truth = truths[truth].position});
    }
  }
  return matches;
}

void print_quality(std::string_view who, const Month& month, const std::vector<reconcile::Match>& matches) {
  fmt::print("  {}: F1 {:.5f} of all, {:.5f} of rows without ids\n",
             who,
             quality_of(month, matches, false).f1(),
             quality_of(month, matches, true).f1());
}

void measure_ours(const Month& month) {
  forget_peak_memory();
  const std::uint64_t before = bench::own_memory_bytes(::getpid());
  double start_s = now_s();
  const reconcile::Matching matching = reconcile::match(month.claims, month.truths, {}).value();
  const double match_s = now_s() - start_s;
  start_s = now_s();
  const base::Timestamp from{1'793'491'200'000'000};
  const base::Timestamp to = from + 30 * base::kMicrosPerDay;
  const reconcile::Outcome outcome =
      reconcile::explain(month.claims,
                         month.truths,
                         matching,
                         {.period = {.from = from, .to = to, .their_from = from, .their_to = to}})
          .value();
  const double explain_s = now_s() - start_s;
  std::int64_t difference = 0;
  for (const auto& finding : outcome.findings) {
    difference += finding.their_commission_minor - finding.our_commission_minor;
  }
  fmt::print(
      "  ours: match {:.2f} s, explain {:.2f} s; peak {:.0f} MiB, of which the rows {:.0f}; {} matches, "
      "difference {}\n",
      match_s,
      explain_s,
      mib(bench::peak_memory_bytes(::getpid())),
      mib(before),
      matching.matches.size(),
      difference);
  print_quality("found", month, matching.matches);
  print_quality(
      "a greedy matcher on the same candidates", month, assign_greedily(month, matching, reconcile::PairScore({})));
  reconcile::PairHabits habits;
  habits.add(matching.matches, month.claims, month.truths);
  print_quality("a greedy matcher that knows what is usual",
                month,
                assign_greedily(month, matching, reconcile::PairScore({}, habits)));
}

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

class SqliteTables {
 public:
  SqliteTables() {
    sqlite3* database = nullptr;
    check(sqlite3_open(":memory:", &database));
    database_.reset(database);
    for (const char* table : {"claims", "truths"}) {
      run(fmt::format("CREATE TABLE {} (order_id TEXT, occurred_at INTEGER, amount INTEGER, commission INTEGER)",
                      table));
    }
  }

  template <typename Record>
  void fill(std::string_view table, const std::vector<Record>& records) {
    run("BEGIN");
    const auto insert = prepare(fmt::format("INSERT INTO {} VALUES (?, ?, ?, ?)", table));
    for (const Record& record : records) {
      if (record.order_id.empty()) {
        sqlite3_bind_null(insert.get(), 1);
      } else {
        sqlite3_bind_text(
            insert.get(), 1, record.order_id.data(), static_cast<int>(record.order_id.size()), SQLITE_STATIC);
      }
      sqlite3_bind_int64(insert.get(), 2, record.occurred_at.us);
      sqlite3_bind_int64(insert.get(), 3, record.amount_minor);
      sqlite3_bind_int64(insert.get(), 4, record.commission_minor);
      check(sqlite3_step(insert.get()));
      sqlite3_reset(insert.get());
    }
    run("COMMIT");
  }

  // SQLite makes none by itself for a full join, and would look at every pair.
  void make_index() { run("CREATE INDEX truths_by_order ON truths (order_id)"); }

  std::string ask(std::string_view sql) {
    const auto statement = prepare(sql);
    check(sqlite3_step(statement.get()));
    std::string row;
    for (int i = 0; i < sqlite3_column_count(statement.get()); ++i) {
      row += fmt::format("{}{}", i == 0 ? "" : "\t", sqlite3_column_int64(statement.get(), i));
    }
    return row;
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
      throw std::runtime_error(fmt::format("SQLite: {}", sqlite3_errstr(code)));
    }
  }
  std::unique_ptr<sqlite3_stmt, CloseDatabase> prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr));
    return std::unique_ptr<sqlite3_stmt, CloseDatabase>(statement);
  }
  void run(const std::string& sql) { check(sqlite3_step(prepare(sql).get())); }

  std::unique_ptr<sqlite3, CloseDatabase> database_;
};

void measure_sqlite(const Month& month) {
  forget_peak_memory();
  const std::uint64_t before = bench::own_memory_bytes(::getpid());
  double start_s = now_s();
  SqliteTables tables;
  tables.fill("claims", month.claims);
  tables.fill("truths", month.truths);
  tables.make_index();
  const double fill_s = now_s() - start_s;
  start_s = now_s();
  const std::string row = tables.ask(kJoin);
  const double join_s = now_s() - start_s;
  fmt::print(
      "  SQLite {}: fill and index {:.2f} s, join {:.2f} s; {:.0f} MiB beyond the rows; rows, matches, difference: "
      "{}\n",
      sqlite3_libversion(),
      fill_s,
      join_s,
      mib(bench::peak_memory_bytes(::getpid()) - before),
      row);
}

class EngineTables {
 public:
  EngineTables() : engine_(folder_.path()) {}

  std::string ask(const std::string& sql, std::string body = {}) {
    http::ClientRequest request;
    request.method = http::Method::kPost;
    request.url = "http://localhost/?join_use_nulls=1&query=" + escape(sql);
    request.unix_socket = engine_.socket();
    request.body = std::move(body);
    request.total_timeout_ms = 290'000;
    const auto response = client_.send(request);
    if (!response || response->status != 200) {
      throw std::runtime_error("engine: " + (response ? response->body.substr(0, 300) : response.error().message));
    }
    return response->body;
  }

  template <typename Record>
  void fill(const std::string& table, const std::vector<Record>& records) {
    ask("CREATE TABLE " + table +
        " (order_id Nullable(String), occurred_at Int64, amount Int64, commission Int64) ENGINE = MergeTree ORDER BY "
        "tuple()");
    std::string rows;
    for (const Record& record : records) {
      rows += fmt::format("{}\t{}\t{}\t{}\n",
                          record.order_id.empty() ? "\\N" : record.order_id,
                          record.occurred_at.us,
                          record.amount_minor,
                          record.commission_minor);
    }
    ask("INSERT INTO " + table + " FORMAT TSV", std::move(rows));
  }

  [[nodiscard]] std::uint64_t peak_bytes() { return bench::peak_memory_bytes(engine_.process().pid()); }

 private:
  static std::string escape(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
      escaped += std::isalnum(static_cast<unsigned char>(c)) != 0
                     ? std::string(1, c)
                     : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return escaped;
  }

  support::TemporaryDirectory folder_;
  support::WarehouseEngine engine_;
  http::Client client_;
};

void measure_engine(const Month& month) {
  EngineTables tables;
  double start_s = now_s();
  tables.fill("claims", month.claims);
  tables.fill("truths", month.truths);
  const double fill_s = now_s() - start_s;
  start_s = now_s();
  std::string row = tables.ask(std::string(kJoin));
  const double join_s = now_s() - start_s;
  row.resize(row.find('\n') == std::string::npos ? row.size() : row.find('\n'));
  fmt::print(
      "  ClickHouse engine: fill {:.2f} s, join {:.2f} s; its process {:.0f} MiB; rows, matches, difference: {}\n",
      fill_s,
      join_s,
      mib(tables.peak_bytes()),
      row);
}

void run(const Scenario& scenario, bool with_peers) {
  const double start_s = now_s();
  const Month month = reconcile::test::MonthMaker(scenario.rules).make();
  fmt::print("{}: {} claims, {} conversions (made in {:.1f} s)\n",
             scenario.name,
             month.claims.size(),
             month.truths.size(),
             now_s() - start_s);
  measure_ours(month);
  std::fflush(stdout);
  if (with_peers && scenario.name == "month") {
    measure_sqlite(month);
    std::fflush(stdout);
    measure_engine(month);
  }
  std::fflush(stdout);
}

}  // namespace

int main(int count, char** values) {
  const Arguments arguments = read_arguments(count, values);
  try {
    for (const Scenario& scenario : make_scenarios(arguments.records)) {
      if (arguments.scenario.empty() || arguments.scenario == scenario.name) {
        run(scenario, arguments.with_peers);
      }
    }
  } catch (const std::exception& exception) {
    fmt::print(stderr, "reconcile_bench: {}\n", exception.what());
    return 1;
  }
  return 0;
}
