#pragma once
// What the demo's traffic is about: partners with links, placements, merchants with exposure units.

#include <string>
#include <vector>

#include "base/error.h"
#include "cli/api_client.h"

namespace tallystick::cli {

struct DemoLink {
  std::string partner;  // slugs
  std::string slug;
};

struct DemoUnit {
  std::string merchant_id;
  std::string unit_id;
  std::string exposure_type;
};

struct DemoWorld {
  std::vector<DemoLink> links;
  std::vector<DemoLink> paused_links;  // of a partner that is paused
  std::vector<std::string> placement_ids;
  std::vector<std::string> merchant_ids;
  std::vector<DemoUnit> units;
  std::size_t objects_made = 0;  // the others were there already
};

// Creates what is missing, through the public API; running it again changes nothing.
[[nodiscard]] base::Result<DemoWorld> make_demo_world(ApiClient& api);

}  // namespace tallystick::cli
