#include "settlement/reconciliation_routes.h"

#include <atomic>
#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "access/rest.h"
#include "jobs/json.h"
#include "reconcile/json.h"
#include "settlement/reconciliation_job.h"

namespace tallystick::settlement {
namespace {

namespace json = boost::json;
using http::Request;
using http::Response;

constexpr std::int64_t kJobLookEveryUs = 50 * base::kMicrosPerMilli;
constexpr const char* kStatementScope = "reconciliation:read";
constexpr const char* kReconcileScope = "reconciliation:write";

base::Result<Days> parse_asked_days(std::string_view body) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  if (error) {
    return base::fail(base::ErrorKind::kInvalid, "bad_json", "the body is not JSON");
  }
  const json::object* const object = value.if_object();
  if (object == nullptr) {
    return base::fail(base::ErrorKind::kInvalid, "not_an_object", R"(send {"from": date, "to": date})");
  }
  base::Error refused{base::ErrorKind::kUnprocessable, "validation_failed", "one or more members are not acceptable"};
  for (const auto& [name, member] : *object) {
    if (name != "from" && name != "to") {
      refused.fields.push_back({fmt::format("/{}", std::string_view(name)), "unknown_member", "is not a member here"});
    }
  }
  std::array<std::string, 2> dates;
  for (std::size_t i = 0; i < dates.size(); ++i) {
    const std::string_view name = i == 0 ? "from" : "to";
    const json::value* const member = object->if_contains(name);
    if (member == nullptr || !member->is_string()) {
      refused.fields.push_back({fmt::format("/{}", name), "required", "is missing, or no text"});
    } else {
      dates.at(i) = std::string_view(member->get_string());
    }
  }
  if (!refused.fields.empty()) {
    return std::unexpected(std::move(refused));
  }
  return parse_days(dates[0], dates[1]);
}

base::Result<std::int64_t> parse_wait(const Request& request) {
  const std::string text = request.query_parameter("wait");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool is_number = error == std::errc() && end == text.data() + text.size();
  if (text.empty() || (is_number && seconds >= 0 && seconds <= kMaxWaitS)) {
    return seconds;
  }
  return base::fail(
      base::ErrorKind::kInvalid, "bad_parameter", fmt::format("wait is a number of seconds from 0 to {}", kMaxWaitS));
}

// Of the requests that wait; nothing when there are too many already.
class WaitingPlace {
 public:
  explicit WaitingPlace(std::atomic<int>& taken) : taken_(taken), has_place_(++taken <= kMaxWaiting) {}
  ~WaitingPlace() { --taken_; }
  WaitingPlace(const WaitingPlace&) = delete;
  WaitingPlace& operator=(const WaitingPlace&) = delete;
  [[nodiscard]] bool has_place() const { return has_place_; }

 private:
  std::atomic<int>& taken_;
  const bool has_place_;
};

base::Result<jobs::Job> queue_reconciliation(const ReconciliationRooms& rooms, const Request& request) {
  TALLY_ASSIGN(const Days days, parse_asked_days(request.body));
  TALLY_ASSIGN(const PartnerTerms terms, rooms.partners.find(request.path_parameter("partner")));
  const access::ChangeContext context = access::change_context(request);
  const jobs::Draft draft = make_reconcile_draft(terms, days, context.actor);
  return rooms.database.write<jobs::Job>([&](soci::session& session) -> base::Result<jobs::Job> {
    TALLY_ASSIGN(jobs::Job job, rooms.queue.enqueue(session, draft));
    const json::object after{
        {"job", base::format_uuid(job.id)}, {"from", base::format_date(days.from)}, {"to", base::format_date(days.to)}};
    TALLY_TRY(rooms.audit.append(session, {"partner.reconcile", draft.subject, "", json::serialize(after)}, context));
    return job;
  });
}

bool is_finished(const jobs::Job& job) {
  return job.state != jobs::State::kQueued && job.state != jobs::State::kRunning;
}

base::Result<Response> run_response(const ReconciliationRooms& rooms, const jobs::Job& job) {
  if (job.state != jobs::State::kDone) {
    return base::fail(base::ErrorKind::kConflict,
                      "reconciliation_failed",
                      fmt::format("job {} is {}: {}",
                                  base::format_uuid(job.id),
                                  jobs::name_of(job.state),
                                  job.error_message.empty() ? "somebody cancelled it" : job.error_message));
  }
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(std::string_view(json::parse(job.result).at("run").as_string())));
  TALLY_ASSIGN(const reconcile::Run run, rooms.runs.get(id));
  Response response = http::json_response(200, json::serialize(reconcile::to_json(run)));
  response.headers.emplace_back("Location", "/api/reconciliations/" + base::format_uuid(run.id));
  return response;
}

base::Result<Response> answer_reconcile(const ReconciliationRooms& rooms,
                                        std::atomic<int>& waiting,
                                        const Request& request) {
  TALLY_ASSIGN(const std::int64_t wait_s, parse_wait(request));
  TALLY_ASSIGN(jobs::Job job, queue_reconciliation(rooms, request));
  const WaitingPlace place(waiting);
  const std::int64_t until_us = rooms.clock.monotonic_us() + (place.has_place() ? wait_s * base::kMicrosPerSecond : 0);
  while (!is_finished(job) && rooms.clock.monotonic_us() < until_us) {
    rooms.pause(kJobLookEveryUs);
    TALLY_ASSIGN(job, rooms.queue.get(job.id));
  }
  if (is_finished(job)) {
    return run_response(rooms, job);
  }
  Response response = http::json_response(202, json::serialize(jobs::to_json(job)));
  response.headers.emplace_back("Location", "/api/jobs/" + base::format_uuid(job.id));
  return response;
}

base::Result<Response> answer_statement(const ReconciliationRooms& rooms, const Request& request) {
  TALLY_ASSIGN(const Days month, parse_month(request.path_parameter("month")));
  TALLY_ASSIGN(const PartnerTerms terms, rooms.partners.find(request.path_parameter("partner")));
  TALLY_ASSIGN(const std::optional<reconcile::Run> run, rooms.service.find_run(terms.id, month));
  if (!run) {
    return base::fail(
        base::ErrorKind::kNotFound,
        "no_reconciliation",
        fmt::format("{} has not been reconciled for that month yet: POST /api/partners/{}/reconciliations",
                    terms.slug,
                    terms.slug));
  }
  Response response{302, "", ""};
  response.headers.emplace_back("Location",
                                fmt::format("/api/reconciliations/{}/statement{}{}",
                                            base::format_uuid(run->id),
                                            request.query.empty() ? "" : "?",
                                            request.query));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response respond_reconciliation(base::Result<Response> response, const Request& request) {
  return response ? *std::move(response) : access::failure_response(response.error(), request);
}

}  // namespace

void add_reconciliation_routes(http::Router& router,
                               const ReconciliationRooms& rooms,
                               const std::function<http::Handler(http::Handler)>& make_idempotent) {
  const auto waiting = std::make_shared<std::atomic<int>>(0);
  router.add({http::Method::kPost,
              "/api/partners/{partner}/reconciliations",
              kReconcileScope,
              "Reconcile a partner's report with what happened; ?wait=<seconds> for the run",
              make_idempotent([rooms, waiting](const Request& request) {
                return respond_reconciliation(answer_reconcile(rooms, *waiting, request), request);
              })});
  router.add({http::Method::kGet,
              "/api/partners/{partner}/statements/{month}",
              kStatementScope,
              "The statement of a partner's month, as HTML or CSV",
              [rooms](const Request& request) {
                return respond_reconciliation(answer_statement(rooms, request), request);
              }});
}

}  // namespace tallystick::settlement
