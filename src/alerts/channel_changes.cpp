#include "alerts/channel_changes.h"

#include <algorithm>

#include <fmt/format.h>

#include "alerts/webhook_message.h"
#include "base/field_errors.h"
#include "base/time_zone.h"
#include "http/url.h"

namespace tallystick::alerts {
namespace {

constexpr std::size_t kMaxMailboxBytes = 254;  // RFC 5321, 4.5.3.1.3 less the brackets
constexpr std::size_t kMaxLocalPartBytes = 64;
constexpr std::size_t kMaxRoutingKeyBytes = 64;
constexpr std::int32_t kWholeDayMinutes = 24 * 60;

template <typename T>
void assign(const std::optional<T>& from, T& to) {
  if (from) {
    to = *from;
  }
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 5321, Dot-string: quoted local parts are refused, nobody has one.
bool is_local_part(std::string_view text) {
  const auto is_allowed = [](char c) {
    return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= kMaxLocalPartBytes && text.front() != '.' && text.back() != '.' &&
         text.find("..") == std::string_view::npos && std::ranges::all_of(text, is_allowed);
}

bool is_mail_domain(std::string_view text) {
  const auto is_allowed = [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.';
  };
  return !text.empty() && is_letter_or_digit(text.front()) && is_letter_or_digit(text.back()) &&
         text.find("..") == std::string_view::npos && std::ranges::all_of(text, is_allowed);
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

void check_name(base::FieldErrors& errors, const std::string& name) {
  if (name.empty() || name.size() > kMaxChannelNameBytes || !is_printable(name)) {
    errors.add("/name", "bad_name", fmt::format("1 to {} bytes without line breaks", kMaxChannelNameBytes));
  }
}

void check_url(base::FieldErrors& errors, const Channel& channel) {
  if (channel.kind == ChannelKind::kEmail) {
    if (!channel.url.empty()) {
      errors.add("/url", "not_for_this_kind", "e-mail goes to recipients; the server is in the configuration");
    }
    return;
  }
  errors.check("/url", http::parse_url(channel.url));
}

void check_recipients(base::FieldErrors& errors, const Channel& channel) {
  if (channel.kind != ChannelKind::kEmail) {
    if (!channel.recipients.empty()) {
      errors.add("/recipients", "not_for_this_kind", "only e-mail has recipients");
    }
    return;
  }
  if (channel.recipients.empty() || channel.recipients.size() > kMaxRecipients) {
    errors.add("/recipients", "bad_count", fmt::format("1 to {} addresses", kMaxRecipients));
  }
  for (std::size_t i = 0; i < channel.recipients.size(); ++i) {
    if (!is_mailbox(channel.recipients[i])) {
      errors.add(fmt::format("/recipients/{}", i), "bad_email", "an address such as jane@example.com");
    }
  }
}

void check_secret(base::FieldErrors& errors, const Channel& channel) {
  const std::string& secret = channel.secret;
  switch (channel.kind) {
    case ChannelKind::kPagerduty:
      if (secret.empty() || secret.size() > kMaxRoutingKeyBytes || !std::ranges::all_of(secret, is_letter_or_digit)) {
        errors.add("/secret", "bad_routing_key", "the integration key of an Events API v2 integration");
      }
      return;
    case ChannelKind::kWebhook:
      errors.check("/secret", parse_webhook_secret(secret));
      return;
    case ChannelKind::kSlack:
    case ChannelKind::kEmail:
      if (!secret.empty()) {
        errors.add("/secret", "not_for_this_kind", "only pagerduty and webhook have a secret");
      }
  }
}

void check_subjects(base::FieldErrors& errors, const Channel& channel) {
  if (channel.subjects.size() > kMaxSubjectFilters) {
    errors.add("/subjects", "too_many", fmt::format("at most {}", kMaxSubjectFilters));
  }
  for (std::size_t i = 0; i < channel.subjects.size(); ++i) {
    const std::string& filter = channel.subjects[i];
    const bool has_inner_star = filter.substr(0, filter.empty() ? 0 : filter.size() - 1).find('*') != std::string::npos;
    if (filter.empty() || filter.size() > kMaxSubjectFilterBytes || !is_printable(filter) || has_inner_star) {
      errors.add(fmt::format("/subjects/{}", i), "bad_subject", "a subject, or its beginning and '*': partner:*");
    }
  }
}

void check_quiet_hours(base::FieldErrors& errors, const QuietHours& hours) {
  errors.check("/quiet_hours/time_zone", base::TimeZone::find(hours.time_zone));
  if (hours.from_minute == hours.to_minute || hours.from_minute == kWholeDayMinutes || hours.to_minute == 0) {
    errors.add("/quiet_hours",
               "bad_quiet_hours",
               "from before 24:00, to after 00:00, and not the same; a whole day is from 00:00 to 24:00");
  }
  if (hours.days.empty()) {
    errors.add("/quiet_hours/days", "bad_count", "at least one day");
  }
  if (hours.days.size() == kWeekdayCount && hours.from_minute == 0 && hours.to_minute == kWholeDayMinutes) {
    errors.add("/quiet_hours", "never_ends", "hours that never end tell nothing: disable the channel instead");
  }
}

}  // namespace

void apply(const ChannelChange& change, Channel& channel) {
  assign(change.name, channel.name);
  assign(change.is_enabled, channel.is_enabled);
  assign(change.url, channel.url);
  assign(change.recipients, channel.recipients);
  assign(change.secret, channel.secret);
  assign(change.min_severity, channel.min_severity);
  assign(change.subjects, channel.subjects);
  assign(change.quiet_hours, channel.quiet_hours);
  if (channel.kind == ChannelKind::kPagerduty && channel.url.empty()) {
    channel.url = kPagerdutyUrl;
  }
}

bool is_mailbox(std::string_view text) {
  const std::size_t at = text.rfind('@');
  return at != std::string_view::npos && text.size() <= kMaxMailboxBytes && is_local_part(text.substr(0, at)) &&
         is_mail_domain(text.substr(at + 1));
}

base::Result<void> validate(const Channel& channel) {
  base::FieldErrors errors;
  check_name(errors, channel.name);
  check_url(errors, channel);
  check_recipients(errors, channel);
  check_secret(errors, channel);
  check_subjects(errors, channel);
  if (channel.quiet_hours) {
    check_quiet_hours(errors, *channel.quiet_hours);
  }
  return errors.result();
}

}  // namespace tallystick::alerts
