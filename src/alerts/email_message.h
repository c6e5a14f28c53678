#pragma once
// An alert as an e-mail (RFC 5322, RFC 2045, RFC 2047): plain text in UTF-8, quoted-printable. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "alerts/notice.h"

namespace tallystick::alerts {

// With CRLF line ends. `from` and `recipients` are mailboxes (is_mailbox). Message-ID is made of the delivery's id, so
// that a repetition is the same message; References of the alert's, so that what is told of an alert is one thread.
[[nodiscard]] std::string make_email(const Notice& notice,
                                     std::string_view from,
                                     const std::vector<std::string>& recipients);

// A header's text as encoded words when it is long or not printable ASCII.
[[nodiscard]] std::string encode_header_text(std::string_view text);
// Lines end in '\n' before and in CRLF after.
[[nodiscard]] std::string encode_quoted_printable(std::string_view text);
// "Tue, 14 Nov 2023 22:13:20 +0000"
[[nodiscard]] std::string format_mail_date(base::Timestamp time);

}  // namespace tallystick::alerts
