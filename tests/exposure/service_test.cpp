#include "exposure/service.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "access/audit.h"
#include "tests/support/database_test.h"

namespace tallystick::exposure {
namespace {

class ExposureServiceTest : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    service_ = std::make_unique<ExposureService>(database(), audit_, clock_, random_);
  }
  void TearDown() override { service_.reset(); }

  Placement create_placement(std::string_view slug) {
    clock_.advance_us(1'000);  // ids of one millisecond have no order
    return service_
        ->create_placement(
            slug, {.name = "Home", .max_slots = 3, .countries = std::vector<std::string>{"DE", "AT"}}, context_)
        .value();
  }

  Merchant create_merchant(std::string_view slug) {
    clock_.advance_us(1'000);
    return service_->create_merchant(slug, {.name = "Brand"}, context_).value();
  }

  ExposureUnit create_unit(std::string_view merchant) {
    clock_.advance_us(1'000);
    return service_
        ->create_exposure_unit(merchant, {.name = "Banner", .exposure_type = ExposureType::kBanner}, context_)
        .value();
  }

  std::int64_t count_audit_entries() {
    return database()
        .read<std::int64_t>([](soci::session& session) -> base::Result<std::int64_t> {
          std::int64_t count = 0;
          session << "SELECT count(*) FROM audit_entries WHERE actor = 'key-1' AND reason = 'because'",
              soci::into(count);
          return count;
        })
        .value();
  }

  static std::string code_of(const auto& result) { return result ? "none" : result.error().code; }

  base::ManualClock clock_{{1'700'000'000'000'000}};
  base::SeededRandom random_{7};
  access::AuditLog audit_{clock_, random_};
  access::ChangeContext context_{.actor = "key-1", .reason = "because", .request_id = "request-1"};
  std::unique_ptr<ExposureService> service_;
};

TEST_P(ExposureServiceTest, WhatWasCreatedReadsBackBySlugAndId) {
  const auto placement = create_placement("home-top");
  EXPECT_EQ(placement.countries, (std::vector<std::string>{"AT", "DE"}));
  EXPECT_EQ(service_->get_placement("home-top").value(), placement);
  EXPECT_EQ(service_->get_placement(base::format_uuid(placement.id)).value(), placement);
  const auto merchant = create_merchant("brand");
  EXPECT_EQ(service_->get_merchant("brand").value(), merchant);
  EXPECT_EQ(service_->get_merchant(base::format_uuid(merchant.id)).value(), merchant);
  const auto unit = create_unit("brand");
  EXPECT_EQ(unit.merchant_id, merchant.id);
  EXPECT_EQ(service_->get_exposure_unit("brand", base::format_uuid(unit.id)).value(), unit);
}

TEST_P(ExposureServiceTest, WhatIsNotThereHasItsCode) {
  create_merchant("brand");
  create_merchant("other");
  const auto unit = create_unit("brand");
  EXPECT_EQ(code_of(service_->get_placement("none")), "placement_not_found");
  EXPECT_EQ(code_of(service_->get_merchant("none")), "merchant_not_found");
  EXPECT_EQ(code_of(service_->get_exposure_unit("brand", "none")), "exposure_unit_not_found");
  EXPECT_EQ(code_of(service_->get_exposure_unit("other", base::format_uuid(unit.id))), "exposure_unit_not_found");
  EXPECT_EQ(code_of(service_->create_exposure_unit("none", {.name = "Banner"}, context_)), "merchant_not_found");
}

TEST_P(ExposureServiceTest, ASlugIsTakenOnce) {
  create_placement("home");
  create_merchant("home");
  EXPECT_EQ(code_of(service_->create_placement("home", {.name = "Again"}, context_)), "already_exists");
  EXPECT_EQ(code_of(service_->create_merchant("home", {.name = "Again"}, context_)), "already_exists");
}

TEST_P(ExposureServiceTest, AnInvalidChangeIsNotStored) {
  create_placement("home");
  EXPECT_EQ(code_of(service_->change_placement("home", {.max_slots = 0}, {}, context_)), "validation_failed");
  EXPECT_EQ(service_->get_placement("home")->max_slots, 3);
}

TEST_P(ExposureServiceTest, AStaleVersionChangesNothing) {
  create_placement("home");
  create_merchant("brand");
  const auto unit = base::format_uuid(create_unit("brand").id);
  EXPECT_EQ(service_->change_placement("home", {.max_slots = 4}, 1, context_)->version, 2);
  EXPECT_EQ(code_of(service_->change_placement("home", {.max_slots = 5}, 1, context_)), "version_conflict");
  EXPECT_EQ(service_->change_merchant("brand", {.name = "New"}, 1, context_)->version, 2);
  EXPECT_EQ(code_of(service_->change_merchant("brand", {.name = "Newer"}, 1, context_)), "version_conflict");
  EXPECT_EQ(service_->change_exposure_unit("brand", unit, {.exposure_type = ExposureType::kPush}, 1, context_)->version,
            2);
  EXPECT_EQ(code_of(service_->change_exposure_unit("brand", unit, {.name = "X"}, 1, context_)), "version_conflict");
  EXPECT_EQ(service_->get_placement("home")->max_slots, 4);
}

TEST_P(ExposureServiceTest, PauseAndResumeAreRepeatable) {
  create_placement("home");
  create_merchant("brand");
  EXPECT_EQ(service_->set_placement_status("home", Status::kPaused, context_)->status, Status::kPaused);
  EXPECT_EQ(service_->set_placement_status("home", Status::kPaused, context_)->version, 2);
  EXPECT_EQ(service_->set_merchant_status("brand", Status::kPaused, context_)->status, Status::kPaused);
  EXPECT_EQ(service_->set_merchant_status("brand", Status::kActive, context_)->version, 3);
  // Two created, three changed; the repetition leaves none.
  EXPECT_EQ(count_audit_entries(), 5);
}

TEST_P(ExposureServiceTest, ListsPageByPageAndByStatus) {
  for (const std::string slug : {"c", "a", "b"}) {
    create_placement(slug);
    create_merchant(slug);
  }
  service_->set_placement_status("a", Status::kPaused, context_).value();
  const auto first = service_->list_placements({}, "", 2).value();
  ASSERT_EQ(first.items.size(), 2U);
  EXPECT_EQ(first.items[0].slug, "c");
  EXPECT_EQ(first.items[1].slug, "a");
  const auto second = service_->list_placements({}, first.next_after, 2).value();
  ASSERT_EQ(second.items.size(), 1U);
  EXPECT_EQ(second.items[0].slug, "b");
  EXPECT_EQ(second.next_after, "");
  EXPECT_EQ(service_->list_placements({.status = Status::kPaused}, "", 9)->items.size(), 1U);
  EXPECT_EQ(service_->list_merchants({.status = Status::kActive}, "", 9)->items.size(), 3U);
  create_unit("a");
  create_unit("b");
  EXPECT_EQ(service_->list_exposure_units("a", "", 9)->items.size(), 1U);
}

TEST_P(ExposureServiceTest, EveryStoredChangeCountsTheRevisionUp) {
  const auto start = service_->revision().value();
  const auto placement = create_placement("home");
  const auto merchant = create_merchant("brand");
  const auto unit = create_unit("brand");
  service_->change_placement("home", {.name = placement.name}, {}, context_).value();  // nothing new
  const auto snapshot = service_->load_all().value();
  EXPECT_EQ(service_->revision().value(), start + 3);
  EXPECT_EQ(snapshot.revision, start + 3);
  EXPECT_EQ(snapshot.placements, std::vector{placement});
  EXPECT_EQ(snapshot.merchants, std::vector{merchant});
  EXPECT_EQ(snapshot.exposure_units, std::vector{unit});
}

TALLY_ON_BOTH_DATABASES(ExposureServiceTest);

}  // namespace
}  // namespace tallystick::exposure
