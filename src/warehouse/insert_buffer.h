#pragma once
// What an insert is written into before it is sent: memory that the built-in engine reads in its place, or bytes for
// the wire. Large, so it is used again. One insert at a time.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/memory_file.h"
#include "warehouse/block.h"
#include "warehouse/compression.h"

namespace tallystick::warehouse {

class InsertBuffer {
 public:
  // False when the system gives no such memory.
  [[nodiscard]] bool write_shared(const Block& block);
  // What the engine is told about it: "<process id> <file descriptor> <bytes>".
  [[nodiscard]] std::string shared_name() const;

  // Valid until the next call.
  [[nodiscard]] std::string_view write(const Block& block);
  [[nodiscard]] std::string_view write_compressed(const Block& block);

  // The most bytes that were ever written.
  [[nodiscard]] std::size_t peak() const { return peak_; }

 private:
  std::size_t peak_ = 0;
  base::MemoryFile shared_;
  std::string plain_;
  std::string compressed_;
  Compressor compressor_;
};

}  // namespace tallystick::warehouse
