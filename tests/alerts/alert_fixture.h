#pragma once
// Alerts with a queue, channels and what delivers, on a database of their own. Jobs are run by hand, so that a test
// decides when.

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "alerts/channel_service.h"
#include "alerts/deliveries.h"
#include "alerts/service.h"
#include "jobs/queue.h"
#include "jobs/runner.h"
#include "tests/support/database_test.h"

namespace tallystick::alerts {

class HandJob final : public jobs::JobContext {
 public:
  explicit HandJob(jobs::Job job) : job_(std::move(job)) {}
  [[nodiscard]] const jobs::Job& job() const override { return job_; }
  void set_progress(const jobs::Progress&) override {}
  [[nodiscard]] bool is_cancelled() const override { return false; }

 private:
  jobs::Job job_;
};

class AlertFixture : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    queue_ = std::make_unique<jobs::Queue>(database(), audit_, clock_, random_);
    service_ = std::make_unique<AlertService>(database(), audit_, queue_.get(), log_, clock_, random_);
    channels_ = std::make_unique<ChannelService>(database(), audit_, notifier_, clock_, random_);
    deliverer_ = std::make_unique<Deliverer>(Deliverer::Rooms{database(), *queue_, notifier_, log_, clock_});
  }

  Alert raise(const std::string& key, Severity severity = Severity::kWarning, const std::string& subject = "journal") {
    clock_.advance_us(base::kMicrosPerSecond);
    return service_
        ->raise({.dedupe_key = key, .severity = severity, .subject = subject, .summary = "look", .evidence = ""})
        .value();
  }

  Channel make_channel(const std::string& name, const std::string& url, ChannelChange change = {}) {
    change.name = name;
    change.url = url;
    const auto made = channels_->create(ChannelKind::kSlack, change, context_);
    if (!made) {
      throw std::runtime_error(made.error().code);
    }
    return *made;
  }

  // Attempts every delivery that is due, once; how each went ("sent", "dropped", an error's code), oldest first.
  std::vector<std::string> run_due(int attempts = 1) {
    auto jobs = queue_->list({.kind = std::string(kDeliverJob)}, "", 500).value();
    std::vector<std::string> results;
    for (auto job = jobs.rbegin(); job != jobs.rend(); ++job) {
      if (job->draft.run_at > clock_.now() || finished_[job->id]) {
        continue;
      }
      job->attempts = attempts;
      HandJob context(*job);
      const auto result = deliverer_->run(context);
      finished_[job->id] = result.has_value();
      results.push_back(result ? *result : result.error().code);
    }
    return results;
  }

  // "raised sent; resolved dropped never_told"
  std::string deliveries_of(const Alert& alert) {
    std::string text;
    const AlertHistory history = service_->get(alert.id).value();
    for (const Delivery& delivery : history.deliveries) {
      text += text.empty() ? "" : "; ";
      text += std::string(name_of(delivery.cause)) + " " + std::string(name_of(delivery.state));
      text += delivery.reason.empty() ? "" : " " + delivery.reason;
    }
    return text;
  }

  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};  // 2023-11-14, a Tuesday, 22:13:20 UTC
  base::SystemRandom random_;                                        // of several threads
  std::mutex log_mutex_;
  std::string logged_;
  base::Log log_{{.level = base::LogLevel::kDebug,
                  .capture =
                      [this](std::string_view line) {
                        logged_ += line;
                      }},
                 clock_};
  access::AuditLog audit_{clock_, random_};
  const access::ChangeContext context_{"key:1", "", ""};
  const Notifier notifier_{NotifierOptions{.source = "tally.example.com"}, clock_};
  std::unique_ptr<jobs::Queue> queue_;
  std::unique_ptr<AlertService> service_;
  std::unique_ptr<ChannelService> channels_;
  std::unique_ptr<Deliverer> deliverer_;
  std::map<base::Uuid, bool> finished_;
};

}  // namespace tallystick::alerts
