#include "cli/journal_scan.h"

#include <vector>

#include <fmt/format.h>

#include "journal/layout.h"
#include "journal/segment.h"

namespace tallystick::cli {
namespace {

// False: the visitor has seen enough, or the log ends here.
base::Result<bool> scan_segment(const std::filesystem::path& path,
                                std::uint64_t first,
                                std::uint64_t from_sequence,
                                const std::function<bool(const ScannedEntry&)>& visit) {
  TALLY_ASSIGN(const auto file, journal::SystemFiles().open(path, journal::OpenMode::kRead));
  TALLY_ASSIGN(const std::uint64_t size, file->size());
  journal::SegmentScanner scanner(*file, {first, journal::kSegmentHeaderBytes}, size);
  journal::ScannedRecord record;
  while (true) {
    TALLY_ASSIGN(const journal::ScanState state, scanner.next(record));
    if (state != journal::ScanState::kRecord) {
      // A sealed segment ends with its footer, which reads as no group; the log goes on in the next one.
      return true;
    }
    if (record.sequence < from_sequence) {
      continue;
    }
    const auto entry = journal::parse_entry(record.frame.entry);
    if (!entry || !visit({record.sequence, *entry, record.frame.personal_state})) {
      return false;
    }
  }
}

}  // namespace

base::Result<void> scan_journal(const std::filesystem::path& journal_directory,
                                std::uint64_t from_sequence,
                                const std::function<bool(const ScannedEntry&)>& visit) {
  const std::filesystem::path segments = journal::Layout{journal_directory}.segments();
  if (!std::filesystem::exists(segments)) {
    return base::fail(
        base::ErrorKind::kNotFound,
        "journal_missing",
        fmt::format("there is no journal in {}: name the data directory with --data", journal_directory.string()));
  }
  TALLY_ASSIGN(const std::vector<std::uint64_t> firsts, journal::list_segments(segments));
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    if (i + 1 < firsts.size() && firsts[i + 1] <= from_sequence) {
      continue;
    }
    TALLY_ASSIGN(const bool goes_on,
                 scan_segment(segments / journal::segment_name(firsts[i]), firsts[i], from_sequence, visit));
    if (!goes_on) {
      break;
    }
  }
  return {};
}

}  // namespace tallystick::cli
