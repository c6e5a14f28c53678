#pragma once
// Zstandard for what is inserted over a network. One thread an object; memory is kept between uses.

#include <memory>
#include <string>
#include <string_view>

namespace tallystick::warehouse {

class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // Replaces `out` by one frame. Throws std::runtime_error when the library fails.
  void compress(std::string_view data, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tallystick::warehouse
