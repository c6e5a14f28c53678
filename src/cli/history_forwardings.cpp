#include "cli/history_forwardings.h"

namespace tallystick::cli {
namespace {

using journal::ForwardingState;

constexpr std::size_t kMostForwardingsPerRecord = 500;
constexpr std::uint64_t kForwardingStream = 1ULL << 63;  // apart from the generators of visits and people

}  // namespace

HistoryForwardings::HistoryForwardings(HistoryWriter& writer, HistoryTally& tally, std::uint64_t seed)
    : writer_(writer), tally_(tally), random_(seed, kForwardingStream) {}

base::Result<void> HistoryForwardings::add(const HistoryEvent& click, std::uint64_t sequence) {
  if (forwarded_.empty() && failed_.empty()) {
    due_ = click.received_at + base::kMicrosPerSecond;
  }
  std::vector<std::uint64_t>& list = click.is_forwarding_failed ? failed_ : forwarded_;
  list.push_back(sequence);
  return list.size() >= kMostForwardingsPerRecord ? write(click.received_at) : base::Result<void>{};
}

base::Result<void> HistoryForwardings::write_due(base::Timestamp now) {
  return (forwarded_.empty() && failed_.empty()) || now < due_ ? base::Result<void>{} : write(due_);
}

base::Result<void> HistoryForwardings::write(base::Timestamp at) {
  TALLY_TRY(write(at, ForwardingState::kForwarded, forwarded_));
  return write(at, ForwardingState::kFailed, failed_);
}

base::Result<void> HistoryForwardings::write(base::Timestamp at,
                                             ForwardingState state,
                                             std::vector<std::uint64_t>& sequences) {
  if (sequences.empty()) {
    return {};
  }
  TALLY_TRY(writer_.write_forwarding(at, random_.make_id(at), state, sequences));
  tally_.count_forwarding(state, sequences.size());
  sequences.clear();
  return {};
}

}  // namespace tallystick::cli
