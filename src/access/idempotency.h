#pragma once
// Idempotency-Key on creating POSTs (80-platform "API conventions", draft-ietf-httpapi-idempotency-key-header): the
// same key with the same request answers the same again, without doing it again, for 24 hours. Scope: the principal.

#include <functional>

#include "base/time.h"
#include "http/router.h"
#include "records/database.h"

namespace tallystick::access {

inline constexpr std::size_t kMaxIdempotencyKeyBytes = 255;

// What is kept of an answer differs from what was sent: a secret that is shown once must not lie in the database.
using LeaveOut = std::function<void(http::Response&)>;

// Wraps `handler`. Without the header nothing changes. Problems: 400 "bad_idempotency_key", 409 "request_in_progress",
// 422 "idempotency_key_reused". A repeated answer carries "Idempotency-Replayed: true"; answers of 500 and above are
// not kept, so that a retry tries again. `database` and `clock` must outlive the result. `leave_out`, if it is set,
// changes the answer as it is kept.
[[nodiscard]] http::Handler make_idempotent(records::Database& database,
                                            const base::Clock& clock,
                                            http::Handler handler,
                                            LeaveOut leave_out = {});

}  // namespace tallystick::access
