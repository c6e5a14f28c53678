#include "capture/capture.h"

#include "capture/worker.h"

namespace tallystick::capture {

Capture::Capture(const CaptureRooms& rooms, const CaptureSettings& settings)
    : rooms_(rooms),
      settings_(settings),
      throttle_(settings.client_slots, settings.partner_slots, rooms.random.next_u64()),
      security_log_(settings.security_interval_us) {}

Capture::~Capture() = default;

http::ReactorServiceFactory Capture::worker_factory() {
  return [this](http::ReactorContext& context) -> std::unique_ptr<http::ReactorService> {
    return std::make_unique<Worker>(*this, context);
  };
}

void Capture::tick() {
  const std::lock_guard lock(workers_mutex_);
  for (Worker* const worker : workers_) {
    worker->post_tick();
  }
}

void Capture::enlist(Worker& worker) {
  const std::lock_guard lock(workers_mutex_);
  workers_.push_back(&worker);
}

void Capture::discharge(Worker& worker) {
  const std::lock_guard lock(workers_mutex_);
  std::erase(workers_, &worker);
}

}  // namespace tallystick::capture
