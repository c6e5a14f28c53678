#pragma once
// Writes batches into one generation of the warehouse, each exactly once: the position says "begun" before and "done"
// after it, so that a failure in between is taken back by recover_load(). After an error nothing more may be written
// before that. Called from one thread; impressions go in on another.

#include <cstdint>
#include <functional>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/aggregate_tally.h"
#include "warehouse/client.h"
#include "warehouse/impression_order.h"
#include "warehouse/layout.h"
#include "warehouse/load_batch.h"
#include "warehouse/recovery.h"
#include "warehouse/revised_classes.h"

namespace tallystick::warehouse {

class LoadWriter {
 public:
  // `client` and `clock` must outlive it.
  LoadWriter(Client& client, Layout layout, std::uint32_t log_id, const base::Clock& clock, const LoadStart& start);

  // Gives the batch's impressions the order of their table, unless they have one. `taken`: the impressions of the batch
  // are not looked at any more, though they are still being inserted. Called at most once, perhaps on another thread;
  // perhaps not at all when there is an error.
  [[nodiscard]] base::Result<void> write(LoadBatch& batch, const std::function<void()>& taken = {});
  // What was kept for further batches as large as the last ones.
  void give_back_memory();
  [[nodiscard]] const Layout& layout() const { return layout_; }
  // The latest time of receipt of what is loaded.
  [[nodiscard]] base::Timestamp frontier() const { return frontier_; }

 private:
  [[nodiscard]] base::Result<void> save(PositionState state,
                                        const LoadBatch& batch,
                                        const std::vector<std::uint16_t>& days);
  [[nodiscard]] base::Result<void> insert_others(const LoadBatch& batch);
  [[nodiscard]] base::Result<void> insert(std::string_view table,
                                          const Block& block,
                                          std::uint64_t first,
                                          const std::function<void()>& taken = {});
  [[nodiscard]] base::Result<void> load_revised_classes(const LoadBatch& batch);
  [[nodiscard]] base::Result<void> insert_revisions(const LoadBatch& batch);
  [[nodiscard]] base::Result<void> insert_counts(const LoadBatch& batch);
  [[nodiscard]] base::Result<std::vector<std::uint16_t>> find_erased_days(const LoadBatch& batch);
  [[nodiscard]] base::Result<void> erase(const LoadBatch& batch, const std::vector<std::uint16_t>& days);
  enum class Wait : std::uint8_t { kNo, kYes };
  [[nodiscard]] base::Result<void> erase_where(std::string_view condition, std::uint64_t first, Wait wait);

  Client& client_;
  Layout layout_;
  std::uint32_t log_id_;
  const base::Clock& clock_;
  std::uint64_t version_;
  base::Timestamp frontier_;
  std::int64_t next_retention_us_ = 0;  // monotonic
  ImpressionOrder order_;
  RevisedClasses revised_classes_;
  Block revisions_ = make_revision_block();
  AggregateTally tally_;
};

}  // namespace tallystick::warehouse
