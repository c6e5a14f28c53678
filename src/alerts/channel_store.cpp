#include "alerts/channel_store.h"

#include <stdexcept>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "alerts/channel_json.h"
#include "records/rows.h"

namespace tallystick::alerts {
namespace {

namespace json = boost::json;

struct ChannelRow {
  std::string id, name, kind, url, recipients, secret, min_severity, subjects, quiet_hours;
  std::int64_t is_enabled = 0, created_at = 0, updated_at = 0, version = 0;
};

void for_each_column(ChannelRow& row, const auto& visit) {
  visit("id", row.id);
  visit("name", row.name);
  visit("kind", row.kind);
  visit("is_enabled", row.is_enabled);
  visit("url", row.url);
  visit("recipients", row.recipients);
  visit("secret", row.secret);
  visit("min_severity", row.min_severity);
  visit("subjects", row.subjects);
  visit("quiet_hours", row.quiet_hours);
  visit("created_at", row.created_at);
  visit("updated_at", row.updated_at);
  visit("version", row.version);
}

std::string to_text(const std::vector<std::string>& texts) {
  return json::serialize(json::array(texts.begin(), texts.end()));
}

std::vector<std::string> to_texts(const std::string& text) {
  const json::value value = json::parse(text);
  std::vector<std::string> texts;
  for (const json::value& item : value.as_array()) {
    texts.emplace_back(item.as_string());
  }
  return texts;
}

ChannelRow to_row(const Channel& channel) {
  ChannelRow row;
  row.id = base::format_uuid(channel.id);
  row.name = channel.name;
  row.kind = name_of(channel.kind);
  row.is_enabled = channel.is_enabled ? 1 : 0;
  row.url = channel.url;
  row.recipients = to_text(channel.recipients);
  row.secret = channel.secret;
  row.min_severity = name_of(channel.min_severity);
  row.subjects = to_text(channel.subjects);
  row.quiet_hours = json::serialize(to_json(channel.quiet_hours));
  row.created_at = channel.created_at.us;
  row.updated_at = channel.updated_at.us;
  row.version = channel.version;
  return row;
}

Channel from_row(const ChannelRow& row) {
  Channel channel;
  const auto kind = parse_channel_kind(row.kind);
  const auto severity = parse_severity(row.min_severity);
  auto hours = parse_stored_quiet_hours(row.quiet_hours);
  if (!base::parse_uuid_into(row.id, channel.id) || !kind || !severity || !hours) {
    throw std::runtime_error("alert_channels holds a row that cannot be read");
  }
  channel.name = row.name;
  channel.kind = *kind;
  channel.is_enabled = row.is_enabled != 0;
  channel.url = row.url;
  channel.recipients = to_texts(row.recipients);
  channel.secret = row.secret;
  channel.min_severity = *severity;
  channel.subjects = to_texts(row.subjects);
  channel.quiet_hours = *std::move(hours);
  channel.created_at = {row.created_at};
  channel.updated_at = {row.updated_at};
  channel.version = row.version;
  return channel;
}

}  // namespace

std::vector<Channel> load_channels(soci::session& session, std::string_view after, std::int64_t max_channels) {
  const records::Condition condition{"id", ">", std::string(after)};
  std::vector<Channel> channels;
  for (const ChannelRow& row :
       records::select_rows<ChannelRow>(session, "alert_channels", {&condition, 1}, max_channels)) {
    channels.push_back(from_row(row));
  }
  return channels;
}

std::optional<Channel> find_channel(soci::session& session, const base::Uuid& id) {
  const records::Condition condition{"id", "=", base::format_uuid(id)};
  const auto rows = records::select_rows<ChannelRow>(session, "alert_channels", {&condition, 1}, 1);
  return rows.empty() ? std::nullopt : std::optional(from_row(rows.front()));
}

std::optional<Channel> lock_channel(soci::session& session, const base::Uuid& id) {
  const std::string key = base::format_uuid(id);
  session << "UPDATE alert_channels SET version = version WHERE id = :id", soci::use(key, "id");
  return find_channel(session, id);
}

void insert(soci::session& session, const Channel& channel) {
  records::insert_row(session, "alert_channels", to_row(channel));
}

bool update(soci::session& session, const Channel& channel) {
  return records::update_row(session, "alert_channels", to_row(channel), {"kind", "created_at"});
}

void remove_channel(soci::session& session, const base::Uuid& id) {
  const std::string key = base::format_uuid(id);
  session << "DELETE FROM alert_channels WHERE id = :id", soci::use(key, "id");
}

}  // namespace tallystick::alerts
