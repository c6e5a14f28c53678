#pragma once
// Asks for memory before it is needed.

namespace tallystick::base {

// Brings the cache line of `place` near; any address will do. GCC 12 takes a function that only prefetches for one
// without effect, and drops the calls of it: the statement that says nothing is one.
[[gnu::always_inline]] inline void prefetch(const void* place) {
  __builtin_prefetch(place);
  asm volatile("" : : "r"(place));
}

}  // namespace tallystick::base
