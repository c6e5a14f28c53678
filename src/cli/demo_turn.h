#pragma once
// One demo at a time on a server's data directory: each compares its counts with the server's own, which another's
// traffic would change. `make run` sends one on the first start.

#include <filesystem>
#include <ostream>

namespace tallystick::cli {

class DemoTurn {
 public:
  // Waits for its turn, and says so. A directory that is not there, or not ours to write in, has no turns: the server
  // is another machine's.
  DemoTurn(const std::filesystem::path& keys_directory, std::ostream& err);
  ~DemoTurn();
  DemoTurn(const DemoTurn&) = delete;
  DemoTurn& operator=(const DemoTurn&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace tallystick::cli
