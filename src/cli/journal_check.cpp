#include "cli/journal_check.h"

#include <filesystem>

#include <fmt/format.h>

#include "base/file.h"
#include "cli/journal_scan.h"
#include "cli/output.h"
#include "journal/checkpoint.h"
#include "journal/layout.h"
#include "journal/segment.h"

namespace tallystick::cli {

Finding check_journal(const server::DataDirectory& data) {
  const journal::Layout layout{data.journal()};
  if (!std::filesystem::exists(layout.checkpoint())) {
    return {"journal", FindingState::kGood, "none yet: the first start makes it"};
  }
  const auto note = base::read_file(layout.checkpoint(), 1 << 20);
  auto key = base::read_file(layout.verifier_key(), 4'096);
  if (!note || !key) {
    return {"journal",
            FindingState::kBad,
            !note ? note.error().message : key.error().message,
            "restore the file from backup"};
  }
  key->erase(key->find_last_not_of(" \r\n") + 1);
  const auto checkpoint = journal::open_checkpoint_note(*note, *key);
  if (!checkpoint) {
    return {"journal", FindingState::kBad, checkpoint.error().message, "run: tallystick journal verify"};
  }
  const auto segments = journal::list_segments(layout.segments());
  std::uint64_t end = segments && !segments->empty() ? segments->back() : 0;
  const auto scanned = scan_journal(data.journal(), end, [&](const ScannedEntry& entry) {
    end = entry.sequence + 1;
    return true;
  });
  if (!segments || !scanned || end < checkpoint->size) {
    return {"journal",
            FindingState::kBad,
            fmt::format("the last segment reads to record {}, the signed checkpoint says {}", end, checkpoint->size),
            "run: tallystick journal verify"};
  }
  return {"journal",
          FindingState::kGood,
          fmt::format("{} segments, {} records, signed checkpoint at {}",
                      segments->size(),
                      with_thousands(end),
                      with_thousands(checkpoint->size))};
}

}  // namespace tallystick::cli
