#include "engine/executor.h"

#include <algorithm>
#include <utility>

namespace tallystick::engine {

Executor::Executor(const Database& database, const ExecutorLimits& limits) : database_(database), limits_(limits) {
  const unsigned threads = std::max(limits.concurrent_queries, 1U);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { run(); });
  }
}

Executor::~Executor() {
  stop();
}

std::string Executor::label_of(std::uint64_t number) {
  return "tallystick-" + std::to_string(number);
}

std::uint64_t Executor::submit(QueryRequest request, Done done) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t bytes = request.data.size();
    const bool is_full = inserts_.size() + queries_.size() >= limits_.max_queued ||
                         (queued_bytes_ > 0 && queued_bytes_ + bytes > limits_.max_queued_bytes);
    if (is_stopping_ || is_full) {
      return 0;
    }
    number = ++last_number_;
    queued_bytes_ += bytes;
    request.query.label = label_of(number);
    auto& queue = request.is_insert ? inserts_ : queries_;
    queue.push_back({number, std::move(request), std::move(done)});
  }
  wake_.notify_one();
  return number;
}

bool Executor::take(Job& out) {
  const std::size_t places = threads_.size() > 1 ? threads_.size() - 1 : 1;
  const bool may_query = !queries_.empty() && running_queries_ < places;
  const bool may_insert =
      !inserts_.empty() &&
      (running_bytes_ == 0 || running_bytes_ + inserts_.front().request.data.size() <= limits_.max_running_bytes);
  if (!may_insert && !may_query) {
    return false;
  }
  auto& queue = may_insert ? inserts_ : queries_;
  out = std::move(queue.front());
  queue.pop_front();
  queued_bytes_ -= out.request.data.size();
  running_bytes_ += out.request.data.size();
  running_queries_ += out.request.is_insert ? 0 : 1;
  running_.push_back({out.number, out.request.query_id});
  return true;
}

void Executor::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    Job job;
    wake_.wait(lock, [&] { return is_stopping_ || take(job); });
    if (job.number == 0) {
      return;
    }
    lock.unlock();
    QueryOutput output = database_.run(job.request.query);
    job.done(std::move(output));
    const bool is_insert = job.request.is_insert;
    const std::size_t bytes = job.request.data.size();
    const std::uint64_t number = job.number;
    job = Job();
    lock.lock();
    running_queries_ -= is_insert ? 0 : 1;
    running_bytes_ -= bytes;
    std::erase_if(running_, [number](const Running& running) { return running.number == number; });
    wake_.notify_all();  // others may have waited for this place
  }
}

void Executor::cancel(std::uint64_t number) {
  Job dropped;
  {
    const std::lock_guard lock(mutex_);
    for (auto* queue : {&inserts_, &queries_}) {
      const auto found =
          std::find_if(queue->begin(), queue->end(), [&](const Job& job) { return job.number == number; });
      if (found != queue->end()) {
        dropped = std::move(*found);
        queue->erase(found);
        queued_bytes_ -= dropped.request.data.size();
        return;
      }
    }
    if (std::ranges::find(running_, number, &Running::number) == running_.end()) {
      return;
    }
  }
  database_.cancel(label_of(number));
}

std::size_t Executor::cancel_named(std::string_view query_id) {
  std::vector<Job> dropped;
  std::vector<std::uint64_t> running;
  {
    const std::lock_guard lock(mutex_);
    for (auto* queue : {&inserts_, &queries_}) {
      for (Job& job : *queue) {
        if (job.request.query_id == query_id) {
          queued_bytes_ -= job.request.data.size();
          dropped.push_back(std::move(job));
          job.number = 0;
        }
      }
      std::erase_if(*queue, [](const Job& job) { return job.number == 0; });
    }
    for (const Running& query : running_) {
      if (query.query_id == query_id) {
        running.push_back(query.number);
      }
    }
  }
  for (const Job& job : dropped) {
    QueryOutput output;
    output.error = "Code: 394. DB::Exception: Query was cancelled. (QUERY_WAS_CANCELLED)";
    job.done(std::move(output));
  }
  for (const std::uint64_t number : running) {
    database_.cancel(label_of(number));
  }
  return running.size();
}

void Executor::stop() {
  std::vector<Running> running;
  std::deque<Job> inserts;
  std::deque<Job> queries;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    inserts.swap(inserts_);
    queries.swap(queries_);
    running = running_;
  }
  wake_.notify_all();
  for (const Running& query : running) {
    database_.cancel(label_of(query.number));
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

}  // namespace tallystick::engine
