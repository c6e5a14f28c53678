#include "cli/demo_sender.h"

#include <chrono>
#include <thread>
#include <utility>

#include <boost/json.hpp>

#include "cli/api_client.h"
#include "http/client.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

class Sender {
 public:
  Sender(const DemoRun& run, const DemoWorld& world, std::size_t number, const base::Clock& clock)
      : run_(run), clock_(clock), plan_(world, random_, number), api_(run.url, run.key) {}

  base::Result<void> send_all(DemoSenderResult& result, std::atomic<std::uint64_t>& events_sent) {
    double sent = 0;
    while (true) {
      const auto due_us = run_.start_us + static_cast<std::int64_t>(sent / run_.events_per_second * 1e6);
      if (due_us >= run_.end_us) {
        return {};
      }
      TALLY_TRY(refill());
      if (const std::int64_t wait_us = due_us - clock_.monotonic_us(); wait_us > 0) {
        std::this_thread::sleep_for(std::chrono::microseconds(wait_us));
      }
      const DemoAction action = plan_.next(clock_.monotonic_us(), clock_.now());
      const auto answer = send(action);
      result.tally.count(action, answer);
      if (answer && answer->status == 302 && !action.is_prefetch && !result.click_id) {
        result.click_id = action.event_id;
      }
      if (!answer && ++failures_ > kMaxFailures) {
        return std::unexpected(answer.error());
      }
      sent += static_cast<double>(action.events);
      events_sent += action.events;
    }
  }

 private:
  static constexpr int kMaxFailures = 20;

  base::Result<void> refill() {
    const auto wanted = plan_.wanted_links(clock_.now());
    if (wanted.empty()) {
      return {};
    }
    TALLY_ASSIGN(const json::value answer,
                 api_.post("/api/links/sign", json::object{{"links", json::array(wanted.begin(), wanted.end())}}));
    std::vector<std::string> targets;
    for (const json::value& link : answer.at("links").as_array()) {
      targets.emplace_back(link.at("target").as_string());
    }
    plan_.give_links(std::move(targets));
    return {};
  }

  base::Result<http::ClientResponse> send(const DemoAction& action) {
    http::ClientRequest request;
    request.method = action.method;
    request.url = run_.url + action.target;
    request.headers = action.headers;
    request.body = action.body;
    if (action.needs_key) {
      request.headers.emplace_back("Authorization", "Bearer " + run_.key);
      request.headers.emplace_back("Idempotency-Key", "\"" + base::format_uuid(base::make_uuid_v4(random_)) + "\"");
    }
    return client_.send(request);
  }

  const DemoRun& run_;
  const base::Clock& clock_;
  base::SystemRandom random_;
  DemoPlan plan_;
  ApiClient api_;
  http::Client client_;
  int failures_ = 0;
};

}  // namespace

DemoSenderResult send_demo_traffic(const DemoRun& run,
                                   const DemoWorld& world,
                                   std::size_t sender,
                                   const base::Clock& clock,
                                   std::atomic<std::uint64_t>& events_sent) {
  DemoSenderResult result;
  if (const auto done = Sender(run, world, sender, clock).send_all(result, events_sent); !done) {
    result.error = done.error();
  }
  return result;
}

}  // namespace tallystick::cli
