#include "settlement/reconciliation_sources.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace tallystick::settlement {
namespace {

namespace json = boost::json;

json::object warehouse_json(const TruthPosition& position) {
  json::array logs;
  for (const LogPosition& log : position.logs) {
    logs.push_back(json::object{{"log_id", fmt::format("{:08x}", log.log_id)}, {"loaded", log.end}});
  }
  json::object out{{"generation", position.generation},
                   {"database", position.database},
                   {"is_complete", position.is_complete()},
                   {"logs", std::move(logs)}};
  if (position.wanted) {
    out["wanted"] =
        json::object{{"log_id", fmt::format("{:08x}", position.wanted->log_id)}, {"loaded", position.wanted->end}};
  }
  return out;
}

// Ids of imports ascend with time: the newest come last.
json::array imports_json(const std::map<base::Uuid, std::int64_t>& imports) {
  json::array out;
  auto next = imports.begin();
  if (imports.size() > kMaxSourceImports) {
    std::advance(next, static_cast<std::ptrdiff_t>(imports.size() - kMaxSourceImports));
  }
  for (; next != imports.end(); ++next) {
    out.push_back(json::object{{"id", base::format_uuid(next->first)}, {"rows", next->second}});
  }
  return out;
}

std::vector<base::Uuid> parse_imports(const json::object& sources) {
  std::vector<base::Uuid> out;
  const json::value* const imports = sources.if_contains("imports");
  if (imports == nullptr || !imports->is_array()) {
    return out;
  }
  for (const json::value& import : imports->get_array()) {
    const json::object* const object = import.if_object();
    const json::value* const id = object == nullptr ? nullptr : object->if_contains("id");
    base::Uuid parsed;
    if (id != nullptr && id->is_string() && base::parse_uuid_into(std::string_view(id->get_string()), parsed)) {
      out.push_back(parsed);
    }
  }
  return out;
}

}  // namespace

std::string make_sources(const RunSources& sources,
                         const TruthPosition& position,
                         const ClaimSide& claims,
                         const TruthSide& truth) {
  json::object out{{"claims_at", base::format_rfc3339(sources.claims_at)},
                   {"margin_days", sources.margin_days},
                   {"warehouse", warehouse_json(position)},
                   {"conversions", truth.conversions},
                   {"clicks_without_conversion", std::ssize(truth.truths) - truth.conversions},
                   {"imports", imports_json(claims.imports)},
                   {"imports_total", claims.imports.size()}};
  if (!sources.job_id.empty()) {
    out["job"] = sources.job_id;
  }
  return json::serialize(out);
}

std::optional<RunSources> parse_sources(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* const object = error ? nullptr : value.if_object();
  const json::value* const at = object == nullptr ? nullptr : object->if_contains("claims_at");
  if (at == nullptr || !at->is_string()) {
    return std::nullopt;
  }
  const auto claims_at = base::parse_rfc3339(std::string_view(at->get_string()));
  if (!claims_at) {
    return std::nullopt;
  }
  RunSources out;
  out.claims_at = *claims_at;
  if (const json::value* job = object->if_contains("job"); job != nullptr && job->is_string()) {
    out.job_id = std::string_view(job->get_string());
  }
  if (const json::value* margin = object->if_contains("margin_days"); margin != nullptr && margin->is_int64()) {
    out.margin_days = margin->get_int64();
  }
  out.imports = parse_imports(*object);
  return out;
}

}  // namespace tallystick::settlement
