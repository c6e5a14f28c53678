#include "jobs/json.h"

namespace tallystick::jobs {
namespace {

namespace json = boost::json;

json::value time_or_null(base::Timestamp time) {
  return time.us == 0 ? json::value() : json::value(base::format_rfc3339(time));
}

}  // namespace

json::object to_summary_json(const Job& job) {
  json::value error;
  if (!job.error_code.empty()) {
    error = {{"code", job.error_code}, {"message", job.error_message}};
  }
  return {{"id", base::format_uuid(job.id)},
          {"kind", job.draft.kind},
          {"subject", job.draft.subject},
          {"state", name_of(job.state)},
          {"priority", job.draft.priority},
          {"attempts", job.attempts},
          {"max_attempts", job.draft.max_attempts},
          {"progress",
           {{"done", job.progress.done},
            {"total", job.progress.total == 0 ? json::value() : json::value(job.progress.total)},
            {"note", job.progress.note}}},
          {"error", std::move(error)},
          {"is_cancel_requested", job.is_cancel_requested},
          {"dedupe_key", job.draft.dedupe_key},
          {"node", job.draft.node},
          {"actor", job.draft.actor},
          {"lease_owner", job.lease_owner},
          {"lease_until", time_or_null(job.lease_until)},
          {"created_at", base::format_rfc3339(job.created_at)},
          {"run_at", base::format_rfc3339(job.draft.run_at)},
          {"started_at", time_or_null(job.started_at)},
          {"finished_at", time_or_null(job.finished_at)}};
}

json::object to_json(const Job& job) {
  json::object object = to_summary_json(job);
  // Both are JSON: the queue and the runner see to that.
  object["payload"] = json::parse(job.draft.payload);
  object["result"] = job.result.empty() ? json::value() : json::parse(job.result);
  return object;
}

}  // namespace tallystick::jobs
