#pragma once
// The Merkle tree of the log on disk: flat files of 32-byte hashes, one per tile level ("level-0" has every leaf hash,
// "level-1" the root of each full 256-leaf subtree, and so on). Derived from the records while these are kept, and then
// not synced: after a crash, cut it to the latest checkpoint whose root it still yields, and append the rest again. One
// thread changes it; any thread reads or syncs. Failing reads of the files throw std::system_error.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "crypto/sha256.h"
#include "journal/merkle.h"

namespace tallystick::journal {

inline constexpr unsigned kTileHeight = 8;
inline constexpr unsigned kTileWidth = 256;
inline constexpr std::size_t kHashBytes = 32;

// Hashes that a size needs on a tile level: one for every full subtree of 256^level leaves.
[[nodiscard]] constexpr std::uint64_t level_count(std::uint64_t size, unsigned level) {
  return level < 8 ? size >> (kTileHeight * level) : 0;
}

class TileStore {
 public:
  // size() is the longest prefix that all levels cover. Changes no file: what is there beyond it is cut by the first
  // call that changes something. Error code: "tile_store_io".
  [[nodiscard]] static base::Result<std::unique_ptr<TileStore>> open(const std::filesystem::path& directory);
  ~TileStore();
  TileStore(const TileStore&) = delete;
  TileStore& operator=(const TileStore&) = delete;

  // Leaves appended.
  [[nodiscard]] std::uint64_t size() const;

  // Drops the leaves beyond `size`, on all levels.
  [[nodiscard]] base::Result<void> truncate(std::uint64_t size);

  // Of level 0 alone, whatever the other levels cover: how many leaf hashes there are, the tree of the first `size` of
  // them, and making it the whole tree: the other levels are written anew, and leaves beyond `size` are dropped.
  [[nodiscard]] std::uint64_t leaf_count() const;
  [[nodiscard]] Frontier fold_leaves(std::uint64_t size) const;
  [[nodiscard]] base::Result<void> rebuild_from_leaves(std::uint64_t size);

  // Buffered; readers see the leaves at once.
  [[nodiscard]] base::Result<void> append(std::span<const crypto::Digest> leaves);
  // Writes what is buffered to the files. When it fails the hashes stay buffered.
  [[nodiscard]] base::Result<void> flush();
  // Returns when everything that was flushed is on the disk.
  [[nodiscard]] base::Result<void> sync();

  // Of the first `size` leaves; `size` is at most size().
  [[nodiscard]] crypto::Digest root(std::uint64_t size) const;
  // Of the full subtree of 2^height leaves that begins at leaf index * 2^height; it must be within size().
  [[nodiscard]] crypto::Digest subtree(unsigned height, std::uint64_t index) const;

  // The bytes of a C2SP tlog-tiles tile of `width` hashes (256: full) in the tree of `tree_size` leaves. kNotFound
  // ("tile_not_found") when that tree does not have it.
  [[nodiscard]] base::Result<std::string> hash_tile(unsigned level,
                                                    std::uint64_t index,
                                                    unsigned width,
                                                    std::uint64_t tree_size) const;

 private:
  struct Level;

  explicit TileStore(std::filesystem::path directory);
  [[nodiscard]] base::Result<Level*> get_level(unsigned level, bool may_create);
  [[nodiscard]] base::Result<void> cut_levels(std::uint64_t size);
  void rebuild_frontier(std::uint64_t size);
  template <typename OnLeaf>
  void read_leaves(std::uint64_t size, OnLeaf&& on_leaf) const;
  void read_hashes(unsigned level, std::uint64_t first, std::span<std::uint8_t> out) const;

  const std::filesystem::path directory_;
  bool is_cut_ = false;              // the files hold nothing beyond size()
  mutable std::shared_mutex mutex_;  // guards all below; the writing thread reads without it
  std::vector<std::unique_ptr<Level>> levels_;
  Frontier frontier_;
};

}  // namespace tallystick::journal
