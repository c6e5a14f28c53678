#include "warehouse/generation_rebuild.h"

#include <utility>

namespace tallystick::warehouse {
namespace {

constexpr std::size_t kRecountPerStep = 16'384;

}  // namespace

std::string_view name_of(RebuildState state) {
  switch (state) {
    case RebuildState::kNone:
      return "none";
    case RebuildState::kRunning:
      return "running";
    case RebuildState::kDone:
      return "done";
    case RebuildState::kFailed:
      return "failed";
  }
  return "unknown";
}

GenerationRebuild::GenerationRebuild(const journal::Journal& journal,
                                     std::uint32_t log_id,
                                     std::uint64_t number,
                                     base::Timestamp since,
                                     std::unique_ptr<LoadPipeline> pipeline)
    : log_id_(log_id), number_(number), since_(since), pipeline_(std::move(pipeline)), recount_(journal, since) {}

base::Result<bool> GenerationRebuild::step(std::uint64_t end) {
  TALLY_ASSIGN(const bool has_loaded, pipeline_->step(end, 0));
  TALLY_ASSIGN(const bool is_counting, recount_.step(end, kRecountPerStep));
  return has_loaded || is_counting;
}

base::Result<void> GenerationRebuild::complete(std::uint64_t end) {
  for (bool has_more = true; has_more;) {
    TALLY_ASSIGN(has_more, step(end));
  }
  return pipeline_->drain();
}

base::Result<std::vector<CountComparison>> GenerationRebuild::compare(Client& client, const Layout& before) {
  TALLY_ASSIGN(const RowCounts old_counts, load_row_counts(client, before, log_id_, since_));
  TALLY_ASSIGN(const RowCounts new_counts, load_row_counts(client, layout(), log_id_, since_));
  return compare_counts(recount_.counts(), old_counts, new_counts);
}

}  // namespace tallystick::warehouse
