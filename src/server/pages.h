#pragma once
// The few pages for people and robots: welcome, problem explanations, robots.txt, gpc.json, security.txt.

#include "http/router.h"

namespace tallystick::server {

void add_page_routes(http::Router& router);

}  // namespace tallystick::server
