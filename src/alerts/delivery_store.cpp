#include "alerts/delivery_store.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>

#include "records/rows.h"

namespace tallystick::alerts {
namespace {

struct DeliveryRow {
  std::string id, alert_id, channel_id, channel_name, channel_kind, cause, state, reason, detail;
  std::int64_t number = 0, attempts = 0, due_at = 0, created_at = 0, finished_at = 0;
};

void for_each_column(DeliveryRow& row, const auto& visit) {
  visit("id", row.id);
  visit("alert_id", row.alert_id);
  visit("channel_id", row.channel_id);
  visit("channel_name", row.channel_name);
  visit("channel_kind", row.channel_kind);
  visit("number", row.number);
  visit("cause", row.cause);
  visit("state", row.state);
  visit("attempts", row.attempts);
  visit("reason", row.reason);
  visit("detail", row.detail);
  visit("due_at", row.due_at);
  visit("created_at", row.created_at);
  visit("finished_at", row.finished_at);
}

DeliveryRow to_row(const Delivery& delivery) {
  DeliveryRow row;
  row.id = base::format_uuid(delivery.id);
  row.alert_id = base::format_uuid(delivery.alert_id);
  row.channel_id = base::format_uuid(delivery.channel_id);
  row.channel_name = delivery.channel_name;
  row.channel_kind = name_of(delivery.channel_kind);
  row.number = delivery.number;
  row.cause = name_of(delivery.cause);
  row.state = name_of(delivery.state);
  row.attempts = delivery.attempts;
  row.reason = delivery.reason;
  row.detail = delivery.detail;
  row.due_at = delivery.due_at.us;
  row.created_at = delivery.created_at.us;
  row.finished_at = delivery.finished_at.us;
  return row;
}

Delivery from_row(const DeliveryRow& row) {
  Delivery delivery;
  const auto kind = parse_channel_kind(row.channel_kind);
  const auto cause = parse_cause(row.cause);
  const auto state = parse_delivery_state(row.state);
  if (!base::parse_uuid_into(row.id, delivery.id) || !base::parse_uuid_into(row.alert_id, delivery.alert_id) ||
      !base::parse_uuid_into(row.channel_id, delivery.channel_id) || !kind || !cause || !state) {
    throw std::runtime_error("alert_deliveries holds a row that cannot be read");
  }
  delivery.channel_name = row.channel_name;
  delivery.channel_kind = *kind;
  delivery.number = row.number;
  delivery.cause = *cause;
  delivery.state = *state;
  delivery.attempts = row.attempts;
  delivery.reason = row.reason;
  delivery.detail = row.detail;
  delivery.due_at = {row.due_at};
  delivery.created_at = {row.created_at};
  delivery.finished_at = {row.finished_at};
  return delivery;
}

}  // namespace

std::vector<Delivery> load_deliveries(soci::session& session, const base::Uuid& alert_id) {
  const records::Condition condition{"alert_id", "=", base::format_uuid(alert_id)};
  std::vector<Delivery> deliveries;
  for (const DeliveryRow& row : records::select_rows<DeliveryRow>(session, "alert_deliveries", {&condition, 1})) {
    deliveries.push_back(from_row(row));
  }
  // Ids of the same millisecond are in no order.
  std::ranges::stable_sort(deliveries, {}, [](const Delivery& delivery) {
    return std::tuple(delivery.created_at, delivery.channel_name, delivery.number);
  });
  return deliveries;
}

std::optional<Delivery> lock_delivery(soci::session& session, const base::Uuid& id) {
  const std::string key = base::format_uuid(id);
  session << "UPDATE alert_deliveries SET number = number WHERE id = :id", soci::use(key, "id");
  const records::Condition condition{"id", "=", key};
  const auto rows = records::select_rows<DeliveryRow>(session, "alert_deliveries", {&condition, 1}, 1);
  return rows.empty() ? std::nullopt : std::optional(from_row(rows.front()));
}

void insert(soci::session& session, const Delivery& delivery) {
  records::insert_row(session, "alert_deliveries", to_row(delivery));
}

void update(soci::session& session, const Delivery& delivery) {
  const DeliveryRow row = to_row(delivery);
  session << "UPDATE alert_deliveries SET state = :state, attempts = :attempts, reason = :reason, detail = :detail, "
             "due_at = :due_at, finished_at = :finished_at WHERE id = :id",
      soci::use(row.state), soci::use(row.attempts), soci::use(row.reason), soci::use(row.detail),
      soci::use(row.due_at), soci::use(row.finished_at), soci::use(row.id);
}

}  // namespace tallystick::alerts
