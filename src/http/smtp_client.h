#pragma once
// Outgoing e-mail through libcurl: one connection, one message. Certificates are verified, and every time is bounded.
// Thread-safe: a call shares nothing.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::http {

enum class SmtpTls : std::uint8_t {
  kNone,
  kStartTls,  // asked for before anything is said; without it nothing is sent
  kImplicit,  // from the first byte, usually port 465
};

struct SmtpServer {
  std::string host = {};
  std::uint16_t port = 587;
  SmtpTls tls = SmtpTls::kStartTls;
  std::string user = {};  // empty: no log-in
  std::string password = {};
  std::string ca_file = {};  // PEM; empty: the system's
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t total_timeout_ms = 20'000;
};

struct SmtpMessage {
  std::string from = {};                     // a mailbox, "jane@example.com"
  std::vector<std::string> recipients = {};  // the same
  std::string text = {};                     // RFC 5322, lines end in CRLF
  // Success when at least one recipient is accepted; otherwise one that is refused fails the whole.
  bool allows_refused_recipients = false;
};

// Error codes: "bad_request" (an address or the host cannot be sent), "connect_failed", "timeout", "tls_failed",
// "smtp_login_refused", "smtp_refused" (both kUnprocessable when the server says that it is for good), "smtp_busy"
// (4xx), "transfer_failed". Messages hold neither addresses nor the server's words.
[[nodiscard]] base::Result<void> send_mail(const SmtpServer& server, const SmtpMessage& message);

}  // namespace tallystick::http
