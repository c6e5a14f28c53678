#pragma once
// What verification asks of one segment file besides its records: is its header whole, where do its records end, and
// is what lies behind them a footer, a damaged footer, or a write that a crash tore. Reads only; one thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "journal/file.h"
#include "journal/frame.h"
#include "journal/layout.h"
#include "journal/segment.h"

namespace tallystick::journal {

struct SegmentFile {
  std::uint64_t first = 0;
  std::unique_ptr<File> file;
  std::uint64_t size = 0;
  std::uint64_t body_end = 0;
  std::optional<SegmentFooter> footer;
  bool is_last = false;
  bool is_footer_damaged = false;  // there was one

  [[nodiscard]] std::string name() const { return "segments/" + segment_name(first); }
};

// With the footer, when it is good; otherwise `body_end` is the size.
[[nodiscard]] base::Result<SegmentFile> open_segment_file(FileSystem& files,
                                                          const Layout& layout,
                                                          std::uint64_t first,
                                                          bool is_last);

enum class HeaderState : std::uint8_t { kWhole, kTorn, kDamaged };
// Torn: a crash while the file was made left it without a header, and with nothing in it.
[[nodiscard]] base::Result<HeaderState> check_header(const SegmentFile& segment);

// Nothing but zeros up to the end: room that the writer took ahead, and no write that was torn.
[[nodiscard]] base::Result<bool> is_zero_from(const SegmentFile& segment, std::uint64_t offset);

// The footer is made of nothing but the records, so the right one is known. What lies at its place is a damaged footer
// when it is mostly that, and not the right one with whole sectors that were never written (a torn write).
[[nodiscard]] base::Result<bool> has_damaged_footer(const SegmentFile& segment, const SegmentFooter& right);

}  // namespace tallystick::journal
