#include <functional>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "access/rest.h"
#include "alerts/channel_json.h"
#include "alerts/routes.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kReadChannels = "alerts:read";
// Not alerts:write: whoever settles alerts need not be able to send them elsewhere.
constexpr const char* kWriteChannels = "alert_channels:write";

using ChannelWork = std::function<base::Result<Response>(ChannelService&, const Request&)>;

http::Handler channel_handler(ChannelService& service, ChannelWork work) {
  return [&service, work = std::move(work)](const Request& request) {
    auto result = work(service, request);
    return result ? *std::move(result) : access::failure_response(result.error(), request);
  };
}

base::Result<base::Uuid> parse_id(const Request& request) {
  return base::parse_uuid(request.path_parameter("id"));
}

base::Result<Response> list_channels(ChannelService& service, const Request& request) {
  TALLY_ASSIGN(const auto page, access::parse_page_request(request));
  TALLY_ASSIGN(auto channels, service.list(page.after, page.limit + 1));
  std::string next_after;
  if (std::ssize(channels) > page.limit) {
    channels.resize(static_cast<std::size_t>(page.limit));
    next_after = base::format_uuid(channels.back().id);
  }
  json::array items;
  for (const Channel& channel : channels) {
    items.push_back(to_json(channel));
  }
  return access::page_response(std::move(items), next_after);
}

base::Result<Response> create_channel(ChannelService& service, const Request& request) {
  TALLY_ASSIGN(const ChannelDraft draft, parse_channel_draft(request.body));
  TALLY_ASSIGN(const Channel channel, service.create(draft.kind, draft.change, access::change_context(request)));
  return access::record_response(to_json(channel), channel.version, request.path + "/" + base::format_uuid(channel.id));
}

base::Result<Response> get_channel(ChannelService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, parse_id(request));
  TALLY_ASSIGN(const Channel channel, service.get(id));
  return access::record_response(to_json(channel), channel.version);
}

base::Result<Response> change_channel(ChannelService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, parse_id(request));
  TALLY_ASSIGN(const auto version, access::parse_if_match(request));
  TALLY_ASSIGN(const ChannelChange change, parse_channel_change(request.body));
  TALLY_ASSIGN(const Channel channel, service.change(id, change, version, access::change_context(request)));
  return access::record_response(to_json(channel), channel.version);
}

base::Result<Response> remove_channel_of(ChannelService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, parse_id(request));
  TALLY_TRY(service.remove(id, access::change_context(request)));
  return Response{204, "", ""};
}

base::Result<Response> test_channel(ChannelService& service, const Request& request) {
  TALLY_ASSIGN(const base::Uuid id, parse_id(request));
  TALLY_TRY(access::expect_empty_body(request));
  TALLY_ASSIGN(const ChannelService::TestOutcome outcome, service.test(id, access::change_context(request)));
  json::object body = {{"result", outcome.failure ? "failed" : "sent"},
                       {"duration_ms", outcome.duration_us / base::kMicrosPerMilli}};
  if (outcome.failure) {
    body["code"] = outcome.failure->code;
    body["detail"] = outcome.failure->message;
  }
  return http::json_response(200, json::serialize(body));
}

}  // namespace

void add_channel_routes(http::Router& router, ChannelService& service, const MakeIdempotent& make_idempotent) {
  constexpr const char* kOne = "/api/alert-channels/{id}";
  router.add({Method::kGet,
              "/api/alert-channels",
              kReadChannels,
              "List the channels on which alerts are told",
              channel_handler(service, list_channels)});
  router.add({Method::kPost,
              "/api/alert-channels",
              kWriteChannels,
              "Create a channel",
              make_idempotent(channel_handler(service, create_channel))});
  router.add({Method::kGet, kOne, kReadChannels, "Get a channel", channel_handler(service, get_channel)});
  router.add(
      {Method::kPatch, kOne, kWriteChannels, "Change members of a channel", channel_handler(service, change_channel)});
  router.add({Method::kDelete, kOne, kWriteChannels, "Delete a channel", channel_handler(service, remove_channel_of)});
  router.add({Method::kPost,
              "/api/alert-channels/{id}/test",
              kWriteChannels,
              "Send a test on a channel, now, and say how it went",
              channel_handler(service, test_channel)});
}

}  // namespace tallystick::alerts
