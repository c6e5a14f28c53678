#include "alerts/channel_service.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "alerts/channel_json.h"
#include "alerts/channel_store.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;

std::unexpected<base::Error> fail_channel_not_found() {
  return base::fail(base::ErrorKind::kNotFound, "channel_not_found", "there is no such channel");
}

// What is hidden is not in the JSON form; the trail still shows that it was set anew.
std::string audit_form(const Channel& channel, const Channel* before) {
  json::object object = to_json(channel);
  const bool is_new_url = before != nullptr && before->url != channel.url;
  const bool is_new_secret = before != nullptr && before->secret != channel.secret;
  if (is_new_url) {
    object["url_set_anew"] = true;
  }
  if (is_new_secret) {
    object["secret_set_anew"] = true;
  }
  return json::serialize(object);
}

std::string subject_of(const Channel& channel) {
  return "alert_channel:" + base::format_uuid(channel.id);
}

}  // namespace

base::Result<Channel> ChannelService::create(ChannelKind kind,
                                             const ChannelChange& change,
                                             const access::ChangeContext& context) {
  Channel channel;
  channel.created_at = channel.updated_at = clock_.now();
  channel.id = base::make_uuid_v7(channel.created_at, random_);
  channel.kind = kind;
  apply(change, channel);
  TALLY_TRY(validate(channel));
  return database_.write<Channel>([&](soci::session& session) -> base::Result<Channel> {
    if (load_channels(session, "", kMaxChannels).size() >= kMaxChannels) {
      return base::fail(
          base::ErrorKind::kUnprocessable, "too_many_channels", fmt::format("there are {} channels", kMaxChannels));
    }
    insert(session, channel);
    TALLY_TRY(audit_.append(
        session, {"alert_channel.create", subject_of(channel), "", audit_form(channel, nullptr)}, context));
    return channel;
  });
}

base::Result<std::vector<Channel>> ChannelService::list(std::string_view after, std::int64_t max_channels) {
  return database_.read<std::vector<Channel>>([&](soci::session& session) -> base::Result<std::vector<Channel>> {
    return load_channels(session, after, max_channels);
  });
}

base::Result<Channel> ChannelService::get(const base::Uuid& id) {
  return database_.read<Channel>([&](soci::session& session) -> base::Result<Channel> {
    auto channel = find_channel(session, id);
    if (!channel) {
      return fail_channel_not_found();
    }
    return *std::move(channel);
  });
}

base::Result<Channel> ChannelService::change(const base::Uuid& id,
                                             const ChannelChange& change,
                                             std::optional<std::int64_t> expected_version,
                                             const access::ChangeContext& context) {
  return database_.write<Channel>([&](soci::session& session) -> base::Result<Channel> {
    const auto before = lock_channel(session, id);
    if (!before) {
      return fail_channel_not_found();
    }
    const auto conflict = base::fail(base::ErrorKind::kConflict,
                                     "version_conflict",
                                     "it was changed meanwhile; read it again and repeat the change");
    if (expected_version && *expected_version != before->version) {
      return conflict;
    }
    Channel after = *before;
    apply(change, after);
    if (after == *before) {
      return after;
    }
    TALLY_TRY(validate(after));
    after.updated_at = clock_.now();
    if (!update(session, after)) {
      return conflict;
    }
    ++after.version;
    TALLY_TRY(audit_.append(
        session,
        {"alert_channel.change", subject_of(after), audit_form(*before, nullptr), audit_form(after, &*before)},
        context));
    return after;
  });
}

base::Result<void> ChannelService::remove(const base::Uuid& id, const access::ChangeContext& context) {
  const auto removed = database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    const auto channel = lock_channel(session, id);
    if (!channel) {
      return fail_channel_not_found();
    }
    remove_channel(session, id);
    TALLY_TRY(audit_.append(
        session, {"alert_channel.delete", subject_of(*channel), audit_form(*channel, nullptr), ""}, context));
    return true;
  });
  TALLY_TRY(removed);
  return {};
}

base::Result<ChannelService::TestOutcome> ChannelService::test(const base::Uuid& id,
                                                               const access::ChangeContext& context) {
  TALLY_ASSIGN(const Channel channel, get(id));
  const std::int64_t begin_us = clock_.monotonic_us();
  const base::Timestamp now = clock_.now();
  const auto sent =
      notifier_.send(channel, make_test_notice(base::make_uuid_v7(now, random_), now, notifier_.source()));
  TestOutcome outcome;
  outcome.duration_us = clock_.monotonic_us() - begin_us;
  if (!sent) {
    outcome.failure = sent.error();
  }
  const auto recorded = database_.write<bool>([&](soci::session& session) -> base::Result<bool> {
    const json::object result = {{"result", sent ? std::string("sent") : sent.error().code}};
    TALLY_TRY(
        audit_.append(session, {"alert_channel.test", subject_of(channel), "", json::serialize(result)}, context));
    return true;
  });
  TALLY_TRY(recorded);
  return outcome;
}

}  // namespace tallystick::alerts
