#pragma once
// The columns of each network's report, in the order in which the network documents them, and how a row fills them.
// Constant.

#include <span>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "cli/settle_model.h"

namespace tallystick::cli {

struct SettleCell {
  const SettleRow& row;
  const base::TimeZone& zone;  // the network's
};

struct SettleColumn {
  std::string_view name;
  std::string (*write)(const SettleCell&) = nullptr;  // null: always `text`
  std::string_view text = {};
};

struct SettleLayout {
  std::span<const SettleColumn> columns;
  char delimiter = ',';
  std::string_view line_end = "\n";
  std::string_view extension = "csv";
  bool is_utf16 = false;
};

[[nodiscard]] SettleLayout settle_layout(partners::Network network);

}  // namespace tallystick::cli
