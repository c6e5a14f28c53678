#pragma once
// Vectors for large tables that are read all over the place: on huge pages where the system has them, so that most
// accesses need no walk through page tables. Small ones are allocated as always. resize() initialises by default, which
// leaves numbers as they are: pages that nobody writes to are not there.

#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>
#include <vector>

#include <sys/mman.h>

namespace tallystick::base {

template <typename T>
struct HugePageAllocator {
  using value_type = T;  // NOLINT(readability-identifier-naming): as std wants it

  static constexpr std::size_t kPage = 2UZ << 20;
  static constexpr std::size_t kSmallest = 2 * kPage;  // below it most of a page could be wasted

  HugePageAllocator() = default;
  template <typename Other>
  HugePageAllocator(const HugePageAllocator<Other>& /*other*/) {}  // NOLINT(google-explicit-constructor): as std's

  [[nodiscard]] T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kSmallest) {
      return static_cast<T*>(::operator new(bytes));
    }
    const std::size_t rounded = (bytes + kPage - 1) / kPage * kPage;
    void* const memory = std::aligned_alloc(kPage, rounded);
    if (memory == nullptr) {
      throw std::bad_alloc();
    }
    ::madvise(memory, rounded, MADV_HUGEPAGE);  // a wish: without it the memory is as good, but slower
    return static_cast<T*>(memory);
  }
  template <typename Other>
  void construct(Other* place) {
    ::new (static_cast<void*>(place)) Other;
  }
  template <typename Other, typename... Arguments>
  void construct(Other* place, Arguments&&... arguments) {
    ::new (static_cast<void*>(place)) Other(std::forward<Arguments>(arguments)...);
  }
  void deallocate(T* memory, std::size_t count) {
    if (count * sizeof(T) < kSmallest) {
      ::operator delete(memory);
    } else {
      std::free(memory);  // NOLINT(cppcoreguidelines-no-malloc): what aligned_alloc() gave
    }
  }

  friend bool operator==(const HugePageAllocator& /*a*/, const HugePageAllocator& /*b*/) { return true; }
};

template <typename T>
using HugeVector = std::vector<T, HugePageAllocator<T>>;

}  // namespace tallystick::base
