#include "capture/dead_letter_routes.h"

#include <boost/json.hpp>

#include "access/json_members.h"
#include "access/rest.h"
#include "base/time.h"

namespace tallystick::capture {
namespace {

namespace boost_json = boost::json;

boost_json::value parse_raw(const std::string& raw) {
  boost::system::error_code error;
  boost_json::value value = boost_json::parse(raw, error);
  return error ? boost_json::value(raw) : value;
}

boost_json::object to_json(const DeadLetterRow& row) {
  boost_json::object object;
  object["id"] = row.id;
  object["sequence"] = row.sequence;
  object["event_id"] = row.event_id.empty() ? boost_json::value() : boost_json::value(row.event_id);
  object["endpoint"] = row.endpoint;
  object["code"] = row.code;
  object["detail"] = row.detail;
  object["state"] = row.state;
  object["received_at"] = base::format_rfc3339({row.received_at});
  object["replayed_at"] =
      row.replayed_at == 0 ? boost_json::value() : boost_json::value(base::format_rfc3339({row.replayed_at}));
  object["replay_result"] = row.replay_result.empty() ? boost_json::value() : boost_json::value(row.replay_result);
  object["raw"] = parse_raw(row.raw);
  return object;
}

boost_json::object to_json(const ReplayReport& report) {
  boost_json::array items;
  for (const ReplayItem& item : report.items) {
    boost_json::object object{{"id", item.id}, {"result", item.result}};
    if (!item.code.empty()) {
      object["code"] = item.code;
    }
    items.push_back(std::move(object));
  }
  return {{"accepted", report.accepted},
          {"duplicate", report.duplicate},
          {"rejected", report.rejected},
          {"skipped", report.skipped},
          {"items", std::move(items)}};
}

http::Response list(records::Database& database, const http::Request& request) {
  const auto page = access::parse_page_request(request);
  if (!page) {
    return http::problem(page.error(), request.path);
  }
  const DeadLetterFilter filter{.code = request.query_parameter("code"),
                                .endpoint = request.query_parameter("endpoint"),
                                .state = request.query_parameter("state")};
  const auto rows = database.read<std::vector<DeadLetterRow>>([&](soci::session& session) {
    return base::Result<std::vector<DeadLetterRow>>(list_dead_letters(session, filter, page->after, page->limit + 1));
  });
  if (!rows) {
    return http::problem(rows.error(), request.path);
  }
  const auto limit = static_cast<std::size_t>(page->limit);
  boost_json::array items;
  for (std::size_t i = 0; i < std::min(rows->size(), limit); ++i) {
    items.push_back(to_json((*rows)[i]));
  }
  return access::page_response(std::move(items), rows->size() > limit ? (*rows)[limit - 1].id : std::string());
}

// {"ids": [...]} or a filter {"code", "endpoint", "limit"}.
base::Result<ReplayReport> replay(Replayer& replayer, const http::Request& request) {
  TALLY_ASSIGN(auto members, access::JsonMembers::parse(request.body));
  const auto ids = members.take_texts("ids");
  const auto code = members.take_text("code");
  const auto endpoint = members.take_text("endpoint");
  const auto limit = members.take_integer("limit");
  if (ids && (code || endpoint || limit)) {
    members.errors().add("/ids", "conflicting_members", "name ids, or a filter, but not both");
  }
  if (ids && (ids->empty() || ids->size() > static_cast<std::size_t>(kMaxReplays))) {
    members.errors().add("/ids", "out_of_range", "1 to 1000 ids");
  }
  if (limit && (*limit < 1 || *limit > kMaxReplays)) {
    members.errors().add("/limit", "out_of_range", "1 to 1000");
  }
  TALLY_TRY(members.finish());
  if (ids) {
    return replayer.replay(*ids);
  }
  return replayer.replay({.code = code.value_or(""), .endpoint = endpoint.value_or(""), .state = {}},
                         limit.value_or(kMaxReplays));
}

}  // namespace

void add_dead_letter_routes(http::Router& router, records::Database& database, Replayer& replayer) {
  http::Route listing;
  listing.method = http::Method::kGet;
  listing.pattern = "/api/dead-letters";
  listing.scope = "dead_letters:read";
  listing.summary = "List refused events; filters: code, endpoint, state";
  listing.handler = [&database](const http::Request& request) {
    return list(database, request);
  };
  router.add(std::move(listing));

  http::Route replaying;
  replaying.method = http::Method::kPost;
  replaying.pattern = "/api/dead-letters/replay";
  replaying.scope = "dead_letters:write";
  replaying.summary = "Send refused events through validation again, by ids or by filter";
  replaying.handler = [&replayer](const http::Request& request) {
    const auto report = replay(replayer, request);
    return report ? http::json_response(200, boost_json::serialize(to_json(*report)))
                  : http::problem(report.error(), request.path);
  };
  router.add(std::move(replaying));
}

}  // namespace tallystick::capture
