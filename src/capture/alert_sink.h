#pragma once
// Where this room's alerts go; the composition connects room `alerts`. Reactors never call a sink: they leave alerts in
// an AlertQueue, which the projector's thread empties. AlertQueue is thread-safe.

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace tallystick::capture {

enum class AlertSeverity : std::uint8_t { kInfo, kWarning, kCritical };

struct Alert {
  AlertSeverity severity = AlertSeverity::kWarning;
  std::string dedupe_key;  // alerts of one key are one alert, counted
  std::string subject;
  std::string summary;
  std::string evidence;  // JSON, without personal data
};

class AlertSink {
 public:
  virtual ~AlertSink() = default;
  // On the projector's thread; may block.
  virtual void raise(const Alert& alert) = 0;
};

class AlertQueue {
 public:
  // Drops the alert when kMaxWaiting are waiting: the journal has the event anyway.
  void push(Alert alert);
  [[nodiscard]] std::vector<Alert> take_all();

 private:
  static constexpr std::size_t kMaxWaiting = 1024;
  std::mutex mutex_;
  std::vector<Alert> waiting_;
};

}  // namespace tallystick::capture
