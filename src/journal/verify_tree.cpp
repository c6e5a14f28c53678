#include "journal/verify_tree.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "journal/tile_store.h"

namespace tallystick::journal {
namespace {

constexpr std::size_t kHashReadBytes = 256 * kTileWidth * kHashBytes / 8;

std::string level_file(unsigned level) {
  return fmt::format("tree/level-{}", level);
}

}  // namespace

// The hashes of one level file in order, read in large pieces. A file that is missing or short ends early: the tree is
// derived data, and a running journal writes it after the records.
class TreeCheck::Level {
 public:
  Level(FileSystem& files, const std::filesystem::path& path) {
    if (auto file = files.open(path, OpenMode::kRead)) {
      file_ = std::move(*file);
    }
  }

  // Null at the end.
  base::Result<const std::uint8_t*> next() {
    if (buffer_.size() - at_ < kHashBytes) {
      if (!file_) {
        return nullptr;
      }
      buffer_.resize(kHashReadBytes);
      TALLY_ASSIGN(const std::size_t got, file_->read_at(buffer_, offset_));
      buffer_.resize(got - got % kHashBytes);
      offset_ += buffer_.size();
      at_ = 0;
      if (buffer_.empty()) {
        file_.reset();
        return nullptr;
      }
    }
    const std::uint8_t* const hash = buffer_.data() + at_;
    at_ += kHashBytes;
    ++count_;
    return hash;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }  // handed out

 private:
  std::unique_ptr<File> file_;
  std::vector<std::uint8_t> buffer_;
  std::size_t at_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t count_ = 0;
};

TreeCheck::TreeCheck(FileSystem& files, std::filesystem::path tree_directory)
    : files_(files), directory_(std::move(tree_directory)) {}
TreeCheck::~TreeCheck() = default;

void TreeCheck::expect(std::uint64_t size, const crypto::Digest& root, std::string file) {
  claims_.push_back({size, root, std::move(file), false});
  check_claims();
}

void TreeCheck::check_claims() {
  for (Claim& claim : claims_) {
    if (claim.size == frontier_.size()) {
      claim.is_met = claim.root == frontier_.root();
    }
  }
}

TreeCheck::Level& TreeCheck::get_level(unsigned level) {
  while (levels_.size() <= level) {
    levels_.push_back(std::make_unique<Level>(files_, directory_ / fmt::format("level-{}", levels_.size())));
  }
  return *levels_[level];
}

base::Result<void> TreeCheck::compare(unsigned level, const crypto::Digest& hash) {
  Level& stored = get_level(level);
  TALLY_ASSIGN(const std::uint8_t* bytes, stored.next());
  if (bytes != nullptr && !mismatch_ && std::memcmp(bytes, hash.data(), hash.size()) != 0) {
    mismatch_ = Mismatch{level, stored.count() - 1};
  }
  return {};
}

base::Result<void> TreeCheck::add(const crypto::Digest& leaf) {
  base::Result<void> compared;
  frontier_.append(leaf, [&](unsigned height, const crypto::Digest& hash) {
    if (height % kTileHeight == 0 && compared) {
      compared = compare(height / kTileHeight, hash);
    }
  });
  TALLY_TRY(compared);
  check_claims();
  return {};
}

base::Result<bool> TreeCheck::add_stored_leaves(std::uint64_t count) {
  Level leaves(files_, directory_ / "level-0");
  for (; stored_leaves_ < count; ++stored_leaves_) {
    TALLY_ASSIGN(const std::uint8_t* bytes, leaves.next());
    if (bytes == nullptr) {
      return false;
    }
    crypto::Digest leaf;
    std::memcpy(leaf.data(), bytes, leaf.size());
    TALLY_TRY(add(leaf));
  }
  return true;
}

base::Result<crypto::Digest> TreeCheck::stored_root(std::uint64_t size) const {
  Level leaves(files_, directory_ / "level-0");
  Frontier stored;
  while (stored.size() < size) {
    TALLY_ASSIGN(const std::uint8_t* bytes, leaves.next());
    if (bytes == nullptr) {
      return crypto::Digest{};
    }
    crypto::Digest leaf;
    std::memcpy(leaf.data(), bytes, leaf.size());
    stored.append(leaf);
  }
  return stored.root();
}

Damage TreeCheck::damage_of_tile(const Mismatch& mismatch) const {
  const std::uint64_t first = mismatch.index << (kTileHeight * mismatch.level);
  return {level_file(mismatch.level),
          mismatch.index * kHashBytes,
          first,
          mismatch.level == 0 ? "the stored hash is not that of the record"
                              : "the stored hash is not that of the hashes below it"};
}

base::Result<std::optional<Damage>> TreeCheck::find_damage() {
  const auto broken = std::find_if(claims_.begin(), claims_.end(), [](const Claim& claim) { return !claim.is_met; });
  if (broken == claims_.end()) {
    // The records yield every signed root, so a hash that differs is wrong itself.
    return mismatch_ ? std::optional(damage_of_tile(*mismatch_)) : std::nullopt;
  }
  if (broken->size > size()) {
    return std::optional(Damage{
        broken->file,
        0,
        size(),
        fmt::format("the log ends after {} records, before the {} that this checkpoint covers", size(), broken->size)});
  }
  // Who is right, the record or its stored hash? Whoever yields the signed root.
  if (mismatch_ && mismatch_->level == 0 && mismatch_->index < broken->size) {
    TALLY_ASSIGN(const crypto::Digest stored, stored_root(broken->size));
    if (stored == broken->root) {
      return std::optional(Damage{"segments", 0, mismatch_->index, "the record is not the one that was logged here"});
    }
  }
  // Below stored_leaves_ there is no record to hold the leaves against, only the level above.
  if (mismatch_ && mismatch_->level == 1 && (mismatch_->index + 1) * kTileWidth <= stored_leaves_) {
    const std::uint64_t first = mismatch_->index * kTileWidth;
    return std::optional(Damage{
        level_file(0), first * kHashBytes, first, "one of 256 hashes of dropped records, from this one on, is wrong"});
  }
  return std::optional(
      Damage{broken->file,
             0,
             std::nullopt,
             fmt::format("the first {} records do not yield the signed root: the log was rewritten", broken->size)});
}

}  // namespace tallystick::journal
