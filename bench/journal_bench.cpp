// rooms: journal crypto base
// The journal's append, staging, reading and duplicate check, beside a plain write() + fdatasync() loop with groups of
// the same size as the physical limit.
#include "journal/journal.h"

#include <condition_variable>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/random.h"
#include "crypto/ed25519.h"
#include "journal/codec.h"
#include "journal/dedupe.h"

namespace {

using namespace tallystick;
using namespace tallystick::journal;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::current_path() / "journal-bench-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

Impression make_impression(base::Random& random) {
  Impression event;
  event.occurred_at.us = 1'795'000'000'000'000;
  event.placement_id = base::make_uuid_v4(random);
  event.merchant_id = base::make_uuid_v4(random);
  event.campaign = "spring-sale";
  event.country = "DE";
  event.state = ImpressionState::kViewable;
  event.visible_ms = 1200;
  event.consent.has_analytics = true;
  event.verdict.rules_version = 3;
  return event;
}

std::string make_personal() {
  Personal personal;
  personal.user.emplace().fill(1);
  personal.session.emplace().fill(2);
  personal.ip.emplace().bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 203, 0, 113, 0};
  personal.user_agent = "Mozilla/5.0 (X11; Linux x86_64)";
  std::string out;
  encode(personal, out);
  return out;
}

// Batches go round: what comes back is filled anew.
class Pool final : public BatchOwner {
 public:
  void on_batch_done(std::unique_ptr<Batch> batch) override {
    const std::lock_guard lock(mutex_);
    failed_ += batch->error() ? 1 : 0;
    free_.push_back(std::move(batch));
    ready_.notify_one();
  }
  std::unique_ptr<Batch> take() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return !free_.empty(); });
    auto batch = std::move(free_.back());
    free_.pop_back();
    batch->clear();
    return batch;
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return free_.size() == count; });
  }
  int failed() const { return failed_; }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<std::unique_ptr<Batch>> free_;
  int failed_ = 0;
};

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void append(benchmark::State& state, SyncMode mode) {
  const TemporaryDirectory directory;
  const base::SystemClock clock;
  base::SystemRandom random;
  const crypto::Ed25519Key key(crypto::Ed25519Seed{1});
  Options options;
  options.directory = directory.path / "journal";
  options.sync = mode;
  auto journal = Journal::open(options, clock, random, key).value();
  const std::string personal = make_personal();
  const auto per_batch = static_cast<std::size_t>(state.range(0));
  constexpr std::size_t kBatches = 16;
  Pool pool;
  for (std::size_t i = 0; i < kBatches; ++i) {
    pool.on_batch_done(std::make_unique<Batch>());
  }
  const Impression event = make_impression(random);
  std::string fields;
  std::uint64_t records = 0;
  const double cpu_before = cpu_seconds();
  for (auto _ : state) {
    auto batch = pool.take();
    for (std::size_t i = 0; i < per_batch; ++i) {
      fields.clear();
      encode(event, fields);
      batch->add({RecordKind::kImpression, DedupeWindow::kShort, base::make_uuid_v4(random), clock.now()},
                 fields,
                 personal,
                 random);
    }
    records += per_batch;
    journal->submit(std::move(batch), pool);
  }
  pool.wait_for(kBatches);
  const double cpu = cpu_seconds() - cpu_before;
  const Statistics statistics = journal->statistics();
  state.SetItemsProcessed(static_cast<std::int64_t>(records));
  state.SetBytesProcessed(static_cast<std::int64_t>(statistics.bytes_written));
  state.counters["cpu_ns/record"] = cpu * 1e9 / static_cast<double>(records);
  state.counters["bytes/record"] = static_cast<double>(statistics.bytes_written) / static_cast<double>(records);
  state.counters["records/group"] = static_cast<double>(records) / static_cast<double>(statistics.groups);
  state.counters["failed"] = pool.failed();
}

void BM_AppendAlways(benchmark::State& state) {
  append(state, SyncMode::kAlways);
}
void BM_AppendInterval(benchmark::State& state) {
  append(state, SyncMode::kInterval);
}
BENCHMARK(BM_AppendAlways)->Arg(50)->Arg(1000)->UseRealTime();
BENCHMARK(BM_AppendInterval)->Arg(50)->Arg(1000)->UseRealTime();

// The physical limit: groups of as many bytes, with nothing else to do.
void BM_PlainWriteAndSync(benchmark::State& state) {
  const TemporaryDirectory directory;
  const int file = ::open((directory.path / "plain").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const std::string bytes(static_cast<std::size_t>(state.range(0)) * 340, 'x');
  for (auto _ : state) {
    if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0) {
      state.SkipWithError("write failed");
      break;
    }
  }
  ::close(file);
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes.size()));
}
BENCHMARK(BM_PlainWriteAndSync)->Arg(50)->Arg(400)->Arg(3000)->UseRealTime();

void BM_StageRecord(benchmark::State& state) {
  base::SystemRandom random;
  const std::string personal = make_personal();
  const Impression event = make_impression(random);
  Batch batch;
  std::string fields;
  for (auto _ : state) {
    if (batch.size() == 1000) {
      batch.clear();
    }
    fields.clear();
    encode(event, fields);
    batch.add({RecordKind::kImpression, DedupeWindow::kShort, {}, {}}, fields, personal, random);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_StageRecord);

void BM_EncodeImpression(benchmark::State& state) {
  base::SystemRandom random;
  const Impression event = make_impression(random);
  std::string fields;
  for (auto _ : state) {
    fields.clear();
    encode(event, fields);
    benchmark::DoNotOptimize(fields.data());
  }
}
BENCHMARK(BM_EncodeImpression);

void BM_Dedupe(benchmark::State& state) {
  base::SeededRandom random(1);
  std::vector<base::Uuid> ids(2'000'000);
  for (base::Uuid& id : ids) {
    const std::uint64_t parts[2] = {random.next_u64(), random.next_u64()};
    std::memcpy(id.bytes.data(), parts, sizeof parts);
  }
  Dedupe dedupe({12 * base::kMicrosPerMinute, base::kMicrosPerDay, 32'000'000});
  std::size_t at = 0;
  const auto header_of = [&ids](std::size_t number) {
    RecordHeader header{RecordKind::kImpression, DedupeWindow::kShort, ids[number % ids.size()], {1}};
    header.event_id.bytes[0] = static_cast<std::uint8_t>(number / ids.size());
    return header;
  };
  for (auto _ : state) {
    dedupe.prefetch(header_of(at + 8));
    const RecordHeader header = header_of(at);
    benchmark::DoNotOptimize(dedupe.insert(header, at));
    ++at;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Dedupe);

void BM_Read(benchmark::State& state) {
  const TemporaryDirectory directory;
  const base::SystemClock clock;
  base::SystemRandom random;
  const crypto::Ed25519Key key(crypto::Ed25519Seed{1});
  Options options;
  options.directory = directory.path / "journal";
  options.sync = SyncMode::kInterval;
  auto journal = Journal::open(options, clock, random, key).value();
  const std::string personal = make_personal();
  std::string fields;
  encode(make_impression(random), fields);
  Pool pool;
  for (int b = 0; b < 300; ++b) {
    auto batch = std::make_unique<Batch>();
    for (int i = 0; i < 1000; ++i) {
      batch->add({RecordKind::kImpression, DedupeWindow::kNone, base::make_uuid_v4(random), clock.now()},
                 fields,
                 personal,
                 random);
    }
    journal->submit(std::move(batch), pool);
    pool.take().reset();
  }
  (void)journal->make_checkpoint();
  auto reader = journal->make_reader(0);
  Record record;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    if (!reader->next(record, 0).value_or(false)) {
      reader = journal->make_reader(0);
      (void)reader->next(record, 0);
    }
    bytes += static_cast<std::int64_t>(record.entry.size() + record.personal.size());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(bytes);
}
BENCHMARK(BM_Read);

}  // namespace

BENCHMARK_MAIN();
