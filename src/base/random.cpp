#include "base/random.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/random.h>
#include <system_error>

namespace tallystick::base {
namespace {

// A system call per salt would cost more than the salt: fetch a page at a time, wipe what was used.
constexpr std::size_t kBufferBytes = 4096;

struct Buffer {
  std::array<std::uint8_t, kBufferBytes> bytes{};
  std::size_t used = kBufferBytes;
};

void read_system_random(std::span<std::uint8_t> out) {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace

std::uint64_t Random::next_u64() {
  std::array<std::uint8_t, 8> bytes{};
  fill(bytes);
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  if (out.empty()) {
    return;
  }
  static thread_local Buffer buffer;
  if (out.size() > kBufferBytes) {
    read_system_random(out);
    return;
  }
  if (kBufferBytes - buffer.used < out.size()) {
    read_system_random(buffer.bytes);
    buffer.used = 0;
  }
  std::memcpy(out.data(), buffer.bytes.data() + buffer.used, out.size());
  std::memset(buffer.bytes.data() + buffer.used, 0, out.size());
  buffer.used += out.size();
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
  for (std::uint8_t& byte : out) {
    byte = static_cast<std::uint8_t>(engine_());
  }
}

}  // namespace tallystick::base
