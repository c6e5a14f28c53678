#include "partners/service.h"

#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access/audit.h"
#include "tests/support/database_test.h"

namespace tallystick::partners {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PartnerServiceTest : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    service_ = std::make_unique<PartnerService>(database(), audit_, clock_, random_);
  }
  void TearDown() override { service_.reset(); }

  PartnerChange acme() const {
    PartnerChange change;
    change.name = "Acme \"Öl\"";
    change.network = Network::kAwin;
    change.currency = base::parse_currency("EUR").value();
    change.allowed_hosts = std::vector<std::string>{"Shop.Example.com", "*.acme.example"};
    return change;
  }

  Partner create_acme(std::string_view slug = "acme") {
    clock_.advance_us(1'000);  // ids of one millisecond have no order
    return service_->create_partner(slug, acme(), context_).value();
  }

  Link create_link(std::string_view slug = "spring") {
    clock_.advance_us(1'000);
    return service_->create_link("acme", slug, {.destination = "https://shop.example.com/?c={click_id}"}, context_)
        .value();
  }

  // Newest last: "action|actor|reason|before|after".
  std::vector<std::string> audit_lines() {
    return database()
        .read<std::vector<std::string>>([](soci::session& session) -> base::Result<std::vector<std::string>> {
          std::vector<std::string> lines;
          const soci::rowset<std::string> rows =
              (session.prepare << "SELECT action || '|' || actor || '|' || reason || '|' "
                                  "|| before_state || '|' || "
                                  "after_state FROM audit_entries ORDER BY id");
          lines.assign(rows.begin(), rows.end());
          return lines;
        })
        .value();
  }

  static std::string code_of(const auto& result) { return result ? "none" : result.error().code; }
  static std::string field_of(const auto& result) {
    return result || result.error().fields.empty()
               ? "none"
               : result.error().fields[0].pointer + " " + result.error().fields[0].code;
  }

  base::ManualClock clock_{{1'700'000'000'000'000}};
  base::SeededRandom random_{7};
  access::AuditLog audit_{clock_, random_};
  access::ChangeContext context_{.actor = "key-1", .reason = "because", .request_id = "request-1"};
  std::unique_ptr<PartnerService> service_;
};

TEST_P(PartnerServiceTest, APartnerReadsBackAsItWasCreated) {
  auto change = acme();
  change.postback_secret = "0123456789abcdef";
  change.postback_sources =
      std::vector{base::parse_cidr("203.0.113.0/24").value(), base::parse_cidr("2001:db8::/32").value()};
  change.contacts = std::vector<Contact>{{"Jane", "jane@example.com"}};
  change.allows_duplicate_postbacks = true;
  change.throttle_per_second = 50;
  change.tolerance_basis_points = 0;
  change.time_zone = "Europe/Berlin";
  const auto created = service_->create_partner("acme", change, context_).value();
  EXPECT_EQ(created.sub_id_parameter, "clickref");
  EXPECT_EQ(created.allowed_hosts[0], "shop.example.com");
  EXPECT_EQ(created.version, 1);
  EXPECT_EQ(service_->get_partner("acme").value(), created);
  EXPECT_EQ(service_->get_partner(base::format_uuid(created.id)).value(), created);
  EXPECT_EQ(code_of(service_->get_partner("bolt")), "partner_not_found");
}

TEST_P(PartnerServiceTest, ASlugIsTakenOnce) {
  create_acme();
  EXPECT_EQ(code_of(service_->create_partner("acme", acme(), context_)), "already_exists");
  EXPECT_EQ(audit_lines().size(), 1U);
}

TEST_P(PartnerServiceTest, AnInvalidPartnerIsNotStored) {
  auto change = acme();
  change.time_zone = "Mars/Base";
  EXPECT_EQ(field_of(service_->create_partner("acme", change, context_)), "/time_zone unknown_time_zone");
  EXPECT_EQ(code_of(service_->get_partner("acme")), "partner_not_found");
}

TEST_P(PartnerServiceTest, ChangesTouchOnlyWhatIsSetAndCountTheVersion) {
  auto expected = create_acme();
  clock_.advance_us(5'000'000);
  const auto changed = service_->change_partner("acme", {.name = "Acme Ltd"}, 1, context_).value();
  expected.name = "Acme Ltd";
  expected.version = 2;
  expected.updated_at = clock_.now();
  EXPECT_EQ(changed, expected);
  EXPECT_EQ(service_->get_partner("acme").value(), expected);
}

TEST_P(PartnerServiceTest, AStaleVersionChangesNothing) {
  create_acme();
  ASSERT_EQ(code_of(service_->change_partner("acme", {.name = "First"}, 1, context_)), "none");
  EXPECT_EQ(code_of(service_->change_partner("acme", {.name = "Second"}, 1, context_)), "version_conflict");
  EXPECT_EQ(service_->get_partner("acme")->name, "First");
}

TEST_P(PartnerServiceTest, PauseAndResumeAreRepeatable) {
  create_acme();
  EXPECT_EQ(service_->set_partner_status("acme", Status::kPaused, context_)->status, Status::kPaused);
  EXPECT_EQ(service_->set_partner_status("acme", Status::kPaused, context_)->version, 2);
  EXPECT_EQ(service_->set_partner_status("acme", Status::kActive, context_)->status, Status::kActive);
  EXPECT_EQ(audit_lines().size(), 3U);
}

TEST_P(PartnerServiceTest, EveryChangeLeavesAnAuditEntryWithoutTheSecret) {
  auto change = acme();
  change.postback_secret = "very-secret-secret-one";
  ASSERT_EQ(code_of(service_->create_partner("acme", change, context_)), "none");
  clock_.advance_us(1'000);
  ASSERT_EQ(code_of(service_->change_partner("acme", {.postback_secret = "very-secret-secret-two"}, {}, context_)),
            "none");
  const auto lines = audit_lines();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_THAT(lines[0], HasSubstr("partner.create|key-1|because||{"));
  EXPECT_THAT(lines[0], HasSubstr("\"postback_secret\":\"set\""));
  EXPECT_THAT(lines[1], HasSubstr("\"postback_secret\":\"set anew\""));
  for (const auto& line : lines) {
    EXPECT_THAT(line, Not(HasSubstr("very-secret")));
  }
}

TEST_P(PartnerServiceTest, ListsInOrderOfCreationPageByPage) {
  for (const std::string slug : {"c", "a", "b", "d"}) {
    clock_.advance_us(1'000'000);
    create_acme(slug);
  }
  service_->set_partner_status("b", Status::kPaused, context_).value();
  const auto slugs_of = [](const Page<Partner>& page) {
    std::string slugs;
    for (const auto& partner : page.items) {
      slugs += partner.slug;
    }
    return slugs;
  };
  const auto first = service_->list_partners({}, "", 3).value();
  EXPECT_EQ(slugs_of(first), "cab");
  ASSERT_FALSE(first.next_after.empty());
  const auto second = service_->list_partners({}, first.next_after, 3).value();
  EXPECT_EQ(slugs_of(second), "d");
  EXPECT_EQ(second.next_after, "");
  EXPECT_EQ(slugs_of(service_->list_partners({.status = Status::kPaused}, "", 9).value()), "b");
  EXPECT_EQ(slugs_of(service_->list_partners({.network = Network::kCj}, "", 9).value()), "");
  EXPECT_EQ(service_->list_partners({}, "", 4)->next_after, "");
}

TEST_P(PartnerServiceTest, LinksBelongToTheirPartner) {
  create_acme();
  create_acme("bolt");
  const auto link = create_link();
  EXPECT_EQ(service_->get_link("acme", "spring").value(), link);
  EXPECT_EQ(service_->get_link("acme", base::format_uuid(link.id)).value(), link);
  EXPECT_EQ(code_of(service_->get_link("bolt", "spring")), "link_not_found");
  EXPECT_EQ(code_of(service_->get_link("bolt", base::format_uuid(link.id))), "link_not_found");
  EXPECT_EQ(code_of(service_->get_link("none", "spring")), "partner_not_found");
  EXPECT_EQ(service_->list_links("acme", {}, "", 9)->items, std::vector{link});
  EXPECT_TRUE(service_->list_links("bolt", {}, "", 9)->items.empty());
  // The slug is unique within the partner only.
  EXPECT_EQ(code_of(service_->create_link("acme", "spring", {.destination = link.destination}, context_)),
            "already_exists");
  EXPECT_EQ(code_of(service_->create_link("bolt", "spring", {.destination = link.destination}, context_)), "none");
}

TEST_P(PartnerServiceTest, ALinkLeadsOnlyWhereThePartnerAllows) {
  create_acme();
  EXPECT_EQ(field_of(service_->create_link("acme", "x", {.destination = "https://evil.net/"}, context_)),
            "/destination host_not_allowed");
  create_link();
  EXPECT_EQ(
      field_of(service_->change_link("acme", "spring", {.destination = "http://shop.example.com/"}, {}, context_)),
      "/destination http_not_allowed");
  EXPECT_EQ(service_->get_link("acme", "spring")->version, 1);
}

TEST_P(PartnerServiceTest, AHostInUseCannotBeTakenOffTheList) {
  create_acme();
  create_link();
  EXPECT_EQ(field_of(service_->change_partner(
                "acme", {.allowed_hosts = std::vector<std::string>{"*.acme.example"}}, {}, context_)),
            "/allowed_hosts host_in_use");
  EXPECT_EQ(code_of(service_->change_partner(
                "acme", {.allowed_hosts = std::vector<std::string>{"shop.example.com"}}, {}, context_)),
            "none");
}

TEST_P(PartnerServiceTest, ALinkNamesAPlacementThatExists) {
  create_acme();
  create_link();
  const auto unknown = base::make_uuid_v4(random_);
  EXPECT_EQ(code_of(service_->change_link("acme", "spring", {.placement_id = unknown}, {}, context_)),
            "unknown_reference");
  EXPECT_EQ(service_->get_link("acme", "spring")->placement_id, std::nullopt);
}

TEST_P(PartnerServiceTest, OnlyAPartnerWithoutLinksIsDeleted) {
  create_acme();
  create_link();
  EXPECT_EQ(code_of(service_->remove_partner("acme", context_)), "partner_in_use");
  create_acme("bolt");
  clock_.advance_us(1'000);
  EXPECT_EQ(code_of(service_->remove_partner("bolt", context_)), "none");
  EXPECT_EQ(code_of(service_->get_partner("bolt")), "partner_not_found");
  EXPECT_THAT(audit_lines().back(), HasSubstr("partner.delete|key-1|because|{"));
}

TEST_P(PartnerServiceTest, EveryStoredChangeCountsTheRevisionUpAndNothingElseDoes) {
  const auto start = service_->revision().value();
  create_acme();
  EXPECT_EQ(service_->revision().value(), start + 1);
  create_link();
  EXPECT_EQ(service_->revision().value(), start + 2);
  service_->set_link_status("acme", "spring", Status::kPaused, context_).value();
  EXPECT_EQ(service_->revision().value(), start + 3);
  service_->set_link_status("acme", "spring", Status::kPaused, context_).value();
  EXPECT_EQ(code_of(service_->create_partner("acme", acme(), context_)), "already_exists");
  EXPECT_EQ(service_->revision().value(), start + 3);
  const auto snapshot = service_->load_all().value();
  EXPECT_EQ(snapshot.revision, start + 3);
  EXPECT_EQ(snapshot.partners, std::vector{service_->get_partner("acme").value()});
  EXPECT_EQ(snapshot.links, std::vector{service_->get_link("acme", "spring").value()});
}

TEST_P(PartnerServiceTest, AnotherNodeSeesTheRevisionAndTheChange) {
  const auto other_database = open();
  PartnerService other(*other_database, audit_, clock_, random_);
  const auto before = other.revision().value();
  const auto created = create_acme();
  EXPECT_GT(other.revision().value(), before);
  EXPECT_EQ(other.get_partner("acme").value(), created);
}

// Two nodes change the same version at once: exactly one wins, the other hears of it.
TEST_P(PartnerServiceTest, OfTwoChangesToOneVersionOneWins) {
  create_acme();
  const auto other_database = open();
  base::SeededRandom other_random(8);
  access::AuditLog other_audit(clock_, other_random);
  PartnerService other(*other_database, other_audit, clock_, other_random);
  for (std::int64_t version = 1; version <= 20; ++version) {
    std::string first;
    std::string second;
    std::thread thread([&] {
      first = code_of(service_->change_partner("acme", {.name = fmt::format("A{}", version)}, version, context_));
    });
    second = code_of(other.change_partner("acme", {.name = fmt::format("B{}", version)}, version, context_));
    thread.join();
    EXPECT_EQ((first == "none") + (second == "none"), 1) << first << " " << second;
    EXPECT_EQ((first == "version_conflict") + (second == "version_conflict"), 1) << first << " " << second;
    const auto now = service_->get_partner("acme").value();
    EXPECT_EQ(now.version, version + 1);
    EXPECT_EQ(now.name, fmt::format("{}{}", first == "none" ? "A" : "B", version));
  }
}

// A link is added while its host is taken off the list: whichever comes first, no link may end up outside the list.
TEST_P(PartnerServiceTest, ALinkAndItsHostNeverPartCompany) {
  const auto other_database = open();
  base::SeededRandom other_random(8);
  access::AuditLog other_audit(clock_, other_random);
  PartnerService other(*other_database, other_audit, clock_, other_random);
  for (int round = 0; round < 10; ++round) {
    const auto slug = fmt::format("p{}", round);
    create_acme(slug);
    std::thread thread([&] {
      (void)other.change_partner(slug, {.allowed_hosts = std::vector<std::string>{"*.acme.example"}}, {}, context_);
    });
    (void)service_->create_link(slug, "x", {.destination = "https://shop.example.com/"}, context_);
    thread.join();
    const bool has_link = service_->get_link(slug, "x").has_value();
    const bool has_host = service_->get_partner(slug)->allowed_hosts.size() == 2;
    EXPECT_EQ(has_link, has_host) << round;
  }
}

TALLY_ON_BOTH_DATABASES(PartnerServiceTest);

}  // namespace
}  // namespace tallystick::partners
