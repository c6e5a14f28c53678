// The database itself refuses to change what was found (80-platform, "Audit").
#include <gtest/gtest.h>

#include "tests/reconcile/run_fixture.h"

namespace tallystick::reconcile::test {
namespace {

class RunImmutability : public RunFixture {};

TEST_P(RunImmutability, NothingOfACompleteRunCanBeChangedOrTakenAway) {
  const KeptRun run = must_keep(make_small());
  for (const char* sql : {"UPDATE recon_runs SET subject_name = 'other'",
                          "UPDATE recon_runs SET state = 'writing'",
                          "DELETE FROM recon_runs",
                          "UPDATE recon_findings SET our_commission = 1",
                          "DELETE FROM recon_findings",
                          "UPDATE recon_causes SET amount = 1",
                          "DELETE FROM recon_causes",
                          "UPDATE recon_items SET our_counted = 1",
                          "DELETE FROM recon_items",
                          "DELETE FROM recon_items WHERE position = 2",
                          "UPDATE discrepancy_notes SET text = 'other'",
                          "DELETE FROM discrepancy_notes"}) {
    EXPECT_FALSE(execute(sql)) << sql;
  }
  EXPECT_EQ(count("recon_items"), 4);
  EXPECT_EQ(service_->get(run.id)->findings.front().our_commission_minor, 2'700);
}

TEST_P(RunImmutability, NothingCanBeAddedToACompleteRun) {
  must_keep(make_small());
  const bool is_sqlite = GetParam() == records::Backend::kSqlite;
  const std::string causes =
      " INTO recon_causes (run_number, currency, position, cause, amount, records) SELECT "
      "run_number, currency, position + 10, cause, amount, records FROM recon_causes";
  EXPECT_FALSE(execute("INSERT" + causes));
  if (is_sqlite) {
    EXPECT_FALSE(execute("INSERT OR REPLACE INTO recon_items SELECT * FROM recon_items"));
    EXPECT_FALSE(execute("INSERT OR REPLACE INTO recon_findings SELECT * FROM recon_findings"));
    EXPECT_FALSE(execute("INSERT OR REPLACE INTO recon_runs SELECT * FROM recon_runs"));
    EXPECT_FALSE(execute("INSERT OR REPLACE INTO discrepancy_notes SELECT * FROM discrepancy_notes"));
  } else {
    for (const char* table : {"recon_items", "recon_findings", "recon_causes", "discrepancy_notes"}) {
      EXPECT_FALSE(execute(std::string("TRUNCATE ") + table)) << table;
    }
    EXPECT_FALSE(execute("TRUNCATE recon_runs CASCADE"));
  }
  EXPECT_EQ(count("recon_causes"), 3);
}

TEST_P(RunImmutability, ItemsOfNoRunAreRefused) {
  EXPECT_FALSE(database().write<bool>([&](soci::session& session) -> base::Result<bool> {
    const ItemRecord item{.run_number = 77, .kind = "matched", .currency = "EUR"};
    insert_items(session, database().backend(), std::span(&item, 1));
    return true;
  }));
  EXPECT_EQ(count("recon_items"), 0);
}

TALLY_ON_BOTH_DATABASES(RunImmutability);

}  // namespace
}  // namespace tallystick::reconcile::test
