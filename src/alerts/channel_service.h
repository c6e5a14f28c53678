#pragma once
// What can be done with channels. Every change is validated, versioned and written in one transaction with its audit
// entry, which shows neither a secret nor the whole of a URL. Thread-safe: blocks on the database, and a test on the
// receiver.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/audit.h"
#include "alerts/channel.h"
#include "alerts/channel_changes.h"
#include "alerts/notifier.h"
#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "records/database.h"

namespace tallystick::alerts {

class ChannelService {
 public:
  // All must outlive it.
  ChannelService(records::Database& database,
                 access::AuditLog& audit,
                 const Notifier& notifier,
                 const base::Clock& clock,
                 base::Random& random)
      : database_(database), audit_(audit), notifier_(notifier), clock_(clock), random_(random) {}

  // Error codes: "validation_failed", "already_exists" (the name), "too_many_channels".
  [[nodiscard]] base::Result<Channel> create(ChannelKind kind,
                                             const ChannelChange& change,
                                             const access::ChangeContext& context);
  [[nodiscard]] base::Result<std::vector<Channel>> list(std::string_view after, std::int64_t max_channels);
  // Error code: "channel_not_found".
  [[nodiscard]] base::Result<Channel> get(const base::Uuid& id);
  // `expected_version`: what the caller has seen, if it says. Error codes: "channel_not_found", "validation_failed",
  // "version_conflict", "already_exists".
  [[nodiscard]] base::Result<Channel> change(const base::Uuid& id,
                                             const ChannelChange& change,
                                             std::optional<std::int64_t> expected_version,
                                             const access::ChangeContext& context);
  // What waits to be told on it is dropped. Error code: "channel_not_found".
  [[nodiscard]] base::Result<void> remove(const base::Uuid& id, const access::ChangeContext& context);

  // Sends a made-up alert, now, whether or not the channel is enabled or quiet. How it went; as an error: it could not
  // be tried ("channel_not_found").
  struct TestOutcome {
    std::optional<base::Error> failure;
    std::int64_t duration_us = 0;
  };
  [[nodiscard]] base::Result<TestOutcome> test(const base::Uuid& id, const access::ChangeContext& context);

 private:
  records::Database& database_;
  access::AuditLog& audit_;
  const Notifier& notifier_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace tallystick::alerts
