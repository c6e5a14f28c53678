#pragma once
// What the crash tests send, and what they remember of the answers: every id that was acknowledged, and every id whose
// answer was lost with the server.

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/raw_http.h"

namespace tallystick::crash {

// The catalog that the events name; made once through the API.
struct Scene {
  std::string admin_key;
  std::string placement;
  std::string merchant;
  std::string exposure_unit;
};
[[nodiscard]] Scene make_scene(std::uint16_t port, const std::string& admin_key);

struct Ledger {
  std::mutex mutex;
  std::set<std::string> acknowledged;       // "accepted" or "duplicate" was answered: each must be in the log, once
  std::set<std::string> unknown;            // sent, and the answer was lost
  std::vector<std::string> contradictions;  // an acknowledged id that was accepted a second time, and the like
};

// Sends from `threads` connections until stopped or until the server is gone.
class Traffic {
 public:
  Traffic(std::uint16_t port, const Scene& scene, Ledger& ledger, unsigned threads, std::uint64_t seed);
  ~Traffic();
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;
  void stop();
  [[nodiscard]] std::uint64_t answers() const { return answers_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }  // answered 503

 private:
  void run(std::uint64_t seed);
  void send_exposures(support::RawConnection& connection, std::mt19937_64& random);
  void send_click(support::RawConnection& connection, std::mt19937_64& random);
  void note(const std::string& id, const std::string& status, bool was_acknowledged);

  std::uint16_t port_;
  const Scene& scene_;
  Ledger& ledger_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::uint64_t> answers_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::vector<std::thread> threads_;
};

}  // namespace tallystick::crash
