// rooms: engine http base
// What a client of the built-in engine sends: a line for the URL's query, one for Content-Encoding, then the body. What
// is read of a statement must fit together, data must go to where the statement says and the engine must find it there.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/query_request.h"
#include "engine/statement.h"

namespace {

namespace engine = tallystick::engine;
namespace http = tallystick::http;

void expect(bool is_good) {
  if (!is_good) {
    std::abort();
  }
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

void check_statement(std::string_view sql) {
  const auto statement = engine::parse_statement(sql);
  if (!statement || !statement->is_insert_of_data) {
    return;
  }
  expect(statement->target_end <= statement->clause_begin && statement->clause_begin < statement->data_begin &&
         statement->data_begin <= sql.size());
  // Read again, it takes its data from a file, which nobody but us may ask for.
  const auto rewritten = engine::parse_statement(engine::rewrite_insert(sql, *statement, "/proc/self/fd/'7", "zstd"));
  expect(!rewritten && rewritten.error().code == "48");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  check_statement(text);
  const std::string_view query = take_line(text);
  const std::array<http::Header, 1> headers = {{{"Content-Encoding", take_line(text)}}};
  http::RequestView request;
  request.method = size % 2 == 0 ? http::Method::kPost : http::Method::kGet;
  request.query = query;
  request.headers = headers;
  request.body = text;
  const auto parsed = engine::parse_query_request(request);
  if (!parsed) {
    expect(!parsed.error().code.empty() &&
           std::ranges::all_of(parsed.error().code, [](char c) { return c >= '0' && c <= '9'; }));
    return 0;
  }
  expect(parsed->query.sql.find_first_not_of(" \t\r\n;") != std::string::npos);
  expect(parsed->query_id.size() <= 128);
  expect(!parsed->is_insert || parsed->query.sql.find(parsed->data.path()) != std::string::npos);
  const auto is_settable = [](const auto& setting) {
    return !setting.first.empty() && setting.first != "compress";
  };
  expect(std::ranges::all_of(parsed->query.settings, is_settable));
  const auto is_read_only = [](const auto& setting) {
    return setting.first == "readonly" && setting.second == "2";
  };
  expect(request.method == http::Method::kPost || std::ranges::any_of(parsed->query.settings, is_read_only));
  return 0;
}
