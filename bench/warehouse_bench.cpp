// rooms: http crypto base
// The warehouse at a given size, in one run: how fast the log is loaded and at what cost, and how long every report
// takes over HTTP from the running server, beside the same questions asked of plain tables in the same engine and of
// PostgreSQL with the tables and indexes of the document that the dashboard was described in.
//   warehouse_bench [--events 20000000] [--days 30] [--minutes 14] [--json FILE] [--without-postgres]
// When the minutes are over, what is left of the peers' questions is skipped and named; ours are always asked.
// TMPDIR says which disk is used: about 25 GB for 20 million events.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <sys/utsname.h>

#include "bench/warehouse/plain_tables.h"
#include "bench/warehouse/postgres_tables.h"
#include "bench/warehouse/questions.h"
#include "bench/warehouse/results.h"
#include "bench/warehouse/served_history.h"
#include "bench/warehouse/timing.h"
#include "tests/support/postgres.h"

namespace {

using namespace tallystick;
using namespace tallystick::bench;

constexpr TimingLimits kOurLimits = {.warm_ups = 5, .rounds = 60, .seconds = 15};
constexpr TimingLimits kPlainLimits = {.warm_ups = 1, .rounds = 20, .seconds = 8};
constexpr TimingLimits kPostgresLimits = {.warm_ups = 1, .rounds = 10, .seconds = 20};

struct Arguments {
  std::uint64_t events = 20'000'000;
  int days = 30;
  double minutes = 14;
  std::string json_file;
  bool with_postgres = true;
};

Arguments read_arguments(int count, char** values) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view name = values[i];
    if (name == "--without-postgres") {
      arguments.with_postgres = false;
    } else if (i + 1 < count && name == "--events") {
      arguments.events = std::strtoull(values[++i], nullptr, 10);
    } else if (i + 1 < count && name == "--days") {
      arguments.days = std::atoi(values[++i]);
    } else if (i + 1 < count && name == "--minutes") {
      arguments.minutes = std::strtod(values[++i], nullptr);
    } else if (i + 1 < count && name == "--json") {
      arguments.json_file = values[++i];
    } else {
      fmt::print(stderr, "warehouse_bench [--events N] [--days N] [--minutes N] [--json FILE] [--without-postgres]\n");
      std::exit(2);
    }
  }
  return arguments;
}

// What is going on, for whoever waits.
void say(std::string_view what) {
  fmt::print(stderr, "warehouse_bench: {}\n", what);
}

std::string describe_machine() {
  utsname name{};
  ::uname(&name);
  std::ifstream cpus("/proc/cpuinfo");
  std::string line;
  std::string model = "unknown processor";
  while (std::getline(cpus, line)) {
    if (line.starts_with("model name")) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  std::string load;
  std::ifstream("/proc/loadavg") >> load;
  return fmt::format("{} x {}, {} {}, load {} at the start",
                     std::thread::hardware_concurrency(),
                     model,
                     name.sysname,
                     name.release,
                     load);
}

void note(Results& results, std::string_view what, const base::Error& error) {
  results.problems.push_back(fmt::format("{}: {}: {}", what, error.code, error.message));
  say(results.problems.back());
}

void note(Results& results, std::string_view who, const AnswerResult& answer, const Timing& timing) {
  if (!timing.error.empty()) {
    results.problems.push_back(fmt::format("{}: {}: {}", answer.question, who, timing.error));
    say(results.problems.back());
  }
}

void ask_ours(Results& results, ServedHistory& served, const std::vector<Question>& questions) {
  for (const Question& question : questions) {
    AnswerResult answer{question.name, question.target, {}, {}, {}};
    answer.ours = measure(kOurLimits, [&]() -> base::Result<void> {
      TALLY_ASSIGN([[maybe_unused]] const std::string body, served.get(question.target));
      return {};
    });
    note(results, "report", answer, answer.ours);
    results.answers.push_back(std::move(answer));
  }
}

// Each question that is for a peer, while there is time.
void ask_peer(Results& results,
              std::string_view peer,
              Timing AnswerResult::*timing,
              const TimingLimits& limits,
              double end_s,
              const std::vector<Question>& questions,
              const std::function<base::Result<void>(const std::string&)>& ask) {
  for (std::size_t i = 0; i < questions.size(); ++i) {
    if (questions[i].sql.empty()) {
      continue;
    }
    AnswerResult& answer = results.answers[i];
    if (now_s() < end_s) {
      say(fmt::format("asking {}: {}", peer, questions[i].name));
      answer.*timing = measure(limits, [&] { return ask(questions[i].sql); });
    } else {
      (answer.*timing).error = "skipped: the minutes are over";
    }
    note(results, peer, answer, answer.*timing);
  }
}

base::Result<void> ask_postgres(Results& results,
                                PlainTables& plain,
                                double end_s,
                                const std::vector<Question>& questions) {
  support::PostgresServer server({"shared_buffers=2GB",
                                  "wal_level=minimal",
                                  "max_wal_senders=0",
                                  "max_wal_size=8GB",
                                  "effective_cache_size=8GB",
                                  "jit=off"});
  TALLY_ASSIGN(PostgresTables postgres, PostgresTables::connect(server.create_database()));
  TALLY_ASSIGN(results.postgres_version, postgres.version());
  say("copying into PostgreSQL");
  double start_s = now_s();
  TALLY_ASSIGN(results.exposures_postgres, postgres.fill(plain));
  results.postgres_copy_seconds = now_s() - start_s;
  say("making its indexes");
  start_s = now_s();
  TALLY_TRY(postgres.make_indexes());
  results.postgres_index_seconds = now_s() - start_s;
  ask_peer(
      results, "PostgreSQL", &AnswerResult::postgres, kPostgresLimits, end_s, questions, [&](const std::string& sql) {
        return postgres.ask(sql);
      });
  return {};
}

base::Result<void> run(const Arguments& arguments, Results& results) {
  results.machine = describe_machine();
  const double end_s = now_s() + arguments.minutes * 60;
  say(fmt::format("writing {} events", arguments.events));
  double start_s = now_s();
  ServedHistory served(arguments.events, arguments.days);
  results.generate_seconds = now_s() - start_s;
  results.events = arguments.events;
  results.exposures = served.history().at("by_kind").at("impression").at("events").to_number<std::uint64_t>();
  say("loading");
  TALLY_ASSIGN(results.load, served.load());
  say(fmt::format("loaded {:.0f} records/s", results.load.records_per_second()));
  TALLY_ASSIGN(const Subject subject, served.find_subject(arguments.days));
  if (results.load.settled_seconds < 0) {
    results.problems.emplace_back("attribution did not settle in time");
  }
  if (const auto checked = served.check_counts()) {
    results.counts_checked = *checked;
  } else {
    note(results, "counts of the report", checked.error());
  }
  const std::vector<Question> questions = make_questions(subject);
  say("asking for the reports");
  ask_ours(results, served, questions);

  say("filling the plain tables");
  PlainTables plain(served.engine_socket(), served.database());
  start_s = now_s();
  TALLY_ASSIGN(results.exposures_plain, plain.fill());
  results.plain_fill_seconds = now_s() - start_s;
  ask_peer(results,
           "plain tables",
           &AnswerResult::plain,
           kPlainLimits,
           end_s,
           questions,
           [&](const std::string& sql) -> base::Result<void> {
             TALLY_ASSIGN([[maybe_unused]] const std::string rows, plain.ask(sql));
             return {};
           });
  if (arguments.with_postgres) {
    TALLY_TRY(ask_postgres(results, plain, end_s, questions));
  }
  if (results.exposures != results.exposures_plain ||
      (arguments.with_postgres && results.exposures != results.exposures_postgres)) {
    results.problems.emplace_back("the numbers of exposures differ");
  }
  return {};
}

}  // namespace

int main(int count, char** values) {
  const Arguments arguments = read_arguments(count, values);
  Results results;
  try {
    if (const auto done = run(arguments, results); !done) {
      note(results, "gave up", done.error());
    }
  } catch (const std::exception& exception) {
    results.problems.emplace_back(exception.what());
  }
  fmt::print("{}", to_text(results));
  if (!arguments.json_file.empty()) {
    std::ofstream(arguments.json_file) << boost::json::serialize(to_json(results)) << "\n";
  }
  return results.problems.empty() ? 0 : 1;
}
