#include "base/thread.h"

#include <cstdint>

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tallystick::base {
namespace {

constexpr std::uint64_t kShortSliceNs = 100'000;  // the shortest that Linux grants

// sched_setattr(2), first version; <linux/sched/types.h> clashes with the C library's <sched.h>.
struct SchedulingAttributes {
  std::uint32_t size = 0;
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};
static_assert(sizeof(SchedulingAttributes) == 48);

// The C library has no wrappers for these. Reading first keeps the niceness that the operator chose.
template <typename Change>
void change_scheduling(Change change) noexcept {
  SchedulingAttributes attributes;
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0 || attributes.policy != SCHED_OTHER) {
    return;
  }
  change(attributes);
  (void)::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace

void ask_for_short_slices() noexcept {
  change_scheduling([](SchedulingAttributes& attributes) { attributes.runtime_ns = kShortSliceNs; });
}

void ask_for_batch_scheduling() noexcept {
  change_scheduling([](SchedulingAttributes& attributes) { attributes.policy = SCHED_BATCH; });
}

}  // namespace tallystick::base
