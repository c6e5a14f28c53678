#include "tests/crash/log_audit.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/time.h"
#include "crypto/ed25519.h"
#include "journal/journal.h"
#include "tests/support/server_process.h"

namespace tallystick::crash {

std::map<std::string, int> count_events(const std::filesystem::path& data_directory) {
  journal::Options options;
  options.directory = data_directory / "journal";
  const base::SystemClock clock;
  base::SystemRandom random;
  const auto seed = crypto::load_or_make_seed(data_directory / "keys" / "log.key", random);
  if (!seed) {
    throw std::runtime_error(seed.error().message);
  }
  const crypto::Ed25519Key key(*seed);
  auto log = journal::Journal::open(options, clock, random, key);
  if (!log) {
    throw std::runtime_error(log.error().message);
  }
  std::map<std::string, int> counts;
  const auto reader = (*log)->make_reader(0);
  journal::Record record;
  for (;;) {
    const auto found = reader->next(record, 0);
    if (!found) {
      throw std::runtime_error(found.error().message);
    }
    if (!*found) {
      return counts;
    }
    if (record.kind == journal::RecordKind::kImpression) {
      ++counts[base::format_uuid(record.event_id)];
    } else if (record.kind == journal::RecordKind::kClick) {
      ++counts["click:" + base::format_uuid(record.event_id)];
    }
  }
}

void expect_verified(const std::filesystem::path& data_directory, const std::vector<std::string>& more) {
  std::vector<std::string> command = {support::tallystick_binary(), "journal", "verify"};
  command.insert(command.end(), more.begin(), more.end());
  const auto result = support::run_command(command, support::command_environment(data_directory));
  EXPECT_EQ(result.exit_code, 0) << result.output;
}

void expect_exactly_once(const Ledger& ledger, const std::map<std::string, int>& counts) {
  EXPECT_THAT(ledger.contradictions, testing::IsEmpty());
  for (const std::string& id : ledger.acknowledged) {
    const auto found = counts.find(id);
    ASSERT_NE(found, counts.end()) << id << " was acknowledged and is missing";
    EXPECT_EQ(found->second, 1) << id;
  }
  for (const auto& [id, count] : counts) {
    EXPECT_EQ(count, 1) << id << " is counted twice";
    EXPECT_TRUE(ledger.acknowledged.contains(id) || ledger.unknown.contains(id)) << id << " was never sent";
  }
}

}  // namespace tallystick::crash
