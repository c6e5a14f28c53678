#pragma once
// A queue on a fresh database, a clock that the test moves, and runners as nodes have them: each with a database pool
// of its own.

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "jobs/queue.h"
#include "jobs/runner.h"
#include "tests/support/database_test.h"

namespace tallystick::jobs {

class JobsTest : public support::DatabaseTest {
 protected:
  struct Node {
    explicit Node(std::unique_ptr<records::Database> its_database, JobsTest& test, const RunnerOptions& options)
        : database(std::move(its_database)),
          queue(*database, test.audit_, test.clock_, test.random_),
          runner(queue, test.log_, options),
          may_end(test.may_end_) {}
    ~Node() { may_end = true; }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

    std::unique_ptr<records::Database> database;
    Queue queue;
    Runner runner;
    std::atomic<bool>& may_end;
  };

  void SetUp() override {
    DatabaseTest::SetUp();
    queue_ = std::make_unique<Queue>(database(), audit_, clock_, random_);
  }

  [[nodiscard]] std::unique_ptr<Node> make_node(const std::string& name, unsigned threads = 2) {
    return std::make_unique<Node>(
        open(), *this, RunnerOptions{.threads = threads, .node = name, .poll_interval_us = base::kMicrosPerMilli});
  }
  [[nodiscard]] Queue& queue() { return *queue_; }
  Job enqueue(const Draft& draft) {
    auto job = queue_->enqueue(draft);
    if (!job) {
      throw std::runtime_error(job.error().code + ": " + job.error().message);
    }
    return *std::move(job);
  }
  [[nodiscard]] std::vector<Job> jobs(const JobFilter& filter = {}) {
    auto listed = queue_->list(filter, "", 100);
    if (!listed) {
      throw std::runtime_error(listed.error().code + ": " + listed.error().message);
    }
    return *std::move(listed);
  }
  // Until it is so; a minute is for machines that do much else.
  static void wait_until(const std::function<bool()>& is_so) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!is_so()) {
      if (std::chrono::steady_clock::now() > limit) {
        throw std::runtime_error("it did not come to pass");
      }
      std::this_thread::yield();
    }
  }
  Job wait_for(const base::Uuid& id, State state) {
    wait_until([&] { return queue_->get(id)->state == state; });
    return *queue_->get(id);
  }

  // What a handler of a test may wait for. A node sets it as it goes, so that a failed test ends.
  std::atomic<bool> may_end_{false};
  void wait_for_end() const {
    while (!may_end_) {
      std::this_thread::yield();
    }
  }

  base::ManualClock clock_{base::parse_rfc3339("2026-01-31T12:00:00Z").value()};
  base::SystemRandom random_;
  base::Log log_{{.level = base::LogLevel::kOff}, clock_};
  access::AuditLog audit_{clock_, random_};
  const access::ChangeContext context_{"key:1", "because", ""};

 private:
  std::unique_ptr<Queue> queue_;
};

}  // namespace tallystick::jobs
