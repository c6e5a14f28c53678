#pragma once
// Reloads the rules when one of their files changed, without a restart: the composition calls poll() from time to
// time, from one thread. A reload that fails keeps the last good set and says so. status() is thread-safe.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "quality/rules_loader.h"

namespace tallystick::quality {

class RuleWatcher {
 public:
  static constexpr std::int64_t kPollIntervalUs = base::kMicrosPerSecond;

  struct Status {
    std::uint32_t rules_version = 0;
    crypto::Digest digest{};
    base::Timestamp loaded_at;
    std::string error;          // of the last try; empty when it succeeded
    std::uint64_t reloads = 0;  // successful ones after the first
    std::uint64_t failures = 0;
    std::vector<SwitchedOff> switched_off;
  };
  using OnRules = std::function<void(std::shared_ptr<const RuleSet>)>;

  // `clock` outlives the watcher.
  RuleWatcher(RuleSetLoader loader, const base::Clock& clock, OnRules on_rules);

  // The first load: an error here is a reason not to start.
  [[nodiscard]] base::Result<void> start();
  // Looks at the files at most once per interval. True when new rules took effect.
  bool poll();
  // Loads now, whatever the files look like (SIGHUP, an API call).
  [[nodiscard]] base::Result<void> reload();
  [[nodiscard]] Status status() const;

 private:
  struct Fingerprint {
    bool exists = false;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
  };
  static Fingerprint look_at(const std::filesystem::path& path);
  static std::vector<Fingerprint> look_at(const std::vector<std::filesystem::path>& paths);

  RuleSetLoader loader_;
  const base::Clock& clock_;
  OnRules on_rules_;
  std::int64_t next_poll_us_ = 0;
  std::vector<std::filesystem::path> files_;
  std::vector<Fingerprint> seen_;
  mutable std::mutex mutex_;
  Status status_;
};

}  // namespace tallystick::quality
