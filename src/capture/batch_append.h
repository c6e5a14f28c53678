#pragma once
// Submits a batch and waits until it is durable: for background work, never on a reactor.

#include <memory>

#include "base/error.h"
#include "journal/batch.h"
#include "journal/journal.h"

namespace tallystick::capture {

// The batch with its outcomes, or the error for which nothing of it was appended.
[[nodiscard]] base::Result<std::unique_ptr<journal::Batch>> append_batch(journal::Journal& journal,
                                                                         std::unique_ptr<journal::Batch> batch);

}  // namespace tallystick::capture
