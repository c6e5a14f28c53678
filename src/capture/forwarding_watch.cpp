#include "capture/forwarding_watch.h"

#include "journal/codec.h"

namespace tallystick::capture {

void ForwardingWatch::take(const journal::Record& record) {
  if (record.kind == journal::RecordKind::kClick) {
    if (open_.size() < kMaxOpen) {
      open_.emplace_hint(open_.end(), record.sequence, record.received_at);
    }
  } else if (record.kind == journal::RecordKind::kForwarding) {
    if (const auto forwarding = journal::decode_forwarding(record.fields, sequences_)) {
      for (const std::uint64_t sequence : forwarding->sequences) {
        open_.erase(sequence);
      }
    }
  }
}

std::vector<std::uint64_t> ForwardingWatch::take_overdue(base::Timestamp before) {
  std::vector<std::uint64_t> overdue;
  while (!open_.empty() && open_.begin()->second < before) {
    overdue.push_back(open_.begin()->first);
    open_.erase(open_.begin());
  }
  return overdue;
}

}  // namespace tallystick::capture
