#pragma once
// How far each log is loaded and attributed. A position is written before a batch (begun) and after it (done), so that
// after a crash it is known what to take back. Before one says "done", what the batch has written is on disk; positions
// themselves are when the call returns. One writer per log and stage.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

enum class Stage : std::uint8_t { kLoad = 1, kSettle = 2 };
enum class PositionState : std::uint8_t { kBegun = 1, kDone = 2 };

inline constexpr std::size_t kMaxPositionDays = 4'000;

struct Position {
  std::uint32_t log_id = 0;  // VerifierKey::hash of the log
  Stage stage = Stage::kLoad;
  std::uint64_t version = 0;  // ascends with each write; the greatest counts
  PositionState state = PositionState::kDone;
  std::uint64_t first = 0;  // records [first, end)
  std::uint64_t end = 0;
  std::vector<std::uint16_t> days = {};  // UTC days that the batch touches, since 1970-01-01
  base::Timestamp frontier = {};         // received_at up to which the stage is complete

  friend bool operator==(const Position&, const Position&) = default;
};

// Absent: nothing was ever begun.
[[nodiscard]] base::Result<std::optional<Position>> load_position(Client& client,
                                                                  const Layout& layout,
                                                                  std::uint32_t log_id,
                                                                  Stage stage);
// Of every log, ordered by log_id.
[[nodiscard]] base::Result<std::vector<Position>> load_positions(Client& client, const Layout& layout, Stage stage);
// Error code besides Client's: "too_many_days".
[[nodiscard]] base::Result<void> save_position(Client& client, const Layout& layout, const Position& position);

}  // namespace tallystick::warehouse
