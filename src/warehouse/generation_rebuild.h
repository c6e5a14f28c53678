#pragma once
// A new generation of the warehouse, filled from the log beside the one that is read, and compared with a recount of
// the journal and with that one before it takes over (I8). One thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "journal/journal.h"
#include "warehouse/journal_recount.h"
#include "warehouse/load_pipeline.h"
#include "warehouse/row_counts.h"
#include "warehouse/warehouse.h"

namespace tallystick::warehouse {

enum class RebuildState : std::uint8_t { kNone, kRunning, kDone, kFailed };
[[nodiscard]] std::string_view name_of(RebuildState state);

struct RebuildStatus {
  RebuildState state = RebuildState::kNone;
  std::uint64_t generation = 0;
  std::uint64_t loaded = 0;  // records
  std::uint64_t wanted = 0;
  base::Timestamp begun_at = {};
  base::Timestamp ended_at = {};
  std::string error = {};
  std::vector<CountComparison> counts = {};  // when it has ended
};

class GenerationRebuild {
 public:
  // The pipeline loads the new generation, whose number is `number`.
  GenerationRebuild(const journal::Journal& journal,
                    std::uint32_t log_id,
                    std::uint64_t number,
                    base::Timestamp since,
                    std::unique_ptr<LoadPipeline> pipeline);

  // Loads and recounts some of the records before `end`. False: there is nothing to do before it.
  [[nodiscard]] base::Result<bool> step(std::uint64_t end);
  // Everything before `end` is in the new generation and recounted on return.
  [[nodiscard]] base::Result<void> complete(std::uint64_t end);
  // After complete(): with `before`, the generation that is read, which is loaded as far.
  [[nodiscard]] base::Result<std::vector<CountComparison>> compare(Client& client, const Layout& before);

  [[nodiscard]] std::uint64_t number() const { return number_; }
  [[nodiscard]] std::uint64_t loaded() const { return pipeline_->loaded(); }
  [[nodiscard]] const Layout& layout() const { return pipeline_->layout(); }
  [[nodiscard]] std::unique_ptr<LoadPipeline> take_pipeline() { return std::move(pipeline_); }

 private:
  std::uint32_t log_id_;
  std::uint64_t number_;
  base::Timestamp since_;
  std::unique_ptr<LoadPipeline> pipeline_;
  JournalRecount recount_;
};

}  // namespace tallystick::warehouse
