#pragma once
// How the operating system treats the calling thread. Wishes: where the system knows no such thing or refuses, nothing
// changes. Each function speaks of its own thread.

namespace tallystick::base {

// For threads that sleep most of the time and that others wait for: once it is woken, the thread runs at once instead
// of when the running one has used up its slice of milliseconds. Linux 6.12 and later.
void ask_for_short_slices() noexcept;

// For work that nobody waits for: being woken interrupts nothing that runs.
void ask_for_batch_scheduling() noexcept;

}  // namespace tallystick::base
