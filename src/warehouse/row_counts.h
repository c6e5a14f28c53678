#pragma once
// Rows per table and class as the warehouse has them, and their comparison with what the journal has. One thread.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/client.h"
#include "warehouse/journal_recount.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

// Under the names of JournalRecount, with the same rule about `since`.
[[nodiscard]] base::Result<RowCounts> load_row_counts(Client& client,
                                                      const Layout& layout,
                                                      std::uint32_t log_id,
                                                      base::Timestamp since);

struct CountComparison {
  std::string name;
  std::uint64_t journal = 0;
  std::uint64_t before = 0;   // the generation that is read so far
  std::uint64_t rebuilt = 0;  // the new one

  friend bool operator==(const CountComparison&, const CountComparison&) = default;
};
// By name. Pure.
[[nodiscard]] std::vector<CountComparison> compare_counts(const RowCounts& journal,
                                                          const RowCounts& before,
                                                          const RowCounts& rebuilt);

}  // namespace tallystick::warehouse
