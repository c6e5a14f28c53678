#pragma once
// The tree's part of opening a journal: how far the tiles on disk are good, and making again what is not. Hashes of
// records that retention dropped exist nowhere else: they are never cut, and when they are wrong nothing is changed.

#include <memory>
#include <span>

#include "base/error.h"
#include "journal/checkpoint.h"
#include "journal/layout.h"
#include "journal/tail.h"
#include "journal/tile_store.h"

namespace tallystick::journal {

// kCorrupt "journal_corrupt", naming the segment, the offset and the record.
[[nodiscard]] std::unexpected<base::Error> segment_corrupt(std::uint64_t segment,
                                                           std::uint64_t offset,
                                                           std::uint64_t record,
                                                           std::string_view what);

// The tiles, cut to what `checkpoint` proves: to its size, or to the first record of `segments` when the rest must be
// appended again. `segments` are the kept ones, whole at least as far as the checkpoint. Error codes:
// "journal_corrupt", naming the file; "tile_store_io".
[[nodiscard]] base::Result<std::unique_ptr<TileStore>> recover_tiles(FileSystem& files,
                                                                     const Layout& layout,
                                                                     const Checkpoint& checkpoint,
                                                                     std::span<const SegmentView> segments);

}  // namespace tallystick::journal
