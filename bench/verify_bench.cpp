// rooms: journal crypto base
// Verification and the growth of the tree, beside what bounds them: SHA-256 of the same bytes.
#include "journal/verify.h"

#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "crypto/sha256.h"
#include "journal/merkle.h"
#include "journal/tile_store.h"
#include "tests/journal/log_builder.h"
#include "tests/support/temporary_directory.h"

namespace {

using namespace tallystick;

constexpr std::int64_t kRecords = 500'000;
constexpr std::uint64_t kRecordsPerSegment = 200'000;
constexpr std::string_view kAgent =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";

// Clicks in groups of 64; with or without a personal part.
std::string add_records(journal::LogBuilder& log, bool has_personal) {
  for (std::int64_t i = 0; i < kRecords; ++i) {
    log.add_click("spring-campaign-2026", has_personal ? kAgent : "");
    if (i % 64 == 63) {
      log.end_group();
    }
    if (log.size() % kRecordsPerSegment == 0) {
      log.seal_segment();
    }
  }
  log.finish();
  return format_verifier_key(log.verifier());
}

void BM_Verify(benchmark::State& state) {
  const support::TemporaryDirectory directory;
  journal::VerifyOptions options;
  options.directory = directory.path();
  {
    journal::LogBuilder log(directory.path());
    options.public_key = add_records(log, state.range(0) != 0);
  }
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    const auto report = journal::verify(options);
    if (!report || report->first_damage) {
      state.SkipWithError("the log does not verify");
      return;
    }
    bytes += report->bytes;
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(BM_Verify)->ArgName("personal")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

// What a verifier cannot do without: the leaf hash, one node hash, and with a personal part its commitment.
void BM_HashesOfVerification(benchmark::State& state) {
  const std::string entry(110, 'e');
  const std::string personal(120, 'p');
  crypto::Digest digest{};
  for (auto _ : state) {
    digest = journal::node_hash(digest, journal::leaf_hash(entry));
    if (state.range(0) != 0) {
      benchmark::DoNotOptimize(crypto::sha256(personal));
    }
    benchmark::DoNotOptimize(digest);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_HashesOfVerification)->ArgName("personal")->Arg(0)->Arg(1);

void BM_TreeAppend(benchmark::State& state) {
  const support::TemporaryDirectory directory;
  const auto tree = *journal::TileStore::open(directory.path());
  std::vector<crypto::Digest> leaves(static_cast<std::size_t>(state.range(0)));
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    leaves[i] = journal::leaf_hash(std::to_string(i));
  }
  std::uint64_t groups = 0;
  for (auto _ : state) {
    (void)tree->append(leaves);
    if (++groups % 64 == 0) {
      (void)tree->flush();
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_TreeAppend)->ArgName("group")->Arg(1)->Arg(16)->Arg(256);

// The least that a tree can cost: one node hash per record.
void BM_NodeHash(benchmark::State& state) {
  crypto::Digest digest{};
  for (auto _ : state) {
    digest = journal::node_hash(digest, digest);
    benchmark::DoNotOptimize(digest);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_NodeHash);

}  // namespace

BENCHMARK_MAIN();
