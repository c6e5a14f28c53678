// A machine that loses power while a batch is loaded: what no sync has covered may be gone, whole or in part. What the
// position calls done is there, and what it does not is loaded again.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/time.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/warehouse_engine.h"
#include "tests/warehouse/live/person_batches.h"
#include "warehouse/client.h"
#include "warehouse/generation.h"
#include "warehouse/load_writer.h"
#include "warehouse/positions.h"
#include "warehouse/recovery.h"

namespace tallystick::warehouse {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kLog = 7;
constexpr std::uint64_t kBatchRows = 1'000;

// Sizes by path of everything below the folder.
using Files = std::map<fs::path, std::uintmax_t>;

Files list_files(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && !entry.is_symlink()) {
      files[entry.path()] = entry.file_size();
    }
  }
  return files;
}

class PowerCut : public testing::Test {
 protected:
  PowerCut() { start(); }

  void start() {
    engine_ = std::make_unique<support::WarehouseEngine>(folder_.path());
    client_ =
        std::make_unique<Client>(Endpoint{.unix_socket = engine_->socket(), .data_folder = folder_.path() / "data"});
  }

  [[nodiscard]] base::Result<void> write(std::uint64_t first, const LoadStart& start) {
    LoadWriter writer(*client_, layout(), kLog, clock_, start);
    LoadBatch batch = make_person_batch(kLog, first, kBatchRows, now_);
    return writer.write(batch);
  }

  // What is on the disk by force of a sync stays; the tables whose inserts are synced are left as they are. Of the rest
  // a file system has the names and nothing, or what was there before.
  void cut_power(const Files& synced) {
    std::vector<std::string> synced_tables;
    const auto rows = client_->query(
        "SELECT arrayJoin(data_paths) FROM system.tables WHERE database = {database:String} AND engine_full LIKE "
        "'%fsync_after_insert = 1%'",
        {{"database", layout().database()}});
    ASSERT_TRUE(rows) << rows.error().message;
    synced_tables.reserve(rows->size());
    for (std::size_t row = 0; row < rows->size(); ++row) {
      synced_tables.push_back(fs::path(rows->text(row, 0)).parent_path().filename().string());
    }
    ASSERT_GE(synced_tables.size(), 3U);
    engine_->kill();
    for (const auto& [file, size] : list_files(folder_.path() / "data" / "store")) {
      const bool is_synced = std::ranges::any_of(
          synced_tables, [&](const std::string& table) { return file.string().find(table) != std::string::npos; });
      const auto before = synced.find(file);
      if (!is_synced && (before == synced.end() || before->second != size)) {
        fs::resize_file(file, before == synced.end() ? 0 : std::min(size, before->second));
        ++lost_files_;
      }
    }
  }

  [[nodiscard]] Layout layout() const { return names_.layout_of(1); }
  [[nodiscard]] std::int64_t number(const std::string& sql) {
    const auto rows = client_->query(sql);
    EXPECT_TRUE(rows) << rows.error().message;
    return rows ? rows->integer(0, 0) : -1;
  }
  void expect_loaded(std::int64_t rows) {
    EXPECT_EQ(number("SELECT count() FROM " + layout().table("impressions")), rows);
    EXPECT_EQ(number("SELECT uniqExact(sequence) FROM " + layout().table("impressions")), rows);
    for (const char* aggregate : {"exposure_hourly", "placement_hourly"}) {
      EXPECT_EQ(number("SELECT sum(impressions) FROM " + layout().table(aggregate)), rows) << aggregate;
    }
    EXPECT_EQ(number("SELECT sum(impressions) FROM " + layout().table("placement_daily") + " WHERE basis = 'net'"),
              rows);
  }

  const base::SystemClock clock_;
  const base::Timestamp now_ = clock_.now();
  const GenerationNames names_{.prefix = "power", .durability = Durability::kBatch};
  support::TemporaryDirectory folder_;
  std::unique_ptr<support::WarehouseEngine> engine_;
  std::unique_ptr<Client> client_;
  std::size_t lost_files_ = 0;
};

TEST_F(PowerCut, WhatIsDoneIsThereAndWhatIsNotIsLoadedAgain) {
  ASSERT_TRUE(make_generation(*client_, names_, 1, now_));
  ASSERT_TRUE(write(0, {}));
  const Files synced = list_files(folder_.path() / "data" / "store");
  // The second batch's disk cannot be synced, so its end is not written: it stays begun.
  client_ = std::make_unique<Client>(
      Endpoint{.unix_socket = engine_->socket(), .data_folder = (folder_.path() / "none").string()});
  const auto first = recover_load(*client_, layout(), kLog, 2 * kBatchRows, clock_);
  ASSERT_TRUE(first) << first.error().message;
  const auto refused = write(kBatchRows, *first);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "folder_failed");
  expect_loaded(2 * kBatchRows);
  cut_power(synced);
  EXPECT_GT(lost_files_, 20U);

  start();
  const auto position = load_position(*client_, layout(), kLog, Stage::kLoad);
  ASSERT_TRUE(position && *position);
  EXPECT_EQ((*position)->state, PositionState::kBegun);
  EXPECT_EQ((*position)->first, kBatchRows);
  const auto again = recover_load(*client_, layout(), kLog, 2 * kBatchRows, clock_);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->first, kBatchRows);
  expect_loaded(kBatchRows);
  const auto written = write(kBatchRows, *again);
  ASSERT_TRUE(written) << written.error().message;
  expect_loaded(2 * kBatchRows);
}

}  // namespace
}  // namespace tallystick::warehouse
