#include "tests/warehouse/live/attribution_oracle.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>

#include "warehouse/attribution_weights.h"

namespace tallystick::warehouse {

namespace {

std::tuple<base::Timestamp, std::uint64_t, std::uint32_t> order_of(const ExposureEvent& exposure) {
  return {exposure.occurred_at, exposure.sequence, exposure.log_id};
}

bool is_touch(const ExposureEvent& exposure, base::Timestamp of, std::int64_t window_us) {
  return !exposure.placement_id.is_nil() && !exposure.merchant_id.is_nil() && exposure.occurred_at <= of &&
         exposure.occurred_at >= of - window_us &&
         exposure.received_at - exposure.occurred_at <= 11 * base::kMicrosPerMinute;
}

const ExposureEvent* last_exposure_of(const History& history, const ClickEvent& click) {
  const ExposureEvent* last = nullptr;
  for (const ExposureEvent& exposure : history.exposures) {
    if (click.session != 0 && exposure.session == click.session && exposure.merchant_id == click.merchant_id &&
        is_touch(exposure, click.occurred_at, base::kMicrosPerHour) &&
        (!last || order_of(*last) < order_of(exposure))) {
      last = &exposure;
    }
  }
  return last;
}

base::Uuid placement_of(const History& history, const ClickEvent& click) {
  const ExposureEvent* exposure = last_exposure_of(history, click);
  return exposure ? exposure->placement_id : click.placement_id;
}

std::string click_line(
    const ClickEvent& click, const History& history, std::uint64_t revision_sequence, int verdict_class, int clicks) {
  const ExposureEvent* exposure = last_exposure_of(history, click);
  return fmt::format("{} {:06} {:06} {} {} {} {} class {} clicks {}",
                     click.log_id,
                     click.sequence,
                     revision_sequence,
                     base::format_uuid(click.partner_id),
                     base::format_uuid(click.merchant_id),
                     base::format_uuid(placement_of(history, click)),
                     base::format_uuid(exposure ? exposure->event_id : base::Uuid{}),
                     verdict_class,
                     clicks);
}

std::string share_line(std::uint32_t log_id,
                       AttributionModel model,
                       const base::Uuid& key,
                       base::Timestamp occurred_at,
                       const base::Uuid& partner_id,
                       const base::Uuid& merchant_id,
                       const Share& share) {
  return fmt::format("{} {} {} {:012} of {} {} {} {} {} {}",
                     base::format_uuid(key),
                     name_of(model),
                     log_id,
                     share.weight_before,
                     share.weight_after,
                     share.weight_total,
                     occurred_at.us,
                     base::format_uuid(partner_id),
                     base::format_uuid(merchant_id),
                     base::format_uuid(share.placement_id));
}

Rows select(Client& client, const std::string& sql) {
  auto rows = client.query(sql);
  if (!rows) {
    throw std::runtime_error(rows.error().code + ": " + rows.error().message);
  }
  return *std::move(rows);
}

}  // namespace

std::vector<std::string> expected_clicks(const History& history) {
  std::vector<std::string> lines;
  std::map<base::Uuid, const ClickEvent*> known;
  for (const ClickEvent& click : history.clicks) {
    known[click.event_id] = &click;
    lines.push_back(click_line(click, history, 0, click.verdict_class, 1));
  }
  for (const RevisionEvent& revision : history.revisions) {
    if (revision.old_class != revision.new_class) {
      const ClickEvent& click = *known.at(revision.event_id);
      lines.push_back(click_line(click, history, revision.sequence, revision.old_class, -1));
      lines.push_back(click_line(click, history, revision.sequence, revision.new_class, 1));
    }
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> expected_conversions(const History& history) {
  std::map<base::Uuid, const ConversionEvent*> firsts;
  for (const ConversionEvent& event : history.conversions) {
    const ConversionEvent*& first = firsts[event.conversion_key];
    const auto order = [](const ConversionEvent& e) {
      return std::tuple(e.received_at, e.log_id, e.sequence);
    };
    first = !first || order(event) < order(*first) ? &event : first;
  }
  std::vector<std::string> lines;
  for (const auto& [key, conversion] : firsts) {
    const auto named = std::ranges::find(history.clicks, conversion->click_id, &ClickEvent::event_id);
    const ClickEvent click = named == history.clicks.end() ? ClickEvent{} : *named;
    const std::uint64_t user = conversion->user != 0 ? conversion->user : click.user;
    const base::Uuid merchant = conversion->merchant_id.is_nil() ? click.merchant_id : conversion->merchant_id;
    const base::Uuid partner = conversion->partner_id.is_nil() ? click.partner_id : conversion->partner_id;
    std::vector<Touch> touches;
    for (const ExposureEvent& exposure : history.exposures) {
      if (user != 0 && exposure.user == user && exposure.merchant_id == merchant &&
          is_touch(exposure, conversion->occurred_at, 7 * base::kMicrosPerDay)) {
        touches.push_back({exposure.occurred_at, exposure.sequence, exposure.log_id, exposure.placement_id});
      }
    }
    const base::Uuid fallback = named == history.clicks.end() ? base::Uuid{} : placement_of(history, click);
    for (const AttributionModel model : kAttributionModels) {
      for (const Share& share : share_out(model, touches, conversion->occurred_at, fallback)) {
        lines.push_back(share_line(conversion->log_id, model, key, conversion->occurred_at, partner, merchant, share));
      }
    }
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> load_clicks(Client& client, const Layout& layout, const std::string& clicks) {
  const Rows rows = select(client, "SELECT *, toInt8(verdict_class) AS class FROM " + layout.table(clicks));
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    lines.push_back(fmt::format("{} {:06} {:06} {} {} {} {} class {} clicks {}",
                                rows.integer(row, "log_id"),
                                rows.integer(row, "click_sequence"),
                                rows.integer(row, "revision_sequence"),
                                rows.text(row, "partner_id"),
                                rows.text(row, "merchant_id"),
                                rows.text(row, "placement_id"),
                                rows.text(row, "impression_event_id"),
                                rows.integer(row, "class"),
                                rows.integer(row, "clicks")));
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> load_conversions(Client& client, const Layout& layout, const std::string& conversions) {
  const Rows rows = select(client, "SELECT *, toInt8(model) AS number FROM " + layout.table(conversions));
  std::vector<std::string> lines;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    lines.push_back(share_line(static_cast<std::uint32_t>(rows.integer(row, "log_id")),
                               static_cast<AttributionModel>(rows.integer(row, "number")),
                               rows.uuid(row, "conversion_key"),
                               rows.time(row, "occurred_at"),
                               rows.uuid(row, "partner_id"),
                               rows.uuid(row, "merchant_id"),
                               Share{rows.uuid(row, "placement_id"),
                                     rows.unsigned_integer(row, "weight_before"),
                                     rows.unsigned_integer(row, "weight_after"),
                                     rows.unsigned_integer(row, "weight_total")}));
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace tallystick::warehouse
