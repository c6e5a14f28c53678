#pragma once
// The order in which the table of impressions keeps its rows (schema/0001_events.sql), for the rows of a batch. Rows
// that arrive in it need no sorting by the engine, which compares them one by one: here there are few groups and many
// rows, so rows are dealt out to their group and only the groups are sorted. Another order would cost time, not truth.
// One thread.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "warehouse/block.h"

namespace tallystick::warehouse {

class ImpressionOrder {
 public:
  // The rows of a block of event_columns.h by half of a day, merchant, placement and time; as they came where all are
  // equal. UUIDs stand as ClickHouse compares them: by their second half, then by their first.
  [[nodiscard]] std::vector<std::uint32_t> make_of(const Block& impressions);

 private:
  // Half of a day since 1970-01-01, number of the merchant, number of the placement.
  static constexpr unsigned kNumberBits = 16;
  struct Place {
    std::uint64_t group = 0;
    std::uint32_t number = 0;  // and 1; 0: free
  };

  // Keeps the memory.
  void clear();
  [[nodiscard]] std::uint32_t number_of(std::uint64_t group);
  void grow();
  // Where each group's rows begin, by its number.
  [[nodiscard]] std::vector<std::uint32_t> make_begins(const UuidDictionary& merchants,
                                                       const UuidDictionary& placements) const;
  [[nodiscard]] std::vector<std::uint32_t> deal_out(const std::vector<std::uint32_t>& begins) const;

  std::vector<std::uint64_t> groups_;
  std::vector<Place> places_;              // by hash; a power of two, at most half of them taken
  std::vector<std::uint32_t> row_groups_;  // by row
  std::vector<std::int64_t> row_times_;
};

}  // namespace tallystick::warehouse
