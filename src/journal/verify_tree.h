#pragma once
// The tree side of verification: grows the Merkle tree from the records as they are read, holds every hash against the
// stored tiles, and the roots against signed ones. Memory does not grow with the log. One thread.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "crypto/sha256.h"
#include "journal/file.h"
#include "journal/merkle.h"
#include "journal/verify.h"

namespace tallystick::journal {

class TreeCheck {
 public:
  TreeCheck(FileSystem& files, std::filesystem::path tree_directory);
  ~TreeCheck();

  // The tree of `size` leaves must have this root. Before the first leaf. `file` names the source of the claim.
  void expect(std::uint64_t size, const crypto::Digest& root, std::string file);

  // Leaves of dropped segments: there are only their hashes. False when they are not all there.
  [[nodiscard]] base::Result<bool> add_stored_leaves(std::uint64_t count);
  [[nodiscard]] base::Result<void> add(const crypto::Digest& leaf);

  [[nodiscard]] std::uint64_t size() const { return frontier_.size(); }
  [[nodiscard]] crypto::Digest root() const { return frontier_.root(); }
  // When all leaves are there: which hash, root or record is wrong, if any.
  [[nodiscard]] base::Result<std::optional<Damage>> find_damage();

 private:
  class Level;
  struct Claim {
    std::uint64_t size = 0;
    crypto::Digest root{};
    std::string file;
    bool is_met = false;
  };
  struct Mismatch {
    unsigned level = 0;
    std::uint64_t index = 0;
  };

  [[nodiscard]] base::Result<void> compare(unsigned level, const crypto::Digest& hash);
  [[nodiscard]] Level& get_level(unsigned level);
  void check_claims();
  [[nodiscard]] base::Result<crypto::Digest> stored_root(std::uint64_t size) const;
  [[nodiscard]] Damage damage_of_tile(const Mismatch& mismatch) const;

  FileSystem& files_;
  const std::filesystem::path directory_;
  std::vector<std::unique_ptr<Level>> levels_;
  Frontier frontier_;
  std::uint64_t stored_leaves_ = 0;
  std::vector<Claim> claims_;
  std::optional<Mismatch> mismatch_;
};

}  // namespace tallystick::journal
