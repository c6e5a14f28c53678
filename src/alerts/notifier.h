#pragma once
// Sends notices to channels: HTTP for Slack, PagerDuty and webhooks, SMTP for e-mail. Every call is bounded in time,
// no redirect is followed, and no error names an address, a URL or what the receiver said. Thread-safe.

#include <cstdint>
#include <string>

#include "alerts/channel.h"
#include "alerts/notice.h"
#include "base/error.h"
#include "base/time.h"
#include "http/client.h"
#include "http/smtp_client.h"

namespace tallystick::alerts {

struct NotifierOptions {
  std::string source = "tallystick";  // who tells it: a host name
  http::SmtpServer smtp = {};         // host empty: there is none
  std::string mail_from = {};         // a mailbox
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t total_timeout_ms = 15'000;
};

class Notifier {
 public:
  // `clock` must outlive it.
  Notifier(NotifierOptions options, const base::Clock& clock) : options_(std::move(options)), clock_(clock) {}

  [[nodiscard]] const std::string& source() const { return options_.source; }

  // Error codes: "delivery_refused" (kUnprocessable: the receiver will not take it later either), "delivery_deferred"
  // (kUnavailable), "smtp_not_configured", and those of http::Client and http::send_mail. A test is refused when one
  // recipient is; what matters goes to those that remain.
  [[nodiscard]] base::Result<void> send(const Channel& channel, const Notice& notice) const;

 private:
  [[nodiscard]] base::Result<void> send_pagerduty(const Channel& channel, const Notice& notice) const;
  [[nodiscard]] base::Result<void> send_webhook(const Channel& channel, const Notice& notice) const;
  [[nodiscard]] base::Result<void> send_email(const Channel& channel, const Notice& notice) const;
  [[nodiscard]] base::Result<void> post(http::ClientRequest request) const;

  const NotifierOptions options_;
  const base::Clock& clock_;
};

}  // namespace tallystick::alerts
