#include "server/journal_routes.h"

#include <string>
#include <utility>

#include <boost/json.hpp>

#include "journal/tile_path.h"

namespace tallystick::server {
namespace {

namespace json = boost::json;

constexpr std::string_view kImmutable = "public, max-age=31536000, immutable";

http::Response bytes(std::string body, std::string_view type, std::string_view cache) {
  http::Response response;
  response.content_type = type;
  response.body = std::move(body);
  response.headers.emplace_back("Cache-Control", cache);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response answer_tile(const journal::Journal& journal, const http::Request& request) {
  const auto path = journal::parse_tile_path("tile/" + std::string(request.path_parameter("rest")));
  if (!path) {
    return http::problem(path.error(), request.path);
  }
  auto tile = path->level ? journal.hash_tile(*path->level, path->index, path->width)
                          : journal.entry_tile(path->index, path->width);
  if (!tile) {
    return http::problem(tile.error(), request.path);
  }
  return bytes(*std::move(tile), "application/octet-stream", kImmutable);
}

http::Response answer_receipt(journal::Journal& journal, const http::Request& request) {
  const auto event_id = base::parse_uuid(request.path_parameter("event_id"));
  if (!event_id) {
    return http::problem(event_id.error(), request.path);
  }
  auto receipt = journal.receipt(*event_id);
  if (!receipt) {
    return http::problem(receipt.error(), request.path);
  }
  return bytes(*std::move(receipt), "text/plain; charset=utf-8", "no-store");
}

http::Response answer_statistics(const journal::Journal& journal) {
  const journal::Statistics s = journal.statistics();
  const json::object body{{"records", s.records},
                          {"checkpoint_size", s.checkpoint_size},
                          {"segments", s.segments},
                          {"groups", s.groups},
                          {"bytes_written", s.bytes_written},
                          {"syncs", s.syncs},
                          {"sync_seconds_total", static_cast<double>(s.sync_us_total) / 1e6},
                          {"duplicates", s.duplicates},
                          {"remembered_ids", s.remembered_ids},
                          {"queued_bytes", s.queued_bytes},
                          {"failed_appends", s.failed_appends},
                          {"is_disk_full", s.is_disk_full}};
  return http::json_response(200, json::serialize(body));
}

}  // namespace

void add_journal_routes(http::Router& router, journal::Journal& journal, const std::string& verifier_key) {
  using http::Method;
  router.add({Method::kGet,
              "/log/checkpoint",
              "public",
              "Latest signed checkpoint (C2SP tlog-checkpoint)",
              [&journal](const http::Request&) {
                return bytes(journal.checkpoint(), "text/plain; charset=utf-8", "no-cache");
              }});
  router.add({Method::kGet,
              "/log/verifier-key",
              "public",
              "Public key of the checkpoints; compare it with one got another way",
              [verifier_key](const http::Request&) {
                return bytes(verifier_key + "\n", "text/plain; charset=utf-8", "no-cache");
              }});
  router.add({Method::kGet,
              "/log/tile/{rest...}",
              "public",
              "Hash and entry tiles (C2SP tlog-tiles)",
              [&journal](const http::Request& request) {
                return answer_tile(journal, request);
              }});
  router.add({Method::kGet,
              "/api/receipts/{event_id}",
              "public",
              "Proof that an event is in the log, to be checked offline",
              [&journal](const http::Request& request) {
                return answer_receipt(journal, request);
              }});
  router.add({Method::kGet,
              "/api/journal/statistics",
              "journal:read",
              "Counters of the journal",
              [&journal](const http::Request&) {
                return answer_statistics(journal);
              }});
}

}  // namespace tallystick::server
