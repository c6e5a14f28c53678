#pragma once
// A bounded number of queries at a time, and a bounded queue before them. Inserts overtake, and one place is kept
// for them, so that slow reports cannot stop the loader. Thread-safe.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/database.h"
#include "engine/query_request.h"

namespace tallystick::engine {

struct ExecutorLimits {
  unsigned concurrent_queries = 4;
  std::size_t max_queued = 64;
  std::size_t max_queued_bytes = 1UZ << 30;  // data of waiting inserts
  // Data of inserts that run side by side: each takes a multiple of it in memory. A larger one runs alone.
  std::size_t max_running_bytes = 1UZ << 28;
};

class Executor {
 public:
  // On a thread of the executor; must not throw.
  using Done = std::function<void(QueryOutput)>;

  // `database` must outlive the executor.
  Executor(const Database& database, const ExecutorLimits& limits);
  // stop().
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // 0: the queue is full, or the executor is stopping. Otherwise a number for cancel().
  [[nodiscard]] std::uint64_t submit(QueryRequest request, Done done);
  // Forgets it when it waits, asks it to end when it runs; `done` of a forgotten one is not called.
  void cancel(std::uint64_t number);
  // The same for all of a client's query id, but `done` is called. How many still run: none is left when it says 0, and
  // none of them will begin.
  [[nodiscard]] std::size_t cancel_named(std::string_view query_id);
  // Drops what waits, asks what runs to end, and waits for that.
  void stop();

 private:
  struct Job {
    std::uint64_t number = 0;
    QueryRequest request;
    Done done;
  };

  struct Running {
    std::uint64_t number = 0;
    std::string query_id;
  };

  void run();
  // With the lock held: the next job that may run now.
  [[nodiscard]] bool take(Job& out);
  [[nodiscard]] static std::string label_of(std::uint64_t number);

  const Database& database_;
  const ExecutorLimits limits_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> inserts_;
  std::deque<Job> queries_;
  std::size_t queued_bytes_ = 0;
  unsigned running_queries_ = 0;  // without inserts
  std::size_t running_bytes_ = 0;
  std::uint64_t last_number_ = 0;
  std::vector<Running> running_;
  bool is_stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tallystick::engine
