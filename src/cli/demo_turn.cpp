#include "cli/demo_turn.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace tallystick::cli {

DemoTurn::DemoTurn(const std::filesystem::path& keys_directory, std::ostream& err)
    : descriptor_(::open((keys_directory / "demo.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
    return;
  }
  err << "Another demo is sending to this server, which would mix up the counts: waiting until it is done.\n"
      << std::flush;
  while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

DemoTurn::~DemoTurn() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

}  // namespace tallystick::cli
