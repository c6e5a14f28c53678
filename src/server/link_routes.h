#pragma once
// POST /api/links/sign: signs links for callers that do not hold the key.

#include <functional>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "capture/catalog.h"
#include "crypto/key_ring.h"
#include "http/router.h"

namespace tallystick::server {

struct LinkSigning {
  const capture::CatalogSource& catalog;
  const crypto::KeyRing& keys;
  const base::Clock& clock;
  base::Random& random;
  std::function<std::string()> public_url;  // known once the server listens
};

// What `signing` refers to must outlive the router.
void add_link_routes(http::Router& router, LinkSigning signing);

}  // namespace tallystick::server
