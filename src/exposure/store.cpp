#include "exposure/store.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "base/slug.h"
#include "records/rows.h"

namespace tallystick::exposure {
namespace {

namespace json = boost::json;

struct PlacementRow {
  std::string id, slug, name, status, countries, vertical;
  std::int64_t max_slots = 0, requires_token = 0, created_at = 0, updated_at = 0, version = 0;
};

void for_each_column(PlacementRow& row, const auto& visit) {
  visit("id", row.id);
  visit("slug", row.slug);
  visit("name", row.name);
  visit("status", row.status);
  visit("max_slots", row.max_slots);
  visit("countries", row.countries);
  visit("vertical", row.vertical);
  visit("requires_token", row.requires_token);
  visit("created_at", row.created_at);
  visit("updated_at", row.updated_at);
  visit("version", row.version);
}

struct MerchantRow {
  std::string id, slug, name, status;
  std::int64_t created_at = 0, updated_at = 0, version = 0;
};

void for_each_column(MerchantRow& row, const auto& visit) {
  visit("id", row.id);
  visit("slug", row.slug);
  visit("name", row.name);
  visit("status", row.status);
  visit("created_at", row.created_at);
  visit("updated_at", row.updated_at);
  visit("version", row.version);
}

struct ExposureUnitRow {
  std::string id, merchant_id, name, exposure_type;
  std::int64_t created_at = 0, updated_at = 0, version = 0;
};

void for_each_column(ExposureUnitRow& row, const auto& visit) {
  visit("id", row.id);
  visit("merchant_id", row.merchant_id);
  visit("name", row.name);
  visit("exposure_type", row.exposure_type);
  visit("created_at", row.created_at);
  visit("updated_at", row.updated_at);
  visit("version", row.version);
}

// What was stored passed validation, so anything else is a broken invariant.
template <typename T>
T stored(base::Result<T> result) {
  if (!result) {
    throw std::runtime_error("the records hold what cannot be read: " + result.error().code);
  }
  return *std::move(result);
}

// The members that every row has.
void copy_head(const auto& from, auto& row) {
  row.id = base::format_uuid(from.id);
  row.name = from.name;
  row.created_at = from.created_at.us;
  row.updated_at = from.updated_at.us;
  row.version = from.version;
}

void read_head(const auto& row, auto& to) {
  to.id = stored(base::parse_uuid(row.id));
  to.name = row.name;
  to.created_at = {row.created_at};
  to.updated_at = {row.updated_at};
  to.version = row.version;
}

PlacementRow to_row(const Placement& placement) {
  PlacementRow row;
  copy_head(placement, row);
  row.slug = placement.slug;
  row.status = name_of(placement.status);
  row.max_slots = placement.max_slots;
  row.countries = json::serialize(json::array(placement.countries.begin(), placement.countries.end()));
  row.vertical = placement.vertical;
  row.requires_token = placement.requires_token ? 1 : 0;
  return row;
}

Placement from_row(const PlacementRow& row) {
  Placement placement;
  read_head(row, placement);
  placement.slug = row.slug;
  placement.status = stored(parse_status(row.status));
  placement.max_slots = row.max_slots;
  const auto countries = json::parse(row.countries);
  for (const auto& country : countries.as_array()) {
    placement.countries.emplace_back(country.as_string());
  }
  placement.vertical = row.vertical;
  placement.requires_token = row.requires_token != 0;
  return placement;
}

MerchantRow to_row(const Merchant& merchant) {
  MerchantRow row;
  copy_head(merchant, row);
  row.slug = merchant.slug;
  row.status = name_of(merchant.status);
  return row;
}

Merchant from_row(const MerchantRow& row) {
  Merchant merchant;
  read_head(row, merchant);
  merchant.slug = row.slug;
  merchant.status = stored(parse_status(row.status));
  return merchant;
}

ExposureUnitRow to_row(const ExposureUnit& unit) {
  ExposureUnitRow row;
  copy_head(unit, row);
  row.merchant_id = base::format_uuid(unit.merchant_id);
  row.exposure_type = name_of(unit.exposure_type);
  return row;
}

ExposureUnit from_row(const ExposureUnitRow& row) {
  ExposureUnit unit;
  read_head(row, unit);
  unit.merchant_id = stored(base::parse_uuid(row.merchant_id));
  unit.exposure_type = stored(parse_exposure_type(row.exposure_type));
  return unit;
}

template <typename Row, typename T>
std::vector<T> load(soci::session& session,
                    std::string_view table,
                    const std::vector<records::Condition>& conditions,
                    std::int64_t max_rows) {
  const auto rows = records::select_rows<Row>(session, table, conditions, max_rows);
  std::vector<T> values;
  values.reserve(rows.size());
  std::ranges::transform(rows, std::back_inserter(values), [](const Row& row) { return from_row(row); });
  return values;
}

template <typename Row, typename T>
std::optional<T> find(soci::session& session,
                      std::string_view table,
                      const std::vector<records::Condition>& conditions) {
  auto values = load<Row, T>(session, table, conditions, 1);
  return values.empty() ? std::nullopt : std::optional(std::move(values.front()));
}

// What is neither a slug nor an id finds nothing; it may not even be text that the database takes.
template <typename Row, typename T>
std::optional<T> find_by_slug_or_id(soci::session& session, std::string_view table, std::string_view slug_or_id) {
  if (const auto id = base::parse_uuid(slug_or_id)) {
    return find<Row, T>(session, table, {{"id", "=", base::format_uuid(*id)}});
  }
  if (base::is_slug(slug_or_id)) {
    return find<Row, T>(session, table, {{"slug", "=", std::string(slug_or_id)}});
  }
  return std::nullopt;
}

std::vector<records::Condition> page_of(std::string_view after, const std::optional<Status>& status) {
  std::vector<records::Condition> conditions = {{"id", ">", std::string(after)}};
  if (status) {
    conditions.push_back({"status", "=", std::string(name_of(*status))});
  }
  return conditions;
}

bool counted(soci::session& session, bool is_changed) {
  if (is_changed) {
    count_revision(session);
  }
  return is_changed;
}

}  // namespace

std::vector<Placement> load_placements(soci::session& session,
                                       const PlacementFilter& filter,
                                       std::string_view after,
                                       std::int64_t max_rows) {
  return load<PlacementRow, Placement>(session, "placements", page_of(after, filter.status), max_rows);
}

std::optional<Placement> find_placement(soci::session& session, std::string_view slug_or_id) {
  return find_by_slug_or_id<PlacementRow, Placement>(session, "placements", slug_or_id);
}

void insert(soci::session& session, const Placement& placement) {
  records::insert_row(session, "placements", to_row(placement));
  count_revision(session);
}

bool update(soci::session& session, const Placement& placement) {
  return counted(session, records::update_row(session, "placements", to_row(placement), {"slug", "created_at"}));
}

std::vector<Merchant> load_merchants(soci::session& session,
                                     const MerchantFilter& filter,
                                     std::string_view after,
                                     std::int64_t max_rows) {
  return load<MerchantRow, Merchant>(session, "merchants", page_of(after, filter.status), max_rows);
}

std::optional<Merchant> find_merchant(soci::session& session, std::string_view slug_or_id) {
  return find_by_slug_or_id<MerchantRow, Merchant>(session, "merchants", slug_or_id);
}

void insert(soci::session& session, const Merchant& merchant) {
  records::insert_row(session, "merchants", to_row(merchant));
  count_revision(session);
}

bool update(soci::session& session, const Merchant& merchant) {
  return counted(session, records::update_row(session, "merchants", to_row(merchant), {"slug", "created_at"}));
}

std::vector<ExposureUnit> load_exposure_units(soci::session& session,
                                              const ExposureUnitFilter& filter,
                                              std::string_view after,
                                              std::int64_t max_rows) {
  auto conditions = page_of(after, std::nullopt);
  if (filter.merchant_id) {
    conditions.push_back({"merchant_id", "=", base::format_uuid(*filter.merchant_id)});
  }
  return load<ExposureUnitRow, ExposureUnit>(session, "exposure_units", conditions, max_rows);
}

std::optional<ExposureUnit> find_exposure_unit(soci::session& session,
                                               const base::Uuid& merchant_id,
                                               const base::Uuid& id) {
  return find<ExposureUnitRow, ExposureUnit>(
      session,
      "exposure_units",
      {{"id", "=", base::format_uuid(id)}, {"merchant_id", "=", base::format_uuid(merchant_id)}});
}

void insert(soci::session& session, const ExposureUnit& unit) {
  records::insert_row(session, "exposure_units", to_row(unit));
  count_revision(session);
}

bool update(soci::session& session, const ExposureUnit& unit) {
  return counted(session, records::update_row(session, "exposure_units", to_row(unit), {"merchant_id", "created_at"}));
}

void count_revision(soci::session& session) {
  session << "UPDATE catalog_revisions SET revision = revision + 1 WHERE catalog = 'exposure'";
}

std::int64_t load_revision(soci::session& session) {
  std::int64_t revision = 0;
  session << "SELECT revision FROM catalog_revisions WHERE catalog = 'exposure'", soci::into(revision);
  return revision;
}

}  // namespace tallystick::exposure
