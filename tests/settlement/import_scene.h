#pragma once
// A database with a partner, the import service on it, and a job's context that the test decides.

#include <memory>
#include <string>
#include <vector>

#include "settlement/import_service.h"
#include "tests/settlement/reports.h"
#include "tests/support/database_test.h"

namespace tallystick::settlement {

class OnePartner final : public PartnerDirectory {
 public:
  explicit OnePartner(PartnerTerms terms) : terms_(std::move(terms)) {}
  [[nodiscard]] base::Result<PartnerTerms> find(std::string_view slug_or_id) override {
    if (slug_or_id == terms_.slug || slug_or_id == base::format_uuid(terms_.id)) {
      return terms_;
    }
    return base::fail(base::ErrorKind::kNotFound, "partner_not_found", "there is no such partner");
  }
  [[nodiscard]] base::Result<std::vector<PartnerTerms>> list() override { return std::vector{terms_}; }
  void set(PartnerTerms terms) { terms_ = std::move(terms); }

 private:
  PartnerTerms terms_;
};

class TestJob final : public jobs::JobContext {
 public:
  explicit TestJob(jobs::Job job) : job_(std::move(job)) { job_.attempts = 1; }
  [[nodiscard]] const jobs::Job& job() const override { return job_; }
  void set_progress(const jobs::Progress& progress) override {
    progress_ = progress;
    if (on_progress) {
      on_progress(progress);
    }
  }
  [[nodiscard]] bool is_cancelled() const override { return is_stopped; }
  [[nodiscard]] const jobs::Progress& progress() const { return progress_; }

  bool is_stopped = false;
  std::function<void(const jobs::Progress&)> on_progress;

 private:
  jobs::Job job_;
  jobs::Progress progress_;
};

class ImportScene : public support::DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    partners_.set(make_terms("cj"));
    add_partner(make_terms("cj"));
    service_ = make_service({});
  }

  void add_partner(const PartnerTerms& terms) {
    const std::string id = base::format_uuid(terms.id);
    const auto added = database().write<bool>([&](soci::session& session) -> base::Result<bool> {
      session << "INSERT INTO partners (id, slug, name, network, status, allowed_hosts, allows_http, sub_id_parameter, "
                 "public_page, link_lifetime_s, throttle_per_second, currency, time_zone, tolerance_basis_points, "
                 "postback_secret, postback_sources, allows_duplicate_postbacks, contacts, created_at, updated_at, "
                 "version) VALUES (:id, :slug, 'Acme', 'cj', 'active', '[]', 0, '', '', 60, 0, 'USD', 'UTC', 200, '', "
                 "'[]', 0, '[]', 1, 1, 1)",
          soci::use(id), soci::use(terms.slug);
      return true;
    });
    ASSERT_TRUE(added) << added.error().message;
  }

  std::unique_ptr<ImportService> make_service(const ImportLimits& limits) {
    return std::make_unique<ImportService>(ImportService::Rooms{.database = database(),
                                                                .audit = audit_,
                                                                .queue = queue(),
                                                                .partners = partners_,
                                                                .profiles = library_,
                                                                .files = files(),
                                                                .log = log_,
                                                                .clock = clock_,
                                                                .random = random_},
                                           ImportOptions{.node = "here", .limits = limits});
  }
  jobs::Queue& queue() {
    if (!queue_) {
      queue_ = std::make_unique<jobs::Queue>(database(), audit_, clock_, random_);
    }
    return *queue_;
  }
  UploadFiles& files() {
    if (!files_) {
      files_ = std::make_unique<UploadFiles>(folder() / "reports", upload_limits_, clock_, random_);
    }
    return *files_;
  }
  ImportService& service() { return *service_; }

  // Submits the bytes; the clock moves on, as it would.
  ReportImport submit(std::string_view bytes, std::string_view profile = "") {
    clock_.advance_us(base::kMicrosPerSecond);
    const auto file = files().store(bytes);
    const auto import = service().submit("acme", *file, "report.csv", profile, {"key:1", "", "request-1"});
    if (!import) {
      throw std::runtime_error(import.error().code + ": " + import.error().message);
    }
    return *import;
  }
  TestJob job_of(const ReportImport& import) { return TestJob(*queue().get(*base::parse_uuid(import.job_id))); }
  ReportImport get(const ReportImport& import) { return *service().get("acme", import.id); }
  // Submits and runs.
  ReportImport import_report(std::string_view bytes, std::string_view profile = "") {
    const ReportImport import = submit(bytes, profile);
    TestJob job = job_of(import);
    const auto result = service().run_job(job);
    if (!result) {
      throw std::runtime_error(result.error().code + ": " + result.error().message);
    }
    return get(import);
  }

  std::vector<ReportRow> rows(base::Timestamp from = {}, base::Timestamp to = {INT64_MAX}) {
    std::vector<ReportRow> all;
    const auto done = database().read<bool>([&](soci::session& session) -> base::Result<bool> {
      for_each_row(session, make_terms("cj").id, from, to, [&](ReportRow&& row) { all.push_back(std::move(row)); });
      return true;
    });
    EXPECT_TRUE(done) << done.error().message;
    return all;
  }
  std::optional<std::int64_t> clicks(std::string_view from, std::string_view to) {
    return *database().read<std::optional<std::int64_t>>(
        [&](soci::session& session) -> base::Result<std::optional<std::int64_t>> {
          return load_stated_clicks(session, make_terms("cj").id, *base::parse_rfc3339(from), *base::parse_rfc3339(to));
        });
  }
  std::int64_t count(const std::string& table) {
    return *database().read<std::int64_t>([&](soci::session& session) -> base::Result<std::int64_t> {
      std::int64_t number = 0;
      session << "SELECT COUNT(*) FROM " + table, soci::into(number);
      return number;
    });
  }

  base::ManualClock clock_{*base::parse_rfc3339("2026-11-28T12:00:00Z")};
  base::SeededRandom random_{1};
  base::Log log_{{.level = base::LogLevel::kOff}, clock_};
  access::AuditLog audit_{clock_, random_};
  ProfileLibrary library_ = *ProfileLibrary::load();
  OnePartner partners_{make_terms("cj")};
  UploadLimits upload_limits_;
  std::unique_ptr<jobs::Queue> queue_;
  std::unique_ptr<UploadFiles> files_;
  std::unique_ptr<ImportService> service_;
};

}  // namespace tallystick::settlement
