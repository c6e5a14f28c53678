#include "http/smtp_client.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "http/curl_handle.h"

namespace tallystick::http {
namespace {

// What is still to be read of the message.
struct Upload {
  std::string_view rest;
};

std::size_t on_read(char* buffer, std::size_t size, std::size_t count, void* user) {
  std::string_view& rest = static_cast<Upload*>(user)->rest;
  const std::size_t taken = std::min(rest.size(), size * count);
  std::memcpy(buffer, rest.data(), taken);
  rest.remove_prefix(taken);
  return taken;
}

bool is_printable_ascii(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

// Whether it can stand between angle brackets, and in a command's line.
bool is_address(std::string_view text) {
  return is_printable_ascii(text) && text.find_first_of("<>\",;:") == std::string_view::npos &&
         text.find('@') != std::string_view::npos;
}

bool is_host(std::string_view text) {
  return is_printable_ascii(text) && text.find_first_of("/?#@\\") == std::string_view::npos;
}

void set_server(CURL* handle, const SmtpServer& server) {
  const bool is_ipv6 = server.host.find(':') != std::string::npos && !server.host.starts_with('[');
  const std::string url = fmt::format("{}://{}:{}",
                                      server.tls == SmtpTls::kImplicit ? "smtps" : "smtp",
                                      is_ipv6 ? "[" + server.host + "]" : server.host,
                                      server.port);
  set_curl_option(handle, CURLOPT_URL, url.c_str());
  set_curl_option(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set_curl_option(
      handle, CURLOPT_USE_SSL, static_cast<long>(server.tls == SmtpTls::kNone ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  set_curl_option(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set_curl_option(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set_curl_option(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!server.ca_file.empty()) {
    set_curl_option(handle, CURLOPT_CAINFO, server.ca_file.c_str());
  }
  if (!server.user.empty()) {
    set_curl_option(handle, CURLOPT_USERNAME, server.user.c_str());
    set_curl_option(handle, CURLOPT_PASSWORD, server.password.c_str());
  }
  set_curl_option(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.connect_timeout_ms));
  set_curl_option(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(server.total_timeout_ms));
  set_curl_option(handle, CURLOPT_NOSIGNAL, 1L);
}

// `reply`: the last code that the server said, or 0.
base::Error explain_mail_failure(CURLcode code, long reply) {
  using base::ErrorKind;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return {ErrorKind::kUnavailable, "connect_failed", "the mail server cannot be reached"};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::kTimeout, "timeout", "the mail server did not answer in time"};
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
      return {ErrorKind::kUnavailable,
              "tls_failed",
              "the connection to the mail server cannot be encrypted, or its certificate is not good"};
    default:
      break;
  }
  const bool is_for_good = reply >= 500 && reply < 600;
  if (code == CURLE_LOGIN_DENIED) {
    return {is_for_good ? ErrorKind::kUnprocessable : ErrorKind::kUnavailable,
            "smtp_login_refused",
            fmt::format("the mail server refuses the log-in ({})", reply)};
  }
  if (is_for_good) {
    return {ErrorKind::kUnprocessable, "smtp_refused", fmt::format("the mail server refuses the message ({})", reply)};
  }
  if (reply >= 400 && reply < 500) {
    return {ErrorKind::kUnavailable, "smtp_busy", fmt::format("the mail server asks to try again later ({})", reply)};
  }
  return {ErrorKind::kUnavailable, "transfer_failed", "the connection to the mail server broke"};
}

}  // namespace

base::Result<void> send_mail(const SmtpServer& server, const SmtpMessage& message) {
  if (!is_host(server.host) || !is_address(message.from) || message.recipients.empty() ||
      !std::ranges::all_of(message.recipients, is_address)) {
    return base::fail(base::ErrorKind::kInvalid, "bad_request", "the mail server or an address cannot be used");
  }
  const CurlHandle handle = make_curl_handle();
  CurlList recipients;
  for (const std::string& recipient : message.recipients) {
    append_to(recipients, "<" + recipient + ">");
  }
  Upload upload{message.text};
  set_server(handle.get(), server);
  set_curl_option(handle.get(), CURLOPT_MAIL_FROM, ("<" + message.from + ">").c_str());
  set_curl_option(handle.get(), CURLOPT_MAIL_RCPT, recipients.get());
  set_curl_option(handle.get(), CURLOPT_MAIL_RCPT_ALLLOWFAILS, message.allows_refused_recipients ? 1L : 0L);
  set_curl_option(handle.get(), CURLOPT_UPLOAD, 1L);
  set_curl_option(handle.get(), CURLOPT_READFUNCTION, &on_read);
  set_curl_option(handle.get(), CURLOPT_READDATA, &upload);
  const CURLcode code = ::curl_easy_perform(handle.get());
  if (code == CURLE_OK) {
    return {};
  }
  long reply = 0;
  ::curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &reply);
  return std::unexpected(explain_mail_failure(code, reply));
}

}  // namespace tallystick::http
