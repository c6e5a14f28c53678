#pragma once
// The composition root: builds every object in dependency order and connects the rooms. The one place that knows
// them all. start() and stop() belong to one thread.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/config.h"
#include "base/error.h"
#include "http/router.h"

namespace tallystick::server {

struct StartOptions {
  // This program, which hosts the engine in a process of its own; empty: the engine stays off, whatever is configured.
  std::filesystem::path binary = {};
  bool with_demo_key = false;  // leave an API key for `tallystick demo` in the data directory
  // Shown to the person who starts the server, never logged: the first administrator key.
  std::function<void(std::string_view)> announce = [](std::string_view) {
  };
};

class Application {
 public:
  // `config` must outlive the application. Migrates, recovers the journal, listens. Any error is a reason not to serve.
  [[nodiscard]] static base::Result<std::unique_ptr<Application>> start(const base::Config& config,
                                                                        const StartOptions& options);
  // stop().
  ~Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  // Every route that is served: tests hold them against what is declared.
  [[nodiscard]] const http::Router& router() const;
  // "http://127.0.0.1:8080": how a person on this machine reaches it.
  [[nodiscard]] std::string local_url() const;
  // Graceful: every accepted request is answered, the journal is synced, a last checkpoint is signed.
  void stop();

 private:
  struct Parts;
  explicit Application(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tallystick::server
