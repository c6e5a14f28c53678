#pragma once
// What processes of ours cost, from /proc. Thread-safe.

#include <cstdint>
#include <optional>
#include <string_view>

#include <sys/types.h>

namespace tallystick::bench {

// A child of `parent` whose command line holds `word`.
[[nodiscard]] std::optional<pid_t> find_child(pid_t parent, std::string_view word);

// The most memory that the process ever had resident, in bytes; 0 when it is gone.
[[nodiscard]] std::uint64_t peak_memory_bytes(pid_t pid);
// Without what files lend it: pages that the kernel may take back at any time.
[[nodiscard]] std::uint64_t own_memory_bytes(pid_t pid);

}  // namespace tallystick::bench
