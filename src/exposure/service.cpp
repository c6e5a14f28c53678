#include "exposure/service.h"

#include <utility>

#include <boost/json.hpp>

#include "base/uuid.h"
#include "exposure/json.h"
#include "exposure/validation.h"
#include "records/rows.h"

namespace tallystick::exposure {
namespace {

constexpr std::string_view kind_of(const Placement&) {
  return "placement";
}
constexpr std::string_view kind_of(const Merchant&) {
  return "merchant";
}
constexpr std::string_view kind_of(const ExposureUnit&) {
  return "exposure_unit";
}

template <typename T>
std::string subject_of(const T& value) {
  return std::string(kind_of(value)) + ":" + base::format_uuid(value.id);
}

template <typename T>
std::string audit_form(const T& value) {
  return boost::json::serialize(to_json(value));
}

template <typename T>
base::Result<T> expect_found(std::optional<T> found) {
  if (!found) {
    const std::string kind(kind_of(T{}));
    return base::fail(base::ErrorKind::kNotFound, kind + "_not_found", "there is no such " + kind);
  }
  return *std::move(found);
}

base::Result<ExposureUnit> get_exposure_unit_in(soci::session& session,
                                                std::string_view merchant,
                                                std::string_view id) {
  TALLY_ASSIGN(const auto owner, expect_found(find_merchant(session, merchant)));
  const auto uuid = base::parse_uuid(id);
  return expect_found(uuid ? find_exposure_unit(session, owner.id, *uuid) : std::nullopt);
}

template <typename T>
Page<T> to_page(std::vector<T> items, std::int64_t limit) {
  Page<T> page{std::move(items), {}};
  if (std::ssize(page.items) > limit) {
    page.items.resize(static_cast<std::size_t>(limit));
    page.next_after = base::format_uuid(page.items.back().id);
  }
  return page;
}

std::string_view verb_of(Status status) {
  return status == Status::kPaused ? "pause" : "resume";
}

}  // namespace

ExposureService::ExposureService(records::Database& database,
                                 access::AuditLog& audit,
                                 const base::Clock& clock,
                                 base::Random& random)
    : database_(database), audit_(audit), clock_(clock), random_(random) {}

template <typename T>
T ExposureService::make_new() {
  const auto now = clock_.now();
  T value;
  value.id = base::make_uuid_v7(now, random_);
  value.created_at = value.updated_at = now;
  return value;
}

template <typename T>
base::Result<T> ExposureService::store_new(soci::session& session,
                                           const T& value,
                                           const access::ChangeContext& context) {
  TALLY_TRY(validate(value));
  insert(session, value);
  TALLY_TRY(audit_.append(session,
                          {.action = std::string(kind_of(value)) + ".create",
                           .subject = subject_of(value),
                           .before = {},
                           .after = audit_form(value)},
                          context));
  return value;
}

template <typename T>
base::Result<T> ExposureService::store_edited(soci::session& session,
                                              const T& before,
                                              std::string_view verb,
                                              std::optional<std::int64_t> expected_version,
                                              const access::ChangeContext& context,
                                              const std::function<void(T&)>& edit) {
  const auto fail_version = [] {
    return base::fail(base::ErrorKind::kConflict,
                      "version_conflict",
                      "it was changed meanwhile; read it again and repeat the change");
  };
  if (expected_version && *expected_version != before.version) {
    return fail_version();
  }
  auto after = before;
  edit(after);
  if (after == before) {
    return before;
  }
  TALLY_TRY(validate(after));
  after.updated_at = clock_.now();
  if (!update(session, after)) {
    return fail_version();
  }
  ++after.version;
  TALLY_TRY(audit_.append(session,
                          {.action = std::string(kind_of(after)) + "." + std::string(verb),
                           .subject = subject_of(after),
                           .before = audit_form(before),
                           .after = audit_form(after)},
                          context));
  return after;
}

base::Result<Placement> ExposureService::create_placement(std::string_view slug,
                                                          const PlacementChange& change,
                                                          const access::ChangeContext& context) {
  auto placement = make_new<Placement>();
  placement.slug = slug;
  apply(change, placement);
  return database_.write<Placement>([&](soci::session& session) { return store_new(session, placement, context); });
}

base::Result<Page<Placement>> ExposureService::list_placements(const PlacementFilter& filter,
                                                               std::string_view after,
                                                               std::int64_t limit) {
  return database_.read<Page<Placement>>([&](soci::session& session) -> base::Result<Page<Placement>> {
    return to_page(load_placements(session, filter, after, limit + 1), limit);
  });
}

base::Result<Placement> ExposureService::get_placement(std::string_view slug_or_id) {
  return database_.read<Placement>(
      [&](soci::session& session) { return expect_found(find_placement(session, slug_or_id)); });
}

base::Result<Placement> ExposureService::change_placement(std::string_view slug_or_id,
                                                          const PlacementChange& change,
                                                          std::optional<std::int64_t> expected_version,
                                                          const access::ChangeContext& context) {
  return database_.write<Placement>([&](soci::session& session) -> base::Result<Placement> {
    TALLY_ASSIGN(const auto before, expect_found(find_placement(session, slug_or_id)));
    return store_edited<Placement>(
        session, before, "change", expected_version, context, [&](Placement& placement) { apply(change, placement); });
  });
}

base::Result<Placement> ExposureService::set_placement_status(std::string_view slug_or_id,
                                                              Status status,
                                                              const access::ChangeContext& context) {
  return database_.write<Placement>([&](soci::session& session) -> base::Result<Placement> {
    TALLY_ASSIGN(const auto before, expect_found(find_placement(session, slug_or_id)));
    return store_edited<Placement>(session, before, verb_of(status), std::nullopt, context, [&](Placement& placement) {
      placement.status = status;
    });
  });
}

base::Result<Merchant> ExposureService::create_merchant(std::string_view slug,
                                                        const MerchantChange& change,
                                                        const access::ChangeContext& context) {
  auto merchant = make_new<Merchant>();
  merchant.slug = slug;
  apply(change, merchant);
  return database_.write<Merchant>([&](soci::session& session) { return store_new(session, merchant, context); });
}

base::Result<Page<Merchant>> ExposureService::list_merchants(const MerchantFilter& filter,
                                                             std::string_view after,
                                                             std::int64_t limit) {
  return database_.read<Page<Merchant>>([&](soci::session& session) -> base::Result<Page<Merchant>> {
    return to_page(load_merchants(session, filter, after, limit + 1), limit);
  });
}

base::Result<Merchant> ExposureService::get_merchant(std::string_view slug_or_id) {
  return database_.read<Merchant>(
      [&](soci::session& session) { return expect_found(find_merchant(session, slug_or_id)); });
}

base::Result<Merchant> ExposureService::change_merchant(std::string_view slug_or_id,
                                                        const MerchantChange& change,
                                                        std::optional<std::int64_t> expected_version,
                                                        const access::ChangeContext& context) {
  return database_.write<Merchant>([&](soci::session& session) -> base::Result<Merchant> {
    TALLY_ASSIGN(const auto before, expect_found(find_merchant(session, slug_or_id)));
    return store_edited<Merchant>(
        session, before, "change", expected_version, context, [&](Merchant& merchant) { apply(change, merchant); });
  });
}

base::Result<Merchant> ExposureService::set_merchant_status(std::string_view slug_or_id,
                                                            Status status,
                                                            const access::ChangeContext& context) {
  return database_.write<Merchant>([&](soci::session& session) -> base::Result<Merchant> {
    TALLY_ASSIGN(const auto before, expect_found(find_merchant(session, slug_or_id)));
    return store_edited<Merchant>(
        session, before, verb_of(status), std::nullopt, context, [&](Merchant& merchant) { merchant.status = status; });
  });
}

base::Result<ExposureUnit> ExposureService::create_exposure_unit(std::string_view merchant,
                                                                 const ExposureUnitChange& change,
                                                                 const access::ChangeContext& context) {
  auto unit = make_new<ExposureUnit>();
  apply(change, unit);
  return database_.write<ExposureUnit>([&](soci::session& session) -> base::Result<ExposureUnit> {
    TALLY_ASSIGN(const auto owner, expect_found(find_merchant(session, merchant)));
    unit.merchant_id = owner.id;
    return store_new(session, unit, context);
  });
}

base::Result<Page<ExposureUnit>> ExposureService::list_exposure_units(std::string_view merchant,
                                                                      std::string_view after,
                                                                      std::int64_t limit) {
  return database_.read<Page<ExposureUnit>>([&](soci::session& session) -> base::Result<Page<ExposureUnit>> {
    TALLY_ASSIGN(const auto owner, expect_found(find_merchant(session, merchant)));
    return to_page(load_exposure_units(session, {.merchant_id = owner.id}, after, limit + 1), limit);
  });
}

base::Result<ExposureUnit> ExposureService::get_exposure_unit(std::string_view merchant, std::string_view id) {
  return database_.read<ExposureUnit>(
      [&](soci::session& session) { return get_exposure_unit_in(session, merchant, id); });
}

base::Result<ExposureUnit> ExposureService::change_exposure_unit(std::string_view merchant,
                                                                 std::string_view id,
                                                                 const ExposureUnitChange& change,
                                                                 std::optional<std::int64_t> expected_version,
                                                                 const access::ChangeContext& context) {
  return database_.write<ExposureUnit>([&](soci::session& session) -> base::Result<ExposureUnit> {
    TALLY_ASSIGN(const auto before, get_exposure_unit_in(session, merchant, id));
    return store_edited<ExposureUnit>(
        session, before, "change", expected_version, context, [&](ExposureUnit& unit) { apply(change, unit); });
  });
}

base::Result<std::int64_t> ExposureService::revision() {
  return database_.read<std::int64_t>(
      [](soci::session& session) -> base::Result<std::int64_t> { return load_revision(session); });
}

base::Result<Snapshot> ExposureService::load_all() {
  return database_.read<Snapshot>([](soci::session& session) -> base::Result<Snapshot> {
    // The revision first: a change in between is then read again, never missed.
    Snapshot snapshot;
    snapshot.revision = load_revision(session);
    snapshot.placements = load_placements(session, {}, "", records::kAllRows);
    snapshot.merchants = load_merchants(session, {}, "", records::kAllRows);
    snapshot.exposure_units = load_exposure_units(session, {}, "", records::kAllRows);
    return snapshot;
  });
}

}  // namespace tallystick::exposure
