#pragma once
// The server that the settlement demo talks to: on the demo's data directory, in this process, at a free port of this
// machine. One thread.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/config.h"
#include "base/error.h"
#include "base/time.h"
#include "cli/api_client.h"
#include "server/application.h"

namespace tallystick::cli {

class SettleServer {
 public:
  // `config` outlives it. Error codes: those of the server.
  [[nodiscard]] static base::Result<SettleServer> start(const base::Config& config, std::string key);

  [[nodiscard]] ApiClient& api() { return api_; }
  // Until this many records of the log are in the warehouse. Error codes: "warehouse_behind" (ten minutes are over),
  // those of the request.
  [[nodiscard]] base::Result<void> wait_for_warehouse(std::uint64_t records,
                                                      const base::Clock& clock,
                                                      const std::function<void(std::uint64_t)>& progress);
  void stop() { application_->stop(); }

 private:
  SettleServer(std::unique_ptr<server::Application> application, std::string key);

  std::unique_ptr<server::Application> application_;
  ApiClient api_;
};

}  // namespace tallystick::cli
