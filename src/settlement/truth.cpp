#include "settlement/truth.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "settlement/claims_click_id.h"
#include "settlement/claims_row.h"
#include "settlement/truth_sql.h"
#include "warehouse/parameters.h"
#include "warehouse/rows.h"

namespace tallystick::settlement {
namespace {

constexpr std::int64_t kMaxSlices = 10'000;
constexpr std::int64_t kGivt = 2;  // and above: invalid (verdict_class)

using ClickMap = std::unordered_map<base::Uuid, std::size_t, base::UuidHash>;

std::unexpected<base::Error> cancelled() {
  return base::fail(base::ErrorKind::kUnavailable, "cancelled", "the reconciliation was cancelled");
}

warehouse::Parameters parameters_of(const TruthPosition& position, const base::Uuid& partner_id) {
  std::vector<std::uint32_t> logs;
  std::vector<std::uint64_t> ends;
  for (const LogPosition& log : position.logs) {
    logs.push_back(log.log_id);
    ends.push_back(log.end);
  }
  return {{"partner", base::format_uuid(partner_id)},
          {"logs", fmt::format("[{}]", fmt::join(logs, ","))},
          {"ends", fmt::format("[{}]", fmt::join(ends, ","))}};
}

reconcile::Status status_of(std::int64_t number) {
  // The warehouse's conversion_status has the numbers of the journal's ConversionStatus.
  using enum reconcile::Status;
  return number == 0 ? kPending : number == 1 ? kApproved : number == 2 ? kPaid : kReversed;
}

}  // namespace

TruthLoader::TruthLoader(warehouse::Client& client,
                         const TruthPosition& position,
                         const base::Uuid& partner_id,
                         const base::Currency& default_currency,
                         const TruthLimits& limits)
    : client_(client),
      position_(position),
      partner_id_(partner_id),
      default_currency_(default_currency),
      limits_(limits) {}

base::Result<warehouse::Rows> TruthLoader::query(const std::string& sql,
                                                 const Span& span,
                                                 std::int64_t slices,
                                                 std::int64_t slice) {
  warehouse::Parameters parameters = parameters_of(position_, partner_id_);
  parameters.emplace_back("from", warehouse::time_parameter(span.from));
  parameters.emplace_back("to", warehouse::time_parameter(span.to));
  parameters.emplace_back("slices", std::to_string(slices));
  parameters.emplace_back("slice", std::to_string(slice));
  warehouse::QueryOptions options;
  options.database = position_.database;
  options.timeout_ms = limits_.query_timeout_ms;
  // On a cluster the right side of a join or IN is collected from all shards.
  options.settings = {{"distributed_product_mode", "global"}, {"max_query_size", "4000000"}};
  return client_.query(sql, parameters, options);
}

void TruthLoader::take_conversions(const warehouse::Rows& rows, const Ids& known, TruthSide& side) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    reconcile::Truth truth;
    truth.id = rows.uuid(i, "conversion_key");
    if (known.contains(truth.id)) {
      continue;
    }
    truth.click_id = rows.uuid(i, "click_id");
    truth.order_id = normalise_reference(rows.text(i, "order_name"));
    truth.occurred_at = rows.time(i, "at");
    truth.amount_minor = rows.integer(i, "amount_minor");
    truth.commission_minor = rows.integer(i, "commission_minor");
    truth.currency = base::parse_currency(rows.text(i, "currency_code")).value_or(default_currency_);
    truth.status = status_of(rows.integer(i, "status"));
    truth.is_invalid = std::max(rows.integer(i, "class"), rows.integer(i, "click_class")) >= kGivt;
    truth.link_id = rows.uuid(i, "link_id");
    if (truth.click_id.is_nil()) {
      truth.click_id = find_click_id(rows.text(i, "sub_name")).value_or(base::Uuid{});
      if (!truth.click_id.is_nil()) {
        returned_.push_back(side.truths.size());
      }
    }
    side.truths.push_back(std::move(truth));
    side.transactions.push_back(normalise_reference(rows.text(i, "transaction_name")));
    ++side.conversions;
  }
}

base::Result<TruthSide> TruthLoader::load_conversions(const Span& loaded,
                                                      const Progress& progress,
                                                      const std::function<bool()>& is_cancelled) {
  TruthSide side;
  if (position_.logs.empty()) {
    return side;  // nothing was ever loaded
  }
  TALLY_ASSIGN(const warehouse::Rows count, query(count_conversions_sql(), loaded));
  const std::int64_t events = count.integer(0, "events");
  const std::int64_t slices =
      std::clamp<std::int64_t>((events + limits_.slice_events - 1) / limits_.slice_events, 1, kMaxSlices);
  side.truths.reserve(static_cast<std::size_t>(events));
  side.transactions.reserve(static_cast<std::size_t>(events));
  for (std::int64_t slice = 0; slice < slices; ++slice) {
    if (is_cancelled()) {
      return cancelled();
    }
    TALLY_ASSIGN(const warehouse::Rows rows, query(conversions_of_period_sql(), loaded, slices, slice));
    take_conversions(rows, {}, side);
    progress(slice + 1, slices);
  }
  TALLY_TRY(complete_returned_clicks(side));
  return side;
}

base::Result<void> TruthLoader::complete_returned_clicks(TruthSide& side) {
  std::vector<std::size_t> truths = std::exchange(returned_, {});
  for (std::size_t at = 0; at < truths.size(); at += limits_.batch_ids) {
    const std::span batch = std::span(truths).subspan(at, std::min(limits_.batch_ids, truths.size() - at));
    std::vector<base::Uuid> ids;
    std::ranges::transform(batch, std::back_inserter(ids), [&](std::size_t i) { return side.truths[i].click_id; });
    TALLY_ASSIGN(const warehouse::Rows rows, query(clicks_sql(ids), {}));
    ClickMap found;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      found.emplace(rows.uuid(row, "event_id"), row);
    }
    for (const std::size_t i : batch) {
      reconcile::Truth& truth = side.truths[i];
      if (const auto click = found.find(truth.click_id); click != found.end()) {
        truth.link_id = rows.uuid(click->second, "link_id");
        truth.is_invalid = truth.is_invalid || rows.integer(click->second, "class") >= kGivt;
      }
    }
  }
  return {};
}

base::Result<TruthLoader::Ids> TruthLoader::add_conversions_of(std::span<const base::Uuid> clicks,
                                                               Ids& known,
                                                               TruthSide& side) {
  TALLY_ASSIGN(const warehouse::Rows rows, query(converted_clicks_sql(clicks), {}));
  std::vector<base::Uuid> converted;
  converted.reserve(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    converted.push_back(rows.uuid(row, "click_id"));
  }
  if (!converted.empty()) {
    const std::size_t first = side.truths.size();
    TALLY_ASSIGN(const warehouse::Rows conversions, query(conversions_of_clicks_sql(converted), {}));
    take_conversions(conversions, known, side);
    for (std::size_t i = first; i < side.truths.size(); ++i) {
      known.insert(side.truths[i].id);
    }
  }
  return Ids(converted.begin(), converted.end());
}

base::Result<void> TruthLoader::add_clicks(std::span<const base::Uuid> clicks,
                                           TruthSide& side,
                                           const std::function<bool()>& is_cancelled) {
  Ids known;
  known.reserve(side.truths.size());
  for (const reconcile::Truth& truth : side.truths) {
    known.insert(truth.id);
  }
  for (std::size_t at = 0; at < clicks.size() && !position_.logs.empty(); at += limits_.batch_ids) {
    if (is_cancelled()) {
      return cancelled();
    }
    const auto batch = clicks.subspan(at, std::min(limits_.batch_ids, clicks.size() - at));
    TALLY_ASSIGN(const Ids converted, add_conversions_of(batch, known, side));
    TALLY_ASSIGN(const warehouse::Rows rows, query(clicks_sql(batch), {}));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      reconcile::Truth truth;
      truth.id = rows.uuid(row, "event_id");
      if (converted.contains(truth.id) || !known.insert(truth.id).second) {
        continue;
      }
      truth.kind = reconcile::TruthKind::kClick;
      truth.click_id = truth.id;
      truth.occurred_at = rows.time(row, "occurred_at");
      truth.currency = default_currency_;
      truth.is_invalid = rows.integer(row, "class") >= kGivt;
      truth.link_id = rows.uuid(row, "link_id");
      side.truths.push_back(std::move(truth));
      side.transactions.emplace_back();
    }
  }
  return {};
}

base::Result<reconcile::ClickFigures> TruthLoader::load_click_figures(const Span& period) {
  reconcile::ClickFigures figures;
  if (position_.logs.empty()) {
    return figures;
  }
  TALLY_ASSIGN(const warehouse::Rows rows, query(click_figures_sql(), period));
  figures.our_gross = rows.integer(0, "gross");
  figures.our_net = rows.integer(0, "net");
  return figures;
}

}  // namespace tallystick::settlement
