#pragma once
// API keys as the composition needs them: for the capture path's catalog and for the demo.

#include "access/service.h"
#include "base/time.h"
#include "server/catalog_refresher.h"

namespace tallystick::server {

// Valid keys only; the revision also moves when one expires. Both arguments must outlive the result.
[[nodiscard]] CatalogRefresher::Keys make_key_source(access::KeyService& keys, const base::Clock& clock);

// What `tallystick demo` may do.
[[nodiscard]] access::KeyDraft demo_key_draft();

}  // namespace tallystick::server
