// rooms: warehouse journal crypto base
// What the loader does with a record before the engine has it, on one thread at a time: reading the log, filling
// columns with it, and ordering, counting and writing down a batch. Beside them the physical limits: the same bytes of
// the log copied from the page cache, and the bytes of a batch copied once.
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/random.h"
#include "base/time.h"
#include "crypto/ed25519.h"
#include "journal/journal.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"
#include "warehouse/aggregate_tally.h"
#include "warehouse/batch_assembler.h"
#include "warehouse/impression_order.h"
#include "warehouse/load_batch.h"

namespace {

using namespace tallystick;

constexpr std::uint32_t kLog = 1;
constexpr std::size_t kEvents = 2'000'000;
constexpr std::size_t kBatchRows = 1'000'000;  // as LoadLimits has it

void expect(bool is_good, std::string_view what) {
  if (!is_good) {
    throw std::runtime_error(std::string(what));
  }
}

// Written as anybody would write it: as many events a day as the benchmark of the warehouse has.
class History {
 public:
  static const History& get() {
    static const History history;
    return history;
  }

  [[nodiscard]] const journal::Journal& journal() const { return *journal_; }
  [[nodiscard]] std::vector<std::filesystem::path> segments() const {
    const std::filesystem::directory_iterator files(data_ / "journal" / "segments");
    return {begin(files), end(files)};
  }

 private:
  History() {
    const support::CommandResult written = support::run_command(
        {support::tallystick_binary(), "demo", "--history", "3d", "--events", std::to_string(kEvents)},
        support::command_environment(data_),
        std::chrono::seconds(600));
    expect(written.exit_code == 0, written.output);
    const auto seed = crypto::load_or_make_seed(data_ / "keys" / "log.key", random_);
    expect(seed.has_value(), "there is no key");
    key_ = std::make_unique<crypto::Ed25519Key>(*seed);
    journal::Options options;
    options.directory = data_ / "journal";
    auto opened = journal::Journal::open(options, clock_, random_, *key_);
    expect(opened.has_value(), opened ? "" : opened.error().message);
    journal_ = *std::move(opened);
  }

  support::TemporaryDirectory folder_;
  const std::filesystem::path data_ = folder_.path() / "data";
  base::SystemClock clock_;
  base::SystemRandom random_;
  std::unique_ptr<crypto::Ed25519Key> key_;
  std::unique_ptr<journal::Journal> journal_;
};

void report(benchmark::State& state, std::uint64_t records) {
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  state.counters["each"] =
      benchmark::Counter(static_cast<double>(records), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_CopyLogFromPageCache(benchmark::State& state) {
  const History& history = History::get();
  std::vector<char> piece(256UZ << 10);
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  for (auto _ : state) {
    for (const std::filesystem::path& segment : history.segments()) {
      const int file = ::open(segment.c_str(), O_RDONLY | O_CLOEXEC);
      expect(file >= 0, "a segment cannot be read");
      for (ssize_t read = 0; (read = ::read(file, piece.data(), piece.size())) > 0;) {
        bytes += static_cast<std::uint64_t>(read);
      }
      ::close(file);
    }
    records += history.journal().size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  report(state, records);
}
BENCHMARK(BM_CopyLogFromPageCache)->Unit(benchmark::kMillisecond);

void BM_ReadLog(benchmark::State& state) {
  const History& history = History::get();
  std::uint64_t records = 0;
  journal::Record record;
  for (auto _ : state) {
    const auto reader = history.journal().make_reader(0);
    while (reader->next(record, 0).value()) {
      ++records;
      benchmark::DoNotOptimize(record.fields.data());
    }
  }
  report(state, records);
}
BENCHMARK(BM_ReadLog)->Unit(benchmark::kMillisecond);

// One batch after the other in the same memory, as the pipeline does it: it is touched for the first time before.
void BM_ReadLogIntoBatches(benchmark::State& state) {
  const History& history = History::get();
  std::uint64_t records = 0;
  journal::Record record;
  static warehouse::LoadBatch batch;
  static warehouse::BatchAssembler assembler(history.journal(), kLog);
  for (auto _ : state) {
    const auto reader = history.journal().make_reader(0);
    batch.begin_at(0);
    while (reader->next(record, 0).value()) {
      ++records;
      expect(assembler.take(record, batch).has_value(), "a record cannot be taken");
      if (batch.rows() >= kBatchRows) {
        expect(assembler.finish(batch).has_value(), "a batch cannot be finished");
        batch.begin_at(batch.end);
      }
    }
    expect(assembler.finish(batch).has_value(), "a batch cannot be finished");
  }
  report(state, records);
}
BENCHMARK(BM_ReadLogIntoBatches)->Unit(benchmark::kMillisecond)->MinWarmUpTime(4)->MinTime(4);

const warehouse::LoadBatch& first_batch() {
  static const std::unique_ptr<warehouse::LoadBatch> batch = [] {
    auto made = std::make_unique<warehouse::LoadBatch>();
    warehouse::BatchAssembler assembler(History::get().journal(), kLog);
    const auto reader = History::get().journal().make_reader(0);
    journal::Record record;
    made->begin_at(0);
    while (made->rows() < kBatchRows && reader->next(record, 0).value()) {
      expect(assembler.take(record, *made).has_value(), "a record cannot be taken");
    }
    expect(assembler.finish(*made).has_value(), "a batch cannot be finished");
    made->impressions.set_order(warehouse::ImpressionOrder().make_of(made->impressions));
    return made;
  }();
  return *batch;
}

void BM_OrderBatch(benchmark::State& state) {
  const warehouse::LoadBatch& batch = first_batch();
  warehouse::ImpressionOrder order;
  std::uint64_t records = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(order.make_of(batch.impressions));
    records += batch.rows();
  }
  report(state, records);
}
BENCHMARK(BM_OrderBatch)->Unit(benchmark::kMillisecond);

void BM_CountBatch(benchmark::State& state) {
  const warehouse::LoadBatch& batch = first_batch();
  warehouse::AggregateTally tally(kLog);
  std::uint64_t records = 0;
  for (auto _ : state) {
    tally.clear();
    tally.add_impressions(batch.impressions);
    tally.add_clicks(batch.clicks);
    tally.add_forwardings(batch.forwardings);
    tally.finish();
    records += batch.rows();
  }
  report(state, records);
}
BENCHMARK(BM_CountBatch)->Unit(benchmark::kMillisecond);

void BM_WriteBatchDown(benchmark::State& state) {
  const warehouse::Block& block = first_batch().impressions;
  std::vector<char> out(block.serialised_bytes());
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    block.serialise(out);
    benchmark::ClobberMemory();
    records += block.rows();
    bytes += out.size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  report(state, records);
}
BENCHMARK(BM_WriteBatchDown)->Unit(benchmark::kMillisecond);

void BM_CopyBatch(benchmark::State& state) {
  const warehouse::Block& block = first_batch().impressions;
  const std::vector<char> from(block.serialised_bytes(), 'x');
  std::vector<char> out(from.size());
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    std::memcpy(out.data(), from.data(), out.size());
    benchmark::ClobberMemory();
    records += block.rows();
    bytes += out.size();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
  report(state, records);
}
BENCHMARK(BM_CopyBatch)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
