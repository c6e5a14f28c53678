#include "capture/forwarding.h"

#include <algorithm>
#include <span>

#include "journal/codec.h"

namespace tallystick::capture {

void ForwardingLog::on_written(std::uint64_t tag, bool is_written) {
  if (is_empty()) {
    first_at_us_ = clock_.monotonic_us();
  }
  (is_written ? forwarded_ : failed_).push_back(tag);
}

bool ForwardingLog::is_due() const {
  return !is_empty() &&
         (forwarded_.size() + failed_.size() >= max_sequences_ || clock_.monotonic_us() - first_at_us_ >= interval_us_);
}

void ForwardingLog::stage_into(journal::Batch& batch, base::Random& random) {
  stage(forwarded_, true, batch, random);
  stage(failed_, false, batch, random);
}

void ForwardingLog::stage(std::vector<std::uint64_t>& sequences,
                          bool is_forwarded,
                          journal::Batch& batch,
                          base::Random& random) {
  std::ranges::sort(sequences);
  std::span<const std::uint64_t> rest(sequences);
  while (!rest.empty()) {
    const std::size_t count = std::min(rest.size(), max_sequences_);
    fields_.clear();
    journal::encode(journal::Forwarding{.state = is_forwarded ? journal::ForwardingState::kForwarded
                                                              : journal::ForwardingState::kFailed,
                                        .sequences = rest.first(count)},
                    fields_);
    const base::Timestamp now = clock_.now();
    batch.add({.kind = journal::RecordKind::kForwarding,
               .window = journal::DedupeWindow::kNone,
               .event_id = base::make_uuid_v7(now, random),
               .received_at = now},
              fields_,
              {},
              random);
    rest = rest.subspan(count);
  }
  sequences.clear();
}

}  // namespace tallystick::capture
