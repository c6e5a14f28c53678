#include "alerts/email_message.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/encoding.h"
#include "base/time_zone.h"

namespace tallystick::alerts {
namespace {

constexpr std::size_t kMaxPlainHeaderBytes = 66;  // "Subject: " before it, a line of 76 together
// An encoded word of 12 + 52 characters fits into a line of 76 behind "Subject: " (RFC 2047, section 2).
constexpr std::size_t kEncodedWordBytes = 39;
constexpr std::size_t kMaxQuotedLine = 75;  // and a soft line break behind it (RFC 2045, section 6.7)

bool is_plain_header(std::string_view text) {
  return text.size() <= kMaxPlainHeaderBytes && text.find("=?") == std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// One line of a quoted-printable body, without its end.
void quote_line(std::string_view line, std::string& out) {
  std::size_t column = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool is_blank_at_end = (c == ' ' || c == '\t') && i + 1 == line.size();
    const bool is_literal = ((c >= 0x20 && c < 0x7f) || c == '\t') && c != '=' && !is_blank_at_end;
    const std::string piece = is_literal ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned char>(c));
    if (column + piece.size() > kMaxQuotedLine) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  }
}

std::string body_of(const Notice& notice) {
  const Alert& alert = notice.alert;
  std::string body = fmt::format("{}\n\nSubject: {}\nSeverity: {}\nState: {}\nOccurrences: {}\nFirst: {}\nLast: {}\n",
                                 headline_of(notice),
                                 alert.subject,
                                 name_of(alert.severity),
                                 name_of(alert.state),
                                 alert.occurrences,
                                 base::format_rfc3339(alert.first_at),
                                 base::format_rfc3339(alert.last_at));
  if (!alert.notes.empty()) {
    body += fmt::format("\nNotes:\n{}\n", alert.notes);
  }
  if (alert.evidence != "{}") {
    body += fmt::format("\nEvidence: {}\n", alert.evidence);
  }
  body += fmt::format("\nAlert {} of {}. On its machine: tallystick alerts show {}\n",
                      base::format_uuid(alert.id),
                      notice.source,
                      base::format_uuid(alert.id));
  return body;
}

}  // namespace

std::string encode_header_text(std::string_view text) {
  if (is_plain_header(text)) {
    return std::string(text);
  }
  std::string encoded;
  while (!text.empty()) {
    std::size_t taken = std::min(text.size(), kEncodedWordBytes);
    while (taken < text.size() && taken > 1 && is_continuation(text[taken])) {
      --taken;  // a character stays in one word
    }
    encoded += encoded.empty() ? "" : "\r\n ";
    encoded += "=?UTF-8?B?" + base::to_base64(base::as_bytes(text.substr(0, taken))) + "?=";
    text.remove_prefix(taken);
  }
  return encoded;
}

std::string encode_quoted_printable(std::string_view text) {
  std::string encoded;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    quote_line(text.substr(0, end), encoded);
    encoded += "\r\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return encoded;
}

std::string format_mail_date(base::Timestamp time) {
  constexpr std::array<std::string_view, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  constexpr std::array<std::string_view, 12> kMonths = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::int64_t seconds = time.us / base::kMicrosPerSecond;
  const std::int64_t rest = seconds % 86'400;
  const base::Date date{static_cast<std::int32_t>(seconds / 86'400)};
  const std::string day = base::format_date(date);  // "2023-11-14"
  const auto month = static_cast<std::size_t>((day[5] - '0') * 10 + (day[6] - '0') - 1);
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} +0000",
                     kDays[static_cast<std::size_t>(date.days % 7)],
                     day.substr(8),
                     kMonths[month],
                     day.substr(0, 4),
                     rest / 3'600,
                     rest / 60 % 60,
                     rest % 60);
}

std::string make_email(const Notice& notice, std::string_view from, const std::vector<std::string>& recipients) {
  const std::string_view domain = from.substr(from.find('@') + 1);
  return fmt::format(
      "Date: {}\r\n"
      "From: Tallystick <{}>\r\n"
      "To: {}\r\n"
      "Subject: {}\r\n"
      "Message-ID: <{}@{}>\r\n"
      "References: <alert.{}@{}>\r\n"
      "Auto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n"
      "\r\n"
      "{}",
      format_mail_date(notice.caused_at),
      from,
      fmt::join(recipients, ",\r\n "),
      encode_header_text(headline_of(notice)),
      base::format_uuid(notice.id),
      domain,
      base::format_uuid(notice.alert.id),
      domain,
      encode_quoted_printable(body_of(notice)));
}

}  // namespace tallystick::alerts
