#include "cli/progress.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include <fmt/format.h>

namespace tallystick::cli {
namespace {

constexpr std::int64_t kRedrawUs = 100 * base::kMicrosPerMilli;
constexpr std::uint64_t kWidth = 30;

}  // namespace

Progress::Progress(Terminal& terminal, const base::Clock& clock, std::string label)
    : terminal_(terminal), clock_(clock), label_(std::move(label)) {}

Progress::~Progress() {
  if (has_drawn_) {
    terminal_.err << "\r\x1b[K" << std::flush;
  }
}

void Progress::update(std::uint64_t done, std::uint64_t all, std::string_view note) {
  if (!terminal_.is_interactive || all == 0) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const std::int64_t now_us = clock_.monotonic_us();
  if (has_drawn_ && now_us - drawn_at_us_ < kRedrawUs) {
    return;
  }
  drawn_at_us_ = now_us;
  has_drawn_ = true;
  const auto share = static_cast<double>(std::min(done, all)) / static_cast<double>(all);
  const auto filled = static_cast<std::uint64_t>(share * kWidth);
  terminal_.err << fmt::format("\r{} [{}{}] {:3.0f} % {}\x1b[K",
                               label_,
                               std::string(filled, '#'),
                               std::string(kWidth - filled, ' '),
                               share * 100,
                               note)
                << std::flush;
}

}  // namespace tallystick::cli
