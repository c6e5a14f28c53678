#include "jobs/routes.h"

#include <string>
#include <utility>

#include <boost/json.hpp>

#include "access/audit.h"
#include "access/rest.h"
#include "jobs/json.h"

namespace tallystick::jobs {
namespace {

namespace json = boost::json;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kReadScope = "jobs:read";
constexpr const char* kWriteScope = "jobs:write";

Response job_response(const base::Result<Job>& job, const Request& request, int status = 200) {
  return job ? http::json_response(status, json::serialize(to_json(*job)))
             : access::failure_response(job.error(), request);
}

base::Result<Response> list_jobs(Queue& queue, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  JobFilter filter;
  if (const auto text = request.query_parameter("state"); !text.empty()) {
    TALLY_ASSIGN(filter.state, parse_state(text));
  }
  filter.kind = request.query_parameter("kind");
  filter.subject = request.query_parameter("subject");
  TALLY_ASSIGN(auto jobs, queue.list(filter, page.after, page.limit + 1));
  const bool has_more = std::ssize(jobs) > page.limit;
  if (has_more) {
    jobs.pop_back();
  }
  json::array items;
  for (const Job& job : jobs) {
    items.push_back(to_summary_json(job));
  }
  return access::page_response(std::move(items), has_more ? base::format_uuid(jobs.back().id) : "");
}

base::Result<Job> get_job(Queue& queue, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
  return queue.get(id);
}

using ChangeJob = base::Result<Job> (Queue::*)(const base::Uuid&, const access::ChangeContext&);

http::Handler change_job(Queue& queue, ChangeJob change) {
  return [&queue, change](const Request& request) {
    const auto changed = [&]() -> base::Result<Job> {
      TALLY_TRY(access::expect_empty_body(request));
      TALLY_ASSIGN(const base::Uuid id, base::parse_uuid(request.path_parameter("id")));
      return (queue.*change)(id, access::change_context(request));
    }();
    return job_response(changed, request);
  };
}

json::object schedule_json(const ScheduleStatus& status) {
  const Schedule& schedule = status.schedule;
  return {{"name", schedule.name},
          {"cron", schedule.cron},
          {"time_zone", schedule.time_zone},
          {"kind", schedule.draft.kind},
          {"is_per_node", schedule.is_per_node},
          {"next_at", base::format_rfc3339(status.next_at)},
          {"last_at", status.last_at.us == 0 ? json::value() : json::value(base::format_rfc3339(status.last_at))},
          {"last_job_id", status.last_job_id.empty() ? json::value() : json::value(status.last_job_id)}};
}

Response list_schedules(Runner& runner, const Request& request) {
  const auto schedules = runner.schedules();
  if (!schedules) {
    return access::failure_response(schedules.error(), request);
  }
  json::array items;
  for (const ScheduleStatus& status : *schedules) {
    items.push_back(schedule_json(status));
  }
  return access::page_response(std::move(items), "");
}

Response run_schedule(Runner& runner, const Request& request) {
  const auto job = [&]() -> base::Result<Job> {
    TALLY_TRY(access::expect_empty_body(request));
    return runner.run_schedule(request.path_parameter("name"), access::change_context(request));
  }();
  Response response = job_response(job, request, 202);
  if (job) {
    response.headers.emplace_back("Location", "/api/jobs/" + base::format_uuid(job->id));
  }
  return response;
}

void add_routes_under(const std::string& prefix,
                      http::Router& router,
                      Queue& queue,
                      Runner& runner,
                      const MakeIdempotent& make_idempotent) {
  router.add({Method::kGet,
              prefix + "/jobs",
              kReadScope,
              "List jobs, newest first; ?state=dead, ?kind=, ?subject=",
              [&queue](const Request& request) {
                auto listed = list_jobs(queue, request);
                return listed ? *std::move(listed) : access::failure_response(listed.error(), request);
              }});
  router.add({Method::kGet,
              prefix + "/jobs/{id}",
              kReadScope,
              "Get a job, with its payload and result",
              [&queue](const Request& request) {
                return job_response(get_job(queue, request), request);
              }});
  router.add({Method::kPost,
              prefix + "/jobs/{id}/retry",
              kWriteScope,
              "Queue a dead or cancelled job again",
              change_job(queue, &Queue::retry)});
  router.add({Method::kPost,
              prefix + "/jobs/{id}/cancel",
              kWriteScope,
              "Cancel a queued job; ask a running one to stop",
              change_job(queue, &Queue::cancel)});
  router.add({Method::kGet, prefix + "/schedules", kReadScope, "List schedules", [&runner](const Request& request) {
                return list_schedules(runner, request);
              }});
  router.add({Method::kPost,
              prefix + "/schedules/{name}/run",
              kWriteScope,
              "Queue the job of a schedule now",
              make_idempotent([&runner](const Request& request) { return run_schedule(runner, request); })});
}

}  // namespace

void add_routes(http::Router& router, Queue& queue, Runner& runner, const MakeIdempotent& make_idempotent) {
  add_routes_under("/api", router, queue, runner, make_idempotent);
  add_routes_under("", router, queue, runner, make_idempotent);
}

}  // namespace tallystick::jobs
