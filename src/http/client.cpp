#include "http/client.h"

#include <algorithm>

#include "http/ascii.h"
#include "http/curl_handle.h"

namespace tallystick::http {

namespace {

constexpr std::size_t kMaxResponseHeaderBytes = 64UZ * 1024;

// What a transfer fills in.
struct Transfer {
  ClientResponse response;
  std::size_t max_bytes = 0;
  std::size_t header_bytes = 0;
  bool is_too_large = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (bytes > transfer.max_bytes - transfer.response.body.size()) {
    transfer.is_too_large = true;
    return 0;
  }
  transfer.response.body.append(data, bytes);
  return bytes;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  std::string_view line(data, bytes);
  transfer.header_bytes += bytes;
  if (transfer.header_bytes > kMaxResponseHeaderBytes) {
    transfer.is_too_large = true;
    return 0;
  }
  while (line.ends_with('\n') || line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (line.starts_with("HTTP/")) {
    transfer.response.headers.clear();  // 100 Continue or a redirect came before
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    transfer.response.headers.emplace_back(line.substr(0, colon), trim_ascii(line.substr(colon + 1)));
  }
  return bytes;
}

// Not zero: libcurl ends the transfer.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(user)->load(std::memory_order_relaxed) ? 1 : 0;
}

bool is_sendable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

base::Result<CurlList> make_headers(const ClientRequest& request) {
  CurlList list;
  append_to(list, "Expect:");  // no round trip before a body
  for (const auto& [name, value] : request.headers) {
    if (name.empty() || !is_sendable(name) || name.find(':') != std::string::npos || !is_sendable(value)) {
      return base::fail(base::ErrorKind::kInvalid, "bad_request", "a header has characters that cannot be sent");
    }
    // libcurl drops a header that ends in ':'; the semicolon asks for an empty one.
    std::string line = name;
    line.append(value.empty() ? ";" : ": ").append(value);
    append_to(list, line);
  }
  return list;
}

base::Error explain(CURLcode code, const Transfer& transfer) {
  const auto make = [code](base::ErrorKind kind, const char* name) {
    return base::Error{kind, name, ::curl_easy_strerror(code)};
  };
  if (transfer.is_too_large) {
    return {base::ErrorKind::kTooLarge, "response_too_large", "the response is larger than allowed"};
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return make(base::ErrorKind::kUnavailable, "connect_failed");
    case CURLE_ABORTED_BY_CALLBACK:
      return make(base::ErrorKind::kUnavailable, "cancelled");
    case CURLE_OPERATION_TIMEDOUT:
      return make(base::ErrorKind::kTimeout, "timeout");
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return make(base::ErrorKind::kUnavailable, "tls_failed");
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return make(base::ErrorKind::kInvalid, "bad_request");
    default:
      return make(base::ErrorKind::kUnavailable, "transfer_failed");
  }
}

void set_method(CURL* handle, const ClientRequest& request) {
  if (request.method == Method::kHead) {
    set_curl_option(handle, CURLOPT_NOBODY, 1L);
    return;
  }
  const std::string_view body = request.borrowed_body.empty() ? request.body : request.borrowed_body;
  if (!body.empty() || request.method == Method::kPost) {
    set_curl_option(handle, CURLOPT_POST, 1L);
    set_curl_option(handle, CURLOPT_POSTFIELDS, body.data());
    set_curl_option(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  }
  set_curl_option(handle, CURLOPT_CUSTOMREQUEST, std::string(name_of(request.method)).c_str());
}

void set_limits(CURL* handle, const ClientRequest& request) {
  set_curl_option(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout_ms));
  set_curl_option(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_timeout_ms));
  set_curl_option(handle, CURLOPT_NOSIGNAL, 1L);
  set_curl_option(handle, CURLOPT_FOLLOWLOCATION, request.max_redirects > 0 ? 1L : 0L);
  set_curl_option(handle, CURLOPT_MAXREDIRS, request.max_redirects);
  set_curl_option(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set_curl_option(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set_curl_option(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set_curl_option(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set_curl_option(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
}

}  // namespace

struct Client::State {
  CurlHandle handle;
};

Client::Client() : state_(std::make_unique<State>()) {
  state_->handle = make_curl_handle();
}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

std::string_view ClientResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) {
      return value;
    }
  }
  return {};
}

base::Result<ClientResponse> Client::send(const ClientRequest& request) {
  if (request.method == Method::kOther || !is_sendable(request.url)) {
    return base::fail(base::ErrorKind::kInvalid, "bad_request", "the method or the URL cannot be sent");
  }
  TALLY_ASSIGN(const CurlList headers, make_headers(request));
  CURL* handle = state_->handle.get();
  ::curl_easy_reset(handle);  // keeps connections and the name cache
  Transfer transfer;
  transfer.max_bytes = request.max_response_bytes;
  set_curl_option(handle, CURLOPT_URL, request.url.c_str());
  set_limits(handle, request);
  set_method(handle, request);
  set_curl_option(handle, CURLOPT_HTTPHEADER, headers.get());
  set_curl_option(handle, CURLOPT_WRITEFUNCTION, &on_body);
  set_curl_option(handle, CURLOPT_WRITEDATA, &transfer);
  set_curl_option(handle, CURLOPT_HEADERFUNCTION, &on_header);
  set_curl_option(handle, CURLOPT_HEADERDATA, &transfer);
  if (!request.unix_socket.empty()) {
    set_curl_option(handle, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  }
  if (!request.ca_file.empty()) {
    set_curl_option(handle, CURLOPT_CAINFO, request.ca_file.c_str());
  }
  if (!request.user_and_password.empty()) {
    set_curl_option(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set_curl_option(handle, CURLOPT_USERPWD, request.user_and_password.c_str());
  }
  if (request.is_cancelled != nullptr) {
    set_curl_option(handle, CURLOPT_XFERINFOFUNCTION, &on_progress);
    set_curl_option(handle, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(request.is_cancelled));
    set_curl_option(handle, CURLOPT_NOPROGRESS, 0L);
  }
  const CURLcode code = ::curl_easy_perform(handle);
  if (code != CURLE_OK) {
    return std::unexpected(explain(code, transfer));
  }
  long status = 0;
  ::curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  transfer.response.status = static_cast<int>(status);
  return std::move(transfer.response);
}

}  // namespace tallystick::http
