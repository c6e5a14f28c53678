#include "quality/rule_watcher.h"

#include <sys/stat.h>

namespace tallystick::quality {

RuleWatcher::RuleWatcher(RuleSetLoader loader, const base::Clock& clock, OnRules on_rules)
    : loader_(std::move(loader)), clock_(clock), on_rules_(std::move(on_rules)) {}

RuleWatcher::Fingerprint RuleWatcher::look_at(const std::filesystem::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return {};
  }
  return {true,
          info.st_dev,
          info.st_ino,
          info.st_size,
          std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec};
}

std::vector<RuleWatcher::Fingerprint> RuleWatcher::look_at(const std::vector<std::filesystem::path>& paths) {
  std::vector<Fingerprint> fingerprints;
  fingerprints.reserve(paths.size());
  for (const auto& path : paths) {
    fingerprints.push_back(look_at(path));
  }
  return fingerprints;
}

base::Result<void> RuleWatcher::start() {
  auto loaded = reload();
  if (loaded) {
    const std::lock_guard lock(mutex_);
    status_.reloads = 0;
  }
  return loaded;
}

bool RuleWatcher::poll() {
  const std::int64_t now_us = clock_.monotonic_us();
  if (now_us < next_poll_us_) {
    return false;
  }
  next_poll_us_ = now_us + kPollIntervalUs;
  if (look_at(files_) == seen_) {
    return false;
  }
  return reload().has_value();
}

base::Result<void> RuleWatcher::reload() {
  // Looked at before they are read: a write in between shows at the next poll.
  auto before = look_at(files_);
  auto rules = loader_.load();
  if (loader_.files() == files_) {
    seen_ = std::move(before);
  } else {
    files_ = loader_.files();
    seen_ = look_at(files_);
  }
  if (!rules) {
    const std::lock_guard lock(mutex_);
    ++status_.failures;
    status_.error = rules.error().message;
    return std::unexpected(std::move(rules).error());
  }
  {
    const std::lock_guard lock(mutex_);
    ++status_.reloads;
    status_.error.clear();
    status_.rules_version = (*rules)->version();
    status_.digest = (*rules)->digest();
    status_.loaded_at = clock_.now();
    status_.switched_off = (*rules)->switched_off();
  }
  on_rules_(*std::move(rules));
  return {};
}

RuleWatcher::Status RuleWatcher::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace tallystick::quality
