#include "journal/tile_store.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace tallystick::journal {
namespace {

constexpr std::uint64_t kLeavesPerRead = 8192;
constexpr unsigned kMaxLevels = 8;  // 256^8 leaves are more than a 64-bit size can count

std::unexpected<base::Error> io_error(std::string_view action, const std::filesystem::path& file) {
  const int error = errno;
  return base::fail(base::ErrorKind::kUnavailable,
                    "tile_store_io",
                    fmt::format("cannot {} {}: {}", action, file.string(), std::generic_category().message(error)));
}

}  // namespace

// One flat file, and the hashes that belong behind its end.
struct TileStore::Level {
  std::filesystem::path file;
  int descriptor = -1;
  std::uint64_t in_file = 0;          // hashes in the file
  std::vector<std::uint8_t> pending;  // bytes of the hashes not yet in the file

  Level() = default;
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;
  ~Level() {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }

  [[nodiscard]] std::uint64_t count() const { return in_file + pending.size() / kHashBytes; }
};

TileStore::TileStore(std::filesystem::path directory) : directory_(std::move(directory)) {}
TileStore::~TileStore() = default;

base::Result<std::unique_ptr<TileStore>> TileStore::open(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    errno = error.value();
    return io_error("create", directory);
  }
  std::unique_ptr<TileStore> store(new TileStore(directory));
  TALLY_ASSIGN(const Level* leaves, store->get_level(0, false));
  std::uint64_t size = leaves->count();
  for (unsigned level = 1; level_count(size, level) > 0; ++level) {
    TALLY_ASSIGN(const Level* parents, store->get_level(level, false));
    const std::uint64_t covered = ((parents->count() + 1) << (kTileHeight * level)) - 1;
    size = std::min(size, covered);
  }
  store->rebuild_frontier(size);
  return store;
}

std::uint64_t TileStore::size() const {
  const std::shared_lock lock(mutex_);
  return frontier_.size();
}

// Opens the files of a level and those below it; one that may not be created, and is not there, is empty.
base::Result<TileStore::Level*> TileStore::get_level(unsigned level, bool may_create) {
  for (unsigned i = 0; i <= level; ++i) {
    if (i < levels_.size() && (levels_[i]->descriptor >= 0 || !may_create)) {
      continue;
    }
    auto fresh = std::make_unique<Level>();
    fresh->file = directory_ / fmt::format("level-{}", i);
    fresh->descriptor = ::open(fresh->file.c_str(), O_RDWR | O_CLOEXEC | (may_create ? O_CREAT : 0), 0644);
    struct stat status {};
    const bool is_absent = fresh->descriptor < 0 && errno == ENOENT && !may_create;
    if (!is_absent && (fresh->descriptor < 0 || ::fstat(fresh->descriptor, &status) != 0)) {
      return io_error("open", fresh->file);
    }
    fresh->in_file = static_cast<std::uint64_t>(status.st_size) / kHashBytes;
    const std::unique_lock lock(mutex_);
    if (i == levels_.size()) {
      levels_.push_back(std::move(fresh));
    } else {
      std::swap(levels_[i]->descriptor, fresh->descriptor);
    }
  }
  return levels_[level].get();
}

base::Result<void> TileStore::cut_levels(std::uint64_t size) {
  is_cut_ = false;
  for (unsigned i = 0; i < kMaxLevels; ++i) {
    std::error_code ignored;
    // Higher levels than the size needs may have been left by a larger tree.
    if (i >= levels_.size() && !std::filesystem::exists(directory_ / fmt::format("level-{}", i), ignored)) {
      continue;
    }
    TALLY_ASSIGN(Level * level, get_level(i, true));
    const std::uint64_t count = level_count(size, i);
    const std::unique_lock lock(mutex_);
    level->pending.resize(count > level->in_file ? (count - level->in_file) * kHashBytes : 0);
    level->in_file = std::min(level->in_file, count);
    if (::ftruncate(level->descriptor, static_cast<off_t>(level->in_file * kHashBytes)) != 0) {
      return io_error("cut", level->file);
    }
  }
  is_cut_ = true;
  return {};
}

void TileStore::rebuild_frontier(std::uint64_t size) {
  Frontier fresh;
  for (unsigned height = 64; height-- > 0;) {
    if ((size >> height & 1U) != 0) {
      fresh.append_subtree(height, subtree(height, fresh.size() >> height));
    }
  }
  const std::unique_lock lock(mutex_);
  frontier_ = fresh;
}

base::Result<void> TileStore::truncate(std::uint64_t size) {
  if (size > this->size()) {
    throw std::invalid_argument("TileStore::truncate: beyond the size");
  }
  TALLY_TRY(cut_levels(size));
  rebuild_frontier(size);
  return {};
}

std::uint64_t TileStore::leaf_count() const {
  const std::shared_lock lock(mutex_);
  return levels_[0]->count();
}

template <typename OnLeaf>
void TileStore::read_leaves(std::uint64_t size, OnLeaf&& on_leaf) const {
  std::vector<crypto::Digest> hashes(std::min<std::uint64_t>(size, kLeavesPerRead));
  for (std::uint64_t first = 0; first < size; first += hashes.size()) {
    hashes.resize(std::min<std::uint64_t>(size - first, hashes.size()));
    read_hashes(0, first, {hashes[0].data(), hashes.size() * kHashBytes});
    for (const crypto::Digest& hash : hashes) {
      on_leaf(hash);
    }
  }
}

Frontier TileStore::fold_leaves(std::uint64_t size) const {
  Frontier folded;
  read_leaves(size, [&](const crypto::Digest& leaf) { folded.append(leaf); });
  return folded;
}

base::Result<void> TileStore::rebuild_from_leaves(std::uint64_t size) {
  std::array<std::vector<std::uint8_t>, kMaxLevels> upper;
  Frontier fresh;
  read_leaves(size, [&](const crypto::Digest& leaf) {
    fresh.append(leaf, [&](unsigned height, const crypto::Digest& hash) {
      if (height > 0 && height % kTileHeight == 0 && height / kTileHeight < kMaxLevels) {
        std::vector<std::uint8_t>& level = upper[height / kTileHeight];
        level.insert(level.end(), hash.begin(), hash.end());
      }
    });
  });
  TALLY_TRY(cut_levels(size));
  for (unsigned i = 1; i < kMaxLevels && !upper[i].empty(); ++i) {
    TALLY_ASSIGN(Level * level, get_level(i, true));
    const std::unique_lock lock(mutex_);
    level->in_file = 0;
    level->pending = std::move(upper[i]);
  }
  const std::unique_lock lock(mutex_);
  frontier_ = fresh;
  return {};
}

base::Result<void> TileStore::append(std::span<const crypto::Digest> leaves) {
  if (leaves.empty()) {
    return {};
  }
  if (!is_cut_) {
    TALLY_TRY(cut_levels(frontier_.size()));
  }
  // Hashed outside the lock, so that readers wait only for the copying.
  Frontier fresh = frontier_;
  std::array<std::vector<std::uint8_t>, kMaxLevels> completed;
  completed[0].reserve(leaves.size() * kHashBytes);
  for (const crypto::Digest& leaf : leaves) {
    fresh.append(leaf, [&](unsigned height, const crypto::Digest& hash) {
      if (height % kTileHeight == 0 && height / kTileHeight < kMaxLevels) {
        std::vector<std::uint8_t>& level = completed[height / kTileHeight];
        level.insert(level.end(), hash.begin(), hash.end());
      }
    });
  }
  for (unsigned level = 0; level < kMaxLevels && !completed[level].empty(); ++level) {
    TALLY_TRY(get_level(level, true));
  }
  const std::unique_lock lock(mutex_);
  for (unsigned level = 0; level < kMaxLevels && !completed[level].empty(); ++level) {
    std::vector<std::uint8_t>& pending = levels_[level]->pending;
    pending.insert(pending.end(), completed[level].begin(), completed[level].end());
  }
  frontier_ = fresh;
  return {};
}

base::Result<void> TileStore::flush() {
  for (const auto& level : levels_) {
    std::size_t done = 0;
    while (done < level->pending.size()) {
      const ssize_t written = ::pwrite(level->descriptor,
                                       level->pending.data() + done,
                                       level->pending.size() - done,
                                       static_cast<off_t>(level->in_file * kHashBytes + done));
      if (written < 0 && errno != EINTR) {
        return io_error("write", level->file);
      }
      done += written < 0 ? 0 : static_cast<std::size_t>(written);
    }
    const std::unique_lock lock(mutex_);
    level->in_file += done / kHashBytes;
    level->pending.clear();
  }
  return {};
}

base::Result<void> TileStore::sync() {
  std::vector<std::pair<int, const Level*>> levels;  // none ever goes away, nor is its file closed
  {
    const std::shared_lock lock(mutex_);
    for (const auto& level : levels_) {
      levels.emplace_back(level->descriptor, level.get());
    }
  }
  for (const auto& [descriptor, level] : levels) {
    if (descriptor >= 0 && ::fdatasync(descriptor) != 0) {
      return io_error("sync", level->file);
    }
  }
  const int descriptor = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  const int error = errno;
  if (descriptor >= 0) {
    ::close(descriptor);
  }
  errno = error;
  return is_synced ? base::Result<void>() : io_error("sync", directory_);
}

void TileStore::read_hashes(unsigned level, std::uint64_t first, std::span<std::uint8_t> out) const {
  const std::shared_lock lock(mutex_);
  if (level >= levels_.size() || first + out.size() / kHashBytes > levels_[level]->count()) {
    throw std::out_of_range("TileStore: hashes beyond the size");
  }
  const Level& source = *levels_[level];
  const std::uint64_t file_bytes = source.in_file * kHashBytes;
  std::uint64_t position = first * kHashBytes;
  while (!out.empty() && position < file_bytes) {
    const std::size_t wanted = std::min<std::uint64_t>(out.size(), file_bytes - position);
    const ssize_t got = ::pread(source.descriptor, out.data(), wanted, static_cast<off_t>(position));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got <= 0) {
      throw std::system_error(got < 0 ? errno : EIO, std::generic_category(), "read " + source.file.string());
    }
    out = out.subspan(static_cast<std::size_t>(got));
    position += static_cast<std::uint64_t>(got);
  }
  if (!out.empty()) {
    std::memcpy(out.data(), source.pending.data() + (position - file_bytes), out.size());
  }
}

crypto::Digest TileStore::subtree(unsigned height, std::uint64_t index) const {
  const unsigned level = height / kTileHeight;
  const unsigned within = height % kTileHeight;
  std::array<crypto::Digest, kTileWidth / 2> hashes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  static_assert(sizeof hashes == kTileWidth / 2 * kHashBytes);
  std::size_t count = std::size_t{1} << within;
  read_hashes(level, index << within, {hashes[0].data(), count * kHashBytes});
  for (; count > 1; count /= 2) {
    for (std::size_t i = 0; i < count / 2; ++i) {
      hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
    }
  }
  return hashes[0];
}

crypto::Digest TileStore::root(std::uint64_t size) const {
  {
    const std::shared_lock lock(mutex_);
    if (size == frontier_.size()) {
      return frontier_.root();
    }
    if (size > frontier_.size()) {
      throw std::out_of_range("TileStore::root: beyond the size");
    }
  }
  Frontier at_size;
  for (unsigned height = 64; height-- > 0;) {
    if ((size >> height & 1U) != 0) {
      at_size.append_subtree(height, subtree(height, at_size.size() >> height));
    }
  }
  return at_size.root();
}

base::Result<std::string> TileStore::hash_tile(unsigned level,
                                               std::uint64_t index,
                                               unsigned width,
                                               std::uint64_t tree_size) const {
  const std::uint64_t count = level_count(std::min(tree_size, size()), level);
  if (width == 0 || width > kTileWidth || index > count / kTileWidth || index * kTileWidth + width > count) {
    return base::fail(base::ErrorKind::kNotFound, "tile_not_found", "the tree of this size has no such tile");
  }
  std::string out(width * kHashBytes, '\0');
  read_hashes(level, index * kTileWidth, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  return out;
}

}  // namespace tallystick::journal
