#pragma once
// While the log is far behind, merges of parts are put off: a load of a whole history would otherwise rewrite rows that
// soon are merged again. Afterwards the tables merge as ever. What a process leaves put off when it dies, the next one
// finds. On a cluster nothing is put off: its merges belong to its administrators. One thread.

#include <optional>

#include "base/error.h"
#include "warehouse/client.h"
#include "warehouse/layout.h"

namespace tallystick::warehouse {

class MergeDeferral {
 public:
  // `client` must outlive it.
  MergeDeferral(Client& client, Layout layout);

  // Cheap while nothing changes. After an error it is tried again with the next call.
  [[nodiscard]] base::Result<void> follow(bool is_far_behind);

 private:
  Client& client_;
  Layout layout_;
  std::optional<bool> is_deferring_;  // absent: as the process before left it
};

}  // namespace tallystick::warehouse
