#include "journal/recovery_tree.h"

#include <fmt/format.h>

#include "journal/segment.h"

namespace tallystick::journal {
namespace {

std::unexpected<base::Error> corrupt(std::string message) {
  return base::fail(base::ErrorKind::kCorrupt, "journal_corrupt", std::move(message));
}

// Goes on with the records of one segment, up to `size` leaves.
base::Result<void> add_records(
    FileSystem& files, const Layout& layout, const SegmentView& view, std::uint64_t size, Frontier& tree) {
  TALLY_ASSIGN(const auto file, files.open(layout.segments() / segment_name(view.first), OpenMode::kRead));
  SegmentScanner scanner(*file, {view.first, kSegmentHeaderBytes}, view.body_end);
  ScannedRecord record;
  while (tree.size() < size) {
    TALLY_ASSIGN(const ScanState state, scanner.next(record));
    if (state == ScanState::kDamaged) {
      return segment_corrupt(view.first, scanner.damage_offset(), scanner.sequence(), scanner.damage());
    }
    if (state == ScanState::kEnd) {
      break;
    }
    tree.append(leaf_hash(record.frame.entry));
  }
  return {};
}

}  // namespace

std::unexpected<base::Error> segment_corrupt(std::uint64_t segment,
                                             std::uint64_t offset,
                                             std::uint64_t record,
                                             std::string_view what) {
  return corrupt(fmt::format("segments/{} at offset {}, record {}: {}", segment_name(segment), offset, record, what));
}

base::Result<std::unique_ptr<TileStore>> recover_tiles(FileSystem& files,
                                                       const Layout& layout,
                                                       const Checkpoint& checkpoint,
                                                       std::span<const SegmentView> segments) {
  const std::uint64_t kept = segments.front().first;
  if (checkpoint.size < kept) {
    return corrupt(fmt::format("checkpoint: it covers {} records, but retention dropped {}", checkpoint.size, kept));
  }
  TALLY_ASSIGN(auto tiles, TileStore::open(layout.tree()));
  const bool is_good = tiles->size() >= checkpoint.size && tiles->root(checkpoint.size) == checkpoint.root;
  if (is_good || checkpoint.size == 0) {
    TALLY_TRY(tiles->truncate(checkpoint.size));
    return tiles;
  }
  if (tiles->leaf_count() < kept) {
    return corrupt(
        fmt::format("tree/level-0 at offset {}: it ends before the hashes of all {} records that retention "
                    "dropped, which cannot be made again",
                    tiles->leaf_count() * kHashBytes,
                    kept));
  }
  Frontier tree = tiles->fold_leaves(kept);
  for (const SegmentView& view : segments) {
    TALLY_TRY(add_records(files, layout, view, checkpoint.size, tree));
  }
  if (tree.size() != checkpoint.size || tree.root() != checkpoint.root) {
    return kept == 0 ? corrupt(fmt::format("The records do not yield the checkpoint of size {}.", checkpoint.size))
                     : corrupt(fmt::format("tree/level-0: the hashes of the first {} records, which retention dropped, "
                                           "and the records kept do not yield the checkpoint of size {}",
                                           kept,
                                           checkpoint.size));
  }
  TALLY_TRY(tiles->rebuild_from_leaves(kept));
  return tiles;
}

}  // namespace tallystick::journal
