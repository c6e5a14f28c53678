#include "engine/query_request.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/statement.h"
#include "http/ascii.h"
#include "http/url.h"

namespace tallystick::engine {

namespace {

constexpr std::size_t kMaxQueryBytes = 16UZ << 20;  // of SQL; data is not SQL
constexpr std::string_view kMemoryFileHeader = "X-Tallystick-Memory-File";
constexpr std::size_t kMaxPairs = 1000;  // parameters and settings of one request

// What the client says about itself or the transfer: meaningless on a private socket, or the default here.
constexpr std::array<std::string_view, 8> kIgnored = {"user",
                                                      "password",
                                                      "quota_key",
                                                      "buffer_size",
                                                      "wait_end_of_query",
                                                      "stacktrace",
                                                      "role",
                                                      "client_protocol_version"};
constexpr std::array<std::string_view, 6> kRefused = {
    "compress", "decompress", "session_id", "session_check", "session_timeout", "close_session"};

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// It goes back in a header.
bool is_query_id(std::string_view text) {
  return text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::unexpected<base::Error> refuse(const char* code, std::string message) {
  return base::fail(base::ErrorKind::kInvalid, code, std::move(message));
}

struct UrlParameters {
  std::string sql;
  std::string default_format;
};

base::Result<void> apply(const std::string& name, std::string value, QueryRequest& out, UrlParameters& url) {
  if (name == "query") {
    url.sql += value;
  } else if (name == "database") {
    out.query.database = std::move(value);
  } else if (name == "default_format") {
    url.default_format = std::move(value);
  } else if (name == "query_id") {
    if (!is_query_id(value)) {
      return refuse("36", "query_id must be at most 128 visible characters");
    }
    out.query_id = std::move(value);
  } else if (name.starts_with("param_")) {
    out.query.parameters.emplace_back(name.substr(6), std::move(value));
  } else if (contains(kRefused, name)) {
    const bool is_off = value.empty() || value == "0" || value == "false";
    if (!is_off) {
      return refuse("48", "the built-in engine has no '" + name + "': sessions and compressed blocks are left out");
    }
  } else if (!contains(kIgnored, name)) {
    if (!is_name(name)) {
      return refuse("115", "Unknown setting '" + name + "'");
    }
    out.query.settings.emplace_back(name, std::move(value));
  }
  return {};
}

base::Result<UrlParameters> read_url(std::string_view text, QueryRequest& out) {
  UrlParameters url;
  http::QueryReader reader(text);
  http::QueryPair pair;
  std::size_t pairs = 0;
  while (reader.next(pair)) {
    if (++pairs > kMaxPairs) {
      return refuse("36", "the URL has too many parameters");
    }
    TALLY_TRY(apply(http::decode_query_text(pair.name), http::decode_query_text(pair.value), out, url));
  }
  return url;
}

// The name that COMPRESSION takes. Only data may come compressed, so that no small request becomes a huge query.
base::Result<std::string_view> find_compression(const http::RequestView& request) {
  const std::string_view coding = request.header("Content-Encoding");
  if (coding.empty() || http::equals_ignoring_case(coding, "identity")) {
    return "";
  }
  for (const std::string_view known : {"gzip", "deflate", "br", "xz", "zstd", "lz4"}) {
    if (http::equals_ignoring_case(coding, known)) {
      return known;
    }
  }
  return refuse("48", "Content-Encoding must be gzip, deflate, br, xz, zstd or lz4");
}

template <typename Number>
bool take_number(std::string_view& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return error == std::errc{};
}

bool take_space(std::string_view& text) {
  const bool is_there = text.starts_with(' ');
  text.remove_prefix(is_there ? 1 : 0);
  return is_there;
}

// "<process id> <file descriptor> <bytes>". Whoever reaches our socket may do everything here, but has no business with
// other files of ours.
base::Result<base::MemoryFile> open_memory_file(std::string_view name) {
  std::int64_t pid = 0;
  int fd = 0;
  std::size_t bytes = 0;
  const bool is_read = take_number(name, pid) && take_space(name) && take_number(name, fd) && take_space(name) &&
                       take_number(name, bytes);
  if (!is_read || !name.empty() || pid <= 0 || fd < 0) {
    return refuse("36", "X-Tallystick-Memory-File must be '<process id> <file descriptor> <bytes>'");
  }
  auto file = base::MemoryFile::open_of_process(pid, fd, bytes);
  if (!file) {
    return refuse("90001", "Cannot read the memory file: " + file.error().message);
  }
  return file;
}

base::Result<void> take_insert(std::string_view sql,
                               const Statement& statement,
                               const http::RequestView& request,
                               bool is_in_url,
                               QueryRequest& out) {
  TALLY_ASSIGN(const std::string_view compression, find_compression(request));
  const std::string_view inline_data = sql.substr(std::min(statement.data_begin, sql.size()));
  const std::string_view body = is_in_url ? request.body : std::string_view();
  if (!compression.empty() && (!is_in_url || !inline_data.empty())) {
    return refuse("48", "with Content-Encoding the query belongs into the URL and all data into the body");
  }
  if (const std::string_view file = request.header(kMemoryFileHeader); !file.empty()) {
    if (!inline_data.empty() || !body.empty()) {
      return refuse("48", "data comes either in a memory file or in the request");
    }
    TALLY_ASSIGN(out.data, open_memory_file(file));
  } else {
    const std::string_view gap = inline_data.empty() || body.empty() ? "" : "\n";
    TALLY_ASSIGN(out.data, base::MemoryFile::make({inline_data, gap, body}));
  }
  out.query.sql = rewrite_insert(sql, statement, out.data.path(), compression);
  out.is_insert = true;
  return {};
}

}  // namespace

base::Result<QueryRequest> parse_query_request(const http::RequestView& request) {
  QueryRequest out;
  TALLY_ASSIGN(const UrlParameters url, read_url(request.query, out));
  if (out.query.database.empty()) {
    out.query.database = request.header("X-ClickHouse-Database");
  }
  const bool is_in_url = !url.sql.empty();
  // "query" and a body are one text, in this order; the body is data when an INSERT ends the first part.
  const std::string_view sql = is_in_url ? std::string_view(url.sql) : request.body;
  TALLY_ASSIGN(Statement statement, parse_statement(sql.substr(0, kMaxQueryBytes)));
  if (statement.is_insert_of_data) {
    TALLY_TRY(take_insert(sql, statement, request, is_in_url, out));
  } else if (url.sql.size() + request.body.size() > kMaxQueryBytes) {
    return refuse("62", "the query is longer than 16 MiB; data belongs behind INSERT ... FORMAT");
  } else if (!request.header("Content-Encoding").empty()) {
    return refuse("48", "only the data of an INSERT may come compressed");
  } else {
    out.query.sql = url.sql;
    if (is_in_url && !request.body.empty()) {
      out.query.sql.append("\n");
    }
    out.query.sql.append(request.body);
    TALLY_ASSIGN(statement, parse_statement(out.query.sql));
  }
  if (out.query.sql.find_first_not_of(" \t\r\n;") == std::string::npos) {
    return refuse("62", "Syntax error: the query is empty");
  }
  if (!url.default_format.empty()) {
    out.query.format = url.default_format;
  } else if (const std::string_view wanted = request.header("X-ClickHouse-Format"); !wanted.empty()) {
    out.query.format = wanted;
  }
  out.format =
      statement.format.empty() || statement.is_insert_of_data ? out.query.format : std::string(statement.format);
  if (request.method != http::Method::kPost) {
    out.query.settings.emplace_back("readonly", "2");  // GET changes nothing
  }
  return out;
}

}  // namespace tallystick::engine
