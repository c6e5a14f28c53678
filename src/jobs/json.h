#pragma once
// The JSON forms of jobs. Pure.

#include <boost/json.hpp>

#include "jobs/model.h"

namespace tallystick::jobs {

// As lists have it: without payload and result, which may be large.
[[nodiscard]] boost::json::object to_summary_json(const Job& job);
// With payload and result.
[[nodiscard]] boost::json::object to_json(const Job& job);

}  // namespace tallystick::jobs
