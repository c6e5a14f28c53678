#include "warehouse/merge_deferral.h"

#include <array>
#include <cstddef>
#include <future>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace tallystick::warehouse {

namespace {

// Merged are so many parts at once or none: enough for a month in batches of a million rows, and far below the number
// at which inserts are slowed down (parts_to_delay_insert, 1,000).
constexpr int kPartsAtOnce = 48;
constexpr std::size_t kSideBySide = 4;
constexpr std::string_view kSetting = "min_parts_to_merge_at_once";

}  // namespace

MergeDeferral::MergeDeferral(Client& client, Layout layout) : client_(client), layout_(std::move(layout)) {}

base::Result<void> MergeDeferral::follow(bool is_far_behind) {
  if (is_deferring_ == is_far_behind || layout_.is_cluster()) {
    return {};
  }
  TALLY_ASSIGN(const Rows tables,
               client_.query(fmt::format("SELECT name FROM system.tables WHERE database = {{database:String}} AND "
                                         "startsWith(partition_key, 'toYYYYMM') AND "
                                         "(position(engine_full, '{}') > 0) != {} ORDER BY name",
                                         kSetting,
                                         is_far_behind),
                             {{"database", layout_.database()}}));
  const std::string change = is_far_behind ? fmt::format("MODIFY SETTING {} = {}", kSetting, kPartsAtOnce)
                                           : fmt::format("RESET SETTING {}", kSetting);
  // Side by side: each waits for a disk, and the first batch of a load for them all.
  const auto change_every = [&](std::size_t first) -> base::Result<void> {
    for (std::size_t row = first; row < tables.size(); row += kSideBySide) {
      TALLY_TRY(client_.execute(fmt::format("ALTER TABLE {} {}", layout_.stored_table(tables.text(row, 0)), change),
                                {},
                                {.is_repeatable = true}));
    }
    return {};
  };
  std::array<std::future<base::Result<void>>, kSideBySide> parts;
  for (std::size_t first = 0; first < kSideBySide; ++first) {
    parts.at(first) = std::async(std::launch::async, change_every, first);
  }
  for (auto& part : parts) {
    part.wait();
  }
  for (auto& part : parts) {
    TALLY_TRY(part.get());
  }
  is_deferring_ = is_far_behind;
  return {};
}

}  // namespace tallystick::warehouse
