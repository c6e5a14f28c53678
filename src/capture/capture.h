#pragma once
// What the workers of all reactors share: the rooms they use, limits, counters. Thread-safe.

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "capture/alert_sink.h"
#include "capture/catalog.h"
#include "capture/security_log.h"
#include "capture/settings.h"
#include "capture/statistics.h"
#include "capture/throttle.h"
#include "crypto/key_ring.h"
#include "http/server.h"
#include "journal/journal.h"
#include "quality/judge.h"

namespace tallystick::capture {

class Worker;

// All outlive the Capture. `random` is thread-safe.
struct CaptureRooms {
  journal::Journal& journal;
  quality::Judge& judge;
  const crypto::KeyRing& keys;
  const CatalogSource& catalog;
  const base::Clock& clock;
  base::Random& random;
};

class Capture {
 public:
  Capture(const CaptureRooms& rooms, const CaptureSettings& settings);
  ~Capture();
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  // For http::Server::start; the Capture must outlive the server.
  [[nodiscard]] http::ReactorServiceFactory worker_factory();

  // Lets every worker write what waits for its time (forwarding records). The projector calls it twice a second.
  void tick();

  [[nodiscard]] const CaptureRooms& rooms() const { return rooms_; }
  [[nodiscard]] const CaptureSettings& settings() const { return settings_; }
  [[nodiscard]] Throttle& throttle() { return throttle_; }
  [[nodiscard]] SecurityLog& security_log() { return security_log_; }
  [[nodiscard]] CaptureStatistics& statistics() { return statistics_; }
  [[nodiscard]] const CaptureStatistics& statistics() const { return statistics_; }
  [[nodiscard]] AlertQueue& alerts() { return alerts_; }

 private:
  friend class Worker;
  void enlist(Worker& worker);
  void discharge(Worker& worker);

  CaptureRooms rooms_;
  CaptureSettings settings_;
  Throttle throttle_;
  SecurityLog security_log_;
  CaptureStatistics statistics_;
  AlertQueue alerts_;
  std::mutex workers_mutex_;
  std::vector<Worker*> workers_;
};

}  // namespace tallystick::capture
