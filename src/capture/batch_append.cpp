#include "capture/batch_append.h"

#include <condition_variable>
#include <mutex>

namespace tallystick::capture {
namespace {

class Waiter final : public journal::BatchOwner {
 public:
  // Notifies under the lock: the waiter may be gone as soon as the lock is free.
  void on_batch_done(std::unique_ptr<journal::Batch> batch) override {
    const std::lock_guard lock(mutex_);
    done_ = std::move(batch);
    changed_.notify_one();
  }
  std::unique_ptr<journal::Batch> wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_ != nullptr; });
    return std::move(done_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<journal::Batch> done_;
};

}  // namespace

base::Result<std::unique_ptr<journal::Batch>> append_batch(journal::Journal& journal,
                                                           std::unique_ptr<journal::Batch> batch) {
  Waiter waiter;
  journal.submit(std::move(batch), waiter);
  std::unique_ptr<journal::Batch> done = waiter.wait();
  if (done->error()) {
    return std::unexpected(*done->error());
  }
  return done;
}

}  // namespace tallystick::capture
