#pragma once
// Reads a journal directory from end to end without opening it for writing and proves it whole:
// frames, entries, commitments, tiles, checkpoints, erasures. Works on a live journal up to its
// latest checkpoint.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::journal {

struct Damage {
  std::string file;  // relative to the journal directory
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> sequence;
  std::string what;
};

struct VerifyReport {
  std::uint64_t records = 0;  // in the tree; those that retention dropped are known by their hashes only
  std::uint64_t dropped = 0;  // how many of them retention dropped
  std::uint64_t erased = 0;
  std::uint64_t bytes = 0;
  std::uint64_t unacknowledged_tail_bytes = 0;  // a torn last write, which recovery will cut
  std::string root_hash;                        // base64, of all whole records
  std::uint64_t checkpoint_size = 0;
  std::optional<Damage> first_damage;  // absent: the log is whole
};

struct VerifyOptions {
  std::filesystem::path directory;
  std::string public_key;       // verifier key (vkey) of the signed notes; empty: taken from the directory
  std::string from_checkpoint;  // signed note text; empty: none. Proves consistency with it.
  std::function<void(std::uint64_t done_bytes, std::uint64_t all_bytes)> progress = {};
};

// An error means that verification could not be done (no such directory, a bad key, a file that cannot be read); what
// it finds wrong is in the report. Error codes: "journal_missing", "verifier_key_missing", "bad_verifier_key", those of
// open_checkpoint_note for `from_checkpoint`, "io_error".
[[nodiscard]] base::Result<VerifyReport> verify(const VerifyOptions& options);

}  // namespace tallystick::journal
