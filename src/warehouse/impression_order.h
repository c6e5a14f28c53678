#pragma once
// The order in which the table of impressions keeps its rows (schema/0001_events.sql), for the rows of a batch. Rows
// that arrive in it need no sorting by the engine, which compares them one by one: here there are few groups and many
// rows, so rows are dealt out to their group and only the groups are sorted. Another order would cost time, not truth.
// One thread.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "warehouse/block.h"

namespace tallystick::warehouse {

class ImpressionOrder {
 public:
  // The next row.
  void add(base::Timestamp occurred_at, const StoredUuid& merchant_id, const StoredUuid& placement_id);
  // The rows added since clear() by half of a day, merchant, placement and time; as they came where all are equal.
  // UUIDs stand as ClickHouse compares them: by their second half, then by their first.
  [[nodiscard]] std::vector<std::uint32_t> make() const;
  // All of that, of a block of event_columns.h.
  [[nodiscard]] std::vector<std::uint32_t> make_of(const Block& impressions);
  // Keeps the memory.
  void clear();

 private:
  // Ids, numbered in the order in which they were first seen.
  class Numbering {
   public:
    [[nodiscard]] std::uint32_t number_of(const StoredUuid& id);
    [[nodiscard]] const StoredUuid& id_of(std::uint32_t number) const { return ids_[number]; }
    void clear();

   private:
    void grow();

    std::vector<StoredUuid> ids_;
    std::vector<std::uint32_t> places_;  // by hash: number + 1, 0: free; a power of two, at most half of them taken
    std::uint32_t last_ = 0;             // the number given last
  };

  // Half of a day since 1970-01-01, number of the merchant, number of the placement.
  static constexpr unsigned kNumberBits = 23;  // more than a batch has rows
  struct Place {
    std::uint64_t group = 0;
    std::uint32_t number = 0;  // and 1; 0: free
  };

  [[nodiscard]] std::uint32_t number_of(std::uint64_t group);
  void grow();
  // Where each group's rows begin, by its number; the number of rows at the end.
  [[nodiscard]] std::vector<std::uint32_t> make_begins() const;

  Numbering merchants_;
  Numbering placements_;
  std::vector<std::uint64_t> groups_;
  std::vector<Place> places_;              // by hash; a power of two, at most half of them taken
  std::vector<std::uint32_t> row_groups_;  // by row
  std::vector<std::int64_t> row_times_;
};

}  // namespace tallystick::warehouse
