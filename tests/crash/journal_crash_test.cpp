// The journal alone under kill -9: a child appends and reports every acknowledged id through a pipe, is killed at a
// random moment, and the next round opens what is left. Nothing acknowledged may be missing, nothing may be there
// twice, and every checkpoint that was persisted must be part of the tree.
#include <csignal>
#include <set>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "journal/checkpoint.h"
#include "tests/journal/journal_fixture.h"

namespace tallystick::journal {
namespace {

constexpr int kRounds = 50;
constexpr std::size_t kPerBatch = 8;

// Reports ids of batches that are acknowledged, in order.
class Reporter final : public BatchOwner {
 public:
  Reporter(int pipe, std::uint64_t first) : pipe_(pipe), next_(first) {}

  void on_batch_done(std::unique_ptr<Batch> batch) override {
    if (batch->error()) {
      ::_exit(3);
    }
    const std::uint64_t acknowledged = next_;
    next_ += kPerBatch;
    if (::write(pipe_, &acknowledged, sizeof acknowledged) != sizeof acknowledged) {
      ::_exit(4);
    }
    --in_flight_;
  }
  std::atomic<int> in_flight_ = 0;

 private:
  int pipe_;
  std::uint64_t next_;
};

[[noreturn]] void append_until_killed(const Options& options, std::uint64_t first, int pipe) {
  const base::SystemClock clock;
  base::SystemRandom random;
  const crypto::Ed25519Key key(crypto::Ed25519Seed{1, 2, 3});
  auto journal = Journal::open(options, clock, random, key);
  if (!journal) {
    ::_exit(2);
  }
  Reporter reporter(pipe, first);
  for (std::uint64_t number = first;; number += kPerBatch) {
    while (reporter.in_flight_ >= 4) {
      std::this_thread::yield();
    }
    auto batch = std::make_unique<Batch>();
    for (std::size_t i = 0; i < kPerBatch; ++i) {
      batch->add({RecordKind::kClick, DedupeWindow::kLong, id_of(number + i), clock.now()}, "", "0123456789", random);
    }
    ++reporter.in_flight_;
    (*journal)->submit(std::move(batch), reporter);
  }
}

TEST_F(JournalTest, SurvivesBeingKilledAtRandomMoments) {
  options_.segment_bytes = 200'000;
  std::vector<std::uint64_t> acknowledged;
  std::uint64_t first = 0;
  const auto verifier = make_verifier_key(options_.origin, key_.public_key());
  const base::SystemClock clock;
  for (int round = 0; round < kRounds; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      append_until_killed(options_, first, pipe[1]);
    }
    ::close(pipe[1]);
    const std::size_t wanted = 1 + random_.next_u64() % 120;
    std::uint64_t number = 0;
    std::size_t received = 0;
    while (::read(pipe[0], &number, sizeof number) == sizeof number) {
      acknowledged.push_back(number);
      if (++received == wanted) {
        ::kill(child, SIGKILL);  // what is still in the pipe was acknowledged too
      }
    }
    ::close(pipe[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round << ", exit code " << WEXITSTATUS(status);

    SystemFiles files;
    const auto persisted = load_text(files, options_.directory / "checkpoint");
    ASSERT_TRUE(persisted);
    const auto checkpoint = open_checkpoint_note(*persisted, verifier);
    ASSERT_TRUE(checkpoint);
    auto opened = Journal::open(options_, clock, random_, key_);
    ASSERT_TRUE(opened) << "round " << round << ": " << opened.error().message;
    journal_ = *std::move(opened);
    EXPECT_GE(journal_->size(), checkpoint->size);
    first = (acknowledged.empty() ? 0 : acknowledged.back()) + 10 * kPerBatch;
    journal_.reset();
  }
  open();
  const std::vector<base::Uuid> ids = read_ids();
  const std::set<base::Uuid> distinct(ids.begin(), ids.end());
  EXPECT_EQ(distinct.size(), ids.size());
  for (const std::uint64_t number : acknowledged) {
    for (std::size_t i = 0; i < kPerBatch; ++i) {
      ASSERT_TRUE(distinct.contains(id_of(number + i))) << number + i;
    }
  }
}

}  // namespace
}  // namespace tallystick::journal
