// rooms: settlement
// A report of a million rows imported into SQLite: the first time, and once more, when every row is known. Beside it
// the same file the way `sqlite3 .import` does it: cells as text into one table, one transaction, nothing looked up.
#include <cstring>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include "records/database.h"
#include "settlement/import_run.h"
#include "settlement/import_store.h"
#include "settlement/profile_library.h"
#include "tabular/row_reader.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::settlement {
namespace {

constexpr base::Timestamp kStart{1'793'491'200'000'000};  // 1 November 2026

// A month of commissions, in the order of their ids, as networks export them.
std::int64_t write_report(const std::filesystem::path& file, std::int64_t rows) {
  std::mt19937_64 random(1);
  std::ofstream out(file, std::ios::binary);
  out << "Commission ID,SID,Event Date,Posting Date,Click Date,Action Name,Advertiser CID,Advertiser Name,Website "
         "Name,Ad ID,Order ID,Transaction ID,Sale Amount (USD),Publisher Commission (USD),Status,Operating "
         "System,Click "
         "Referring URL\r\n";
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::int64_t second = i * 2'592'000 / rows;
    const std::int64_t day = second / 86'400 + 1;
    const std::string time =
        fmt::format("{:02}-Nov-2026 {:02}:{:02}:{:02}", day, second / 3'600 % 24, second / 60 % 60, second % 60);
    const std::uint64_t high = random();
    const std::uint64_t low = random();
    const std::uint64_t cents = low % 50'000;
    fmt::print(
        out,
        "{},{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x},{},{},{},Sale,{},Shop {},site,{},ORD-{},T{},{}.{:02},{}.{:02},{},"
        "Windows,\r\n",
        2'000'000'000 + i,
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFF,
        low & 0xFFF,
        low >> 16,
        time,
        time,
        time,
        low % 50,
        low % 50,
        low % 9'000,
        high % 100'000'000,
        i,
        cents / 100,
        cents % 100,
        cents / 2'000,
        cents / 20 % 100,
        low % 4 == 0 ? "new" : "closed");
  }
  return out.tellp();
}

double peak_mib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <typename T>
T expect(base::Result<T> result) {
  if (!result) {
    throw std::runtime_error(result.error().code + ": " + result.error().message);
  }
  return *std::move(result);
}

class Measure {
 public:
  Measure(const base::Clock& clock, std::string name)
      : clock_(clock), name_(std::move(name)), start_us_(clock.monotonic_us()), start_cpu_(cpu_seconds()) {}
  void print(std::int64_t rows) const {
    const auto seconds = static_cast<double>(clock_.monotonic_us() - start_us_) / 1e6;
    fmt::print("{:<44} {:6.2f} s {:10.0f} rows/s  CPU {:5.2f} s  peak {:4.0f} MiB\n",
               name_,
               seconds,
               static_cast<double>(rows) / seconds,
               cpu_seconds() - start_cpu_,
               peak_mib());
    std::fflush(stdout);
  }

 private:
  const base::Clock& clock_;
  std::string name_;
  std::int64_t start_us_;
  double start_cpu_;
};

class World {
 public:
  explicit World(const std::filesystem::path& folder)
      : database_(expect(records::Database::open({.url = "sqlite://" + (folder / "records.db").string()}))),
        library_(expect(ProfileLibrary::load())) {
    (void)expect(database_->migrate(clock_.now()));
    terms_.id = base::make_uuid_v4(random_);
    terms_.network = "cj";
    terms_.currency = *base::parse_currency("USD");
    const std::string id = base::format_uuid(terms_.id);
    (void)expect(database_->write<bool>([&](soci::session& session) -> base::Result<bool> {
      session << "INSERT INTO partners (id, slug, name, network, status, allowed_hosts, allows_http, sub_id_parameter, "
                 "public_page, link_lifetime_s, throttle_per_second, currency, time_zone, tolerance_basis_points, "
                 "postback_secret, postback_sources, allows_duplicate_postbacks, contacts, created_at, updated_at, "
                 "version) VALUES (:id, 'bench', 'Bench', 'cj', 'active', '[]', 0, '', '', 60, 0, 'USD', 'UTC', 200, "
                 "'', '[]', 0, '[]', 1, 1, 1)",
          soci::use(id);
      return true;
    }));
  }

  const base::Clock& clock() const { return clock_; }

  ImportCounts import(const std::filesystem::path& file) {
    ReportImport record;
    record.id = base::make_uuid_v7(clock_.now(), random_);
    record.partner_id = terms_.id;
    record.created_at = kStart;
    record = expect(database_->write<ReportImport>([&](soci::session& session) -> base::Result<ReportImport> {
      record.ledger = open_ledger(session, terms_.id);
      insert_import(session, record);
      return *find_import(session, record.id);
    }));
    const auto source = expect(tabular::FileSource::open(file));
    ImportRun run(*database_, library_, clock_, {}, terms_);
    return expect(run.run(record,
                          *source,
                          {[](std::int64_t, std::int64_t) {},
                           [] {
                             return false;
                           }},
                          [](soci::session&, const ReportImport&) { return base::Result<void>(); }))
        .counts;
  }

 private:
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::unique_ptr<records::Database> database_;
  ProfileLibrary library_;
  PartnerTerms terms_;
};

void execute(sqlite3* database, const std::string& sql) {
  if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(database));
  }
}

// As the shell's .import: every cell as text.
void import_plainly(const std::filesystem::path& file, const std::filesystem::path& database_file, bool has_index) {
  const auto source = expect(tabular::FileSource::open(file));
  tabular::TextStream text(*source, {});
  tabular::RowReader reader(text, ',');
  tabular::Row row;
  (void)expect(reader.next(row));
  std::string columns;
  std::string values;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    columns += fmt::format("{}c{} TEXT", i == 0 ? "" : ", ", i);
    values += i == 0 ? "?" : ", ?";
  }
  sqlite3* database = nullptr;
  if (sqlite3_open(database_file.c_str(), &database) != SQLITE_OK) {
    throw std::runtime_error("sqlite3_open");
  }
  execute(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (" + columns + ");");
  if (has_index) {
    execute(database, "CREATE UNIQUE INDEX t_by_key ON t (c0); CREATE INDEX t_by_time ON t (c2);");
  }
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database, ("INSERT INTO t VALUES (" + values + ")").c_str(), -1, &statement, nullptr);
  execute(database, "BEGIN");
  while (expect(reader.next(row))) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      sqlite3_bind_text(statement,
                        static_cast<int>(i) + 1,
                        row.cells[i].data(),
                        static_cast<int>(row.cells[i].size()),
                        SQLITE_STATIC);
    }
    if (sqlite3_step(statement) != SQLITE_DONE) {
      throw std::runtime_error(sqlite3_errmsg(database));
    }
    sqlite3_reset(statement);
  }
  execute(database, "COMMIT");
  sqlite3_finalize(statement);
  sqlite3_close(database);
}

}  // namespace
}  // namespace tallystick::settlement

int main(int argc, char** argv) {
  using namespace tallystick;
  using namespace tallystick::settlement;
  std::int64_t rows = 1'000'000;
  for (int i = 1; i + 1 < argc; ++i) {
    rows = std::strcmp(argv[i], "--rows") == 0 ? std::atoll(argv[i + 1]) : rows;
  }
  const support::TemporaryDirectory folder;
  const auto file = folder.path() / "report.csv";
  const auto bytes = write_report(file, rows);
  fmt::print("{} rows, {:.0f} MiB\n", rows, static_cast<double>(bytes) / 1024 / 1024);
  World world(folder.path());
  for (const char* name : {"import, all new", "import, all unchanged"}) {
    const Measure measure(world.clock(), name);
    const ImportCounts counts = world.import(file);
    if (counts.added + counts.unchanged != rows) {
      throw std::runtime_error("rows are missing");
    }
    measure.print(rows);
  }
  for (const bool has_index : {false, true}) {
    const Measure measure(world.clock(),
                          has_index ? "peer: the same with two indexes" : "peer: cells as text, no index");
    import_plainly(file, folder.path() / (has_index ? "indexed.db" : "plain.db"), has_index);
    measure.print(rows);
  }
  return 0;
}
