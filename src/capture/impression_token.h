#pragma once
// Signed impression tokens, for placements that ask for one: proof that this server let this impression happen, once.
// "<kid>.<exp>.<signature>", the signature being HMAC-SHA-256 over "impression\n<placement>\n<event id>\n<exp>\n<kid>"
// with a key of the ring's purpose impression_token. Pure but for the key ring.

#include <string>
#include <string_view>

#include "base/time.h"
#include "base/uuid.h"
#include "crypto/key_ring.h"

namespace tallystick::capture {

[[nodiscard]] std::string make_impression_token(const base::Uuid& placement_id,
                                                const base::Uuid& event_id,
                                                base::Timestamp expires_at,
                                                const crypto::KeyRing& keys);

// Good signature, of a key that verifies now, for exactly this placement and event, not expired.
[[nodiscard]] bool is_impression_token_good(std::string_view token,
                                            const base::Uuid& placement_id,
                                            const base::Uuid& event_id,
                                            const crypto::KeyRing& keys,
                                            base::Timestamp now);

}  // namespace tallystick::capture
