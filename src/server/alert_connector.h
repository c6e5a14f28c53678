#pragma once
// Hands what capture notices to room `alerts`. Thread-safe.

#include "alerts/service.h"
#include "base/log.h"
#include "capture/alert_sink.h"

namespace tallystick::server {

class AlertConnector final : public capture::AlertSink {
 public:
  // Both must outlive it.
  AlertConnector(alerts::AlertService& alerts, base::Log& log) : alerts_(alerts), log_(log) {}

  void raise(const capture::Alert& alert) override;

 private:
  alerts::AlertService& alerts_;
  base::Log& log_;
};

}  // namespace tallystick::server
