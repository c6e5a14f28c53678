#include "server/alert_parts.h"

#include <array>
#include <string>
#include <utility>

#include <unistd.h>

#include "alerts/channel_changes.h"
#include "base/ip.h"
#include "http/url.h"
#include "server/alert_checks.h"

namespace tallystick::server {
namespace {

// Who tells it: the host that visitors know, or this machine's name.
std::string source_of(const base::Config& config) {
  if (const auto url = http::parse_url(config.text("http.public_url"))) {
    return url->host;
  }
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "tallystick";
}

http::SmtpTls parse_tls(const std::string& text) {
  return text == "implicit" ? http::SmtpTls::kImplicit
         : text == "none"   ? http::SmtpTls::kNone
                            : http::SmtpTls::kStartTls;
}

bool is_this_machine(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

base::Result<alerts::NotifierOptions> notifier_options(const base::Config& config) {
  alerts::NotifierOptions options;
  options.source = source_of(config);
  options.smtp = {.host = config.text("alerts.smtp_host"),
                  .port = static_cast<std::uint16_t>(config.integer("alerts.smtp_port")),
                  .tls = parse_tls(config.text("alerts.smtp_tls")),
                  .user = config.text("alerts.smtp_user"),
                  .password = config.text("alerts.smtp_password"),
                  .ca_file = config.text("alerts.smtp_ca_file")};
  options.mail_from = config.text("alerts.smtp_from");
  if (options.smtp.host.empty()) {
    return options;
  }
  if (!alerts::is_mailbox(options.mail_from)) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_configuration",
                      "alerts.smtp_from must be an address such as tallystick@example.com");
  }
  if (!options.smtp.user.empty() && options.smtp.tls == http::SmtpTls::kNone && !is_this_machine(options.smtp.host)) {
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_configuration",
                      "alerts.smtp_tls = \"none\" would send the password in the clear: choose starttls or implicit");
  }
  return options;
}

base::Result<std::unique_ptr<AlertParts>> AlertParts::make(const Rooms& rooms) {
  TALLY_ASSIGN(alerts::NotifierOptions options, notifier_options(rooms.config));
  return std::make_unique<AlertParts>(rooms, std::move(options));
}

AlertParts::AlertParts(const Rooms& rooms, alerts::NotifierOptions options)
    : rooms_(rooms),
      notifier_(std::move(options), rooms.clock),
      channels_(rooms.database, rooms.audit, notifier_, rooms.clock, rooms.random),
      deliverer_({rooms.database, rooms.queue, notifier_, rooms.log, rooms.clock}),
      checks_(rooms.alerts, rooms.log) {
  for (alerts::Check& check :
       make_alert_checks({rooms.config, rooms.database, rooms.queue, rooms.insights, rooms.clock})) {
    checks_.add(std::move(check));
  }
}

void AlertParts::add_routes(http::Router& router, const alerts::MakeIdempotent& make_idempotent) {
  alerts::add_alert_routes(router, rooms_.alerts, rooms_.queue);
  alerts::add_channel_routes(router, channels_, make_idempotent);
}

void AlertParts::add_metrics(base::Metrics& metrics) {
  metrics.add_gauge("tallystick_alerts_open",
                    "Alerts that are not resolved, by severity.",
                    [&alerts = rooms_.alerts](base::MetricSamples& out) {
                      const auto counts = alerts.count_unresolved();
                      if (!counts) {
                        return;  // /readyz says that the records do not answer
                      }
                      for (std::size_t i = 0; i < counts->size(); ++i) {
                        out.add({{"severity", std::string(alerts::name_of(static_cast<alerts::Severity>(i)))}},
                                static_cast<double>((*counts)[i]));
                      }
                    });
  deliverer_.add_metrics(metrics);
}

base::Result<void> AlertParts::add_jobs(jobs::Runner& runner) {
  runner.add_handler(std::string(alerts::kDeliverJob), [this](jobs::JobContext& job) { return deliverer_.run(job); });
  runner.add_handler(std::string(alerts::kCheckJob), [this](jobs::JobContext& job) { return checks_.run(job); });
  return runner.add_schedule(
      {.name = "hourly-alert-checks", .cron = std::string(alerts::kCheckCron), .draft = alerts::make_check_job()});
}

}  // namespace tallystick::server
