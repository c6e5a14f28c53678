#include "engine/service.h"

#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "engine/error_code.h"
#include "engine/query_request.h"
#include "http/url.h"

namespace tallystick::engine {

namespace {

enum Tag : int { kPing, kQuery, kCancel };

constexpr std::string_view kPlainText = "text/plain; charset=UTF-8";

std::string_view content_type_of(std::string_view format) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kTypes = {
      {{"JSONEachRow", "application/x-ndjson; charset=UTF-8"},
       {"JSONCompactEachRow", "application/x-ndjson; charset=UTF-8"},
       {"JSON", "application/json; charset=UTF-8"},
       {"TabSeparated", "text/tab-separated-values; charset=UTF-8"},
       {"TSV", "text/tab-separated-values; charset=UTF-8"},
       {"CSV", "text/csv; charset=UTF-8"},
       {"Native", "application/octet-stream"},
       {"RowBinary", "application/octet-stream"}}};
  for (const auto& [prefix, type] : kTypes) {
    if (format.starts_with(prefix)) {
      return type;
    }
  }
  return kPlainText;
}

std::string format_summary(const QueryStatistics& statistics) {
  return fmt::format(
      R"({{"read_rows":"{}","read_bytes":"{}","written_rows":"{}","written_bytes":"{}","result_rows":"{}","elapsed_ns":"{}"}})",
      statistics.read_rows,
      statistics.read_bytes,
      statistics.written_rows,
      statistics.written_bytes,
      statistics.result_rows,
      statistics.elapsed_ns);
}

void send_error(http::Reply& reply, int code, std::string_view text, std::string_view more_headers = {}) {
  const std::string headers = fmt::format("X-ClickHouse-Exception-Code: {}\r\n{}", code, more_headers);
  reply.send(http_status_of(code), headers, kPlainText, fmt::format("{}\n", text));
}

class Service final : public http::ReactorService {
 public:
  Service(http::ReactorContext& context, Executor& executor)
      : context_(context), executor_(executor), self_(std::make_shared<Service*>(this)) {}
  ~Service() override { *self_ = nullptr; }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void handle(int inline_tag,
              const http::RequestView& request,
              const std::vector<http::PathParameter>& /*parameters*/,
              http::Reply reply) override {
    if (inline_tag == kPing) {
      reply.send(200, {}, kPlainText, "Ok.\n");
      return;
    }
    if (inline_tag == kCancel) {
      cancel(request, reply);
      return;
    }
    auto parsed = parse_query_request(request);
    if (!parsed) {
      const int code = parsed.error().code == "memory_file_failed" ? 241 : std::stoi(parsed.error().code);
      send_error(reply, code, fmt::format("Code: {}. DB::Exception: {}.", code, parsed.error().message));
      return;
    }
    Waiting waiting{std::move(reply), parsed->query_id, std::move(parsed->format)};
    const std::uint64_t place = ++last_place_;
    waiting.number =
        executor_.submit(*std::move(parsed), [this_context = &context_, self = self_, place](QueryOutput output) {
          this_context->post([self, place, output = std::move(output)] {
            if (*self != nullptr) {
              (*self)->answer(place, output);
            }
          });
        });
    if (waiting.number == 0) {
      send_error(waiting.reply,
                 202,
                 "Code: 202. DB::Exception: too many queries are waiting. (TOO_MANY_SIMULTANEOUS_QUERIES)",
                 "Retry-After: 1\r\n");
      return;
    }
    waiting_.emplace(place, std::move(waiting));
  }

  void on_turn_end() override {}

  void on_sweep() override {
    std::erase_if(waiting_, [this](auto& entry) {
      if (!entry.second.reply.is_peer_gone()) {
        return false;
      }
      executor_.cancel(entry.second.number);
      return true;
    });
  }

 private:
  struct Waiting {
    http::Reply reply;
    std::string query_id;
    std::string format;
    std::uint64_t number = 0;  // the executor's
  };

  // KILL QUERY does not see what waits in our queue, and the engine's own ids are not the client's.
  void cancel(const http::RequestView& request, http::Reply& reply) {
    std::string_view id;
    if (!http::find_query_value(request.query, "query_id", id) || id.empty()) {
      send_error(reply, 36, "Code: 36. DB::Exception: name the query: ?query_id=...");
      return;
    }
    reply.send(200, {}, kPlainText, fmt::format("{}\n", executor_.cancel_named(http::decode_query_text(id))));
  }

  void answer(std::uint64_t place, const QueryOutput& output) {
    const auto found = waiting_.find(place);
    if (found == waiting_.end()) {
      return;
    }
    Waiting waiting = std::move(found->second);
    waiting_.erase(found);
    std::string headers;
    if (!waiting.query_id.empty()) {
      headers = fmt::format("X-ClickHouse-Query-Id: {}\r\n", waiting.query_id);
    }
    if (!output.error.empty()) {
      send_error(waiting.reply, parse_error_code(output.error), output.error, headers);
      return;
    }
    headers += fmt::format("X-ClickHouse-Summary: {}\r\n", format_summary(output.statistics));
    if (output.size > 0) {
      headers += fmt::format("X-ClickHouse-Format: {}\r\n", waiting.format);
    }
    waiting.reply.send(200, headers, content_type_of(waiting.format), output.text());
  }

  http::ReactorContext& context_;
  Executor& executor_;
  std::shared_ptr<Service*> self_;  // null once this is gone; reactor thread only
  std::uint64_t last_place_ = 0;
  std::unordered_map<std::uint64_t, Waiting> waiting_;
};

}  // namespace

void add_routes(http::Router& router, std::size_t max_body_bytes) {
  const auto add = [&](http::Method method, const char* path, const char* summary, Tag tag) {
    router.add({.method = method,
                .pattern = path,
                .scope = "public",
                .summary = summary,
                .inline_tag = tag,
                .max_body_bytes = max_body_bytes});
  };
  add(http::Method::kGet, "/ping", "Is the engine up?", kPing);
  add(http::Method::kGet, "/", "Run a query that changes nothing", kQuery);
  add(http::Method::kPost, "/", "Run a query", kQuery);
  add(http::Method::kDelete, "/", "End the queries of that query_id; answers how many still run", kCancel);
}

std::unique_ptr<http::ReactorService> make_service(http::ReactorContext& context, Executor& executor) {
  return std::make_unique<Service>(context, executor);
}

}  // namespace tallystick::engine
