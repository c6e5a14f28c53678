#include "alerts/channel.h"

#include <algorithm>
#include <array>

namespace tallystick::alerts {
namespace {

struct ChannelKindName {
  ChannelKind kind;
  std::string_view name;
};

constexpr std::array<ChannelKindName, kChannelKindCount> kChannelKinds{{
    {ChannelKind::kSlack, "slack"},
    {ChannelKind::kPagerduty, "pagerduty"},
    {ChannelKind::kWebhook, "webhook"},
    {ChannelKind::kEmail, "email"},
}};

bool matches(std::string_view subject, std::string_view filter) {
  return filter.ends_with('*') ? subject.starts_with(filter.substr(0, filter.size() - 1)) : subject == filter;
}

}  // namespace

std::string_view name_of(ChannelKind kind) {
  return std::ranges::find(kChannelKinds, kind, &ChannelKindName::kind)->name;
}

base::Result<ChannelKind> parse_channel_kind(std::string_view text) {
  const auto found = std::ranges::find(kChannelKinds, text, &ChannelKindName::name);
  if (found == kChannelKinds.end()) {
    return base::fail(
        base::ErrorKind::kInvalid, "unknown_channel_kind", "a channel is slack, pagerduty, webhook or email");
  }
  return found->kind;
}

std::string shown_url(const Channel& channel) {
  const std::string_view url = channel.url;
  if (channel.kind == ChannelKind::kSlack) {
    const std::size_t scheme_end = url.find("://");
    const std::size_t path =
        scheme_end == std::string_view::npos ? scheme_end : url.find_first_of("/?", scheme_end + 3);
    return path == std::string_view::npos ? std::string(url) : std::string(url.substr(0, path)) + "/***";
  }
  const std::size_t query = url.find('?');
  return query == std::string_view::npos ? std::string(url) : std::string(url.substr(0, query)) + "?***";
}

bool wants(const Channel& channel, const Alert& alert) {
  const bool is_subject_wanted =
      channel.subjects.empty() ||
      std::ranges::any_of(channel.subjects, [&](const std::string& filter) { return matches(alert.subject, filter); });
  return channel.is_enabled && alert.severity >= channel.min_severity && is_subject_wanted;
}

}  // namespace tallystick::alerts
