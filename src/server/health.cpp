#include "server/health.h"

#include <exception>
#include <utility>

#include <boost/json.hpp>

namespace tallystick::server {
namespace {

namespace json = boost::json;

HealthState run_check(const std::function<HealthState()>& check) {
  try {
    return check();
  } catch (const std::exception& exception) {
    return {false, exception.what()};
  }
}

}  // namespace

void Health::add(std::string name, bool is_needed, std::function<HealthState()> check) {
  checks_.push_back({std::move(name), is_needed, std::move(check)});
}

void Health::add_switched_off(std::function<std::vector<std::string>()> names) {
  switched_off_.push_back(std::move(names));
}

http::Response Health::readiness() const {
  bool is_ready = true;
  bool is_whole = true;
  json::array checks;
  for (const Check& check : checks_) {
    const HealthState state = run_check(check.check);
    is_ready = is_ready && (state.is_up || !check.is_needed);
    is_whole = is_whole && state.is_up;
    json::object shown{{"name", check.name}, {"state", state.is_up ? "up" : "down"}, {"needed", check.is_needed}};
    if (!state.detail.empty()) {
      shown["detail"] = state.detail;
    }
    checks.push_back(std::move(shown));
  }
  json::array switched_off;
  for (const auto& names : switched_off_) {
    for (const std::string& name : names()) {
      switched_off.push_back(json::string(name));
    }
  }
  const json::object body{{"status",
                           !is_ready  ? "not_ready"
                           : is_whole ? "ready"
                                      : "degraded"},
                          {"checks", std::move(checks)},
                          {"switched_off", std::move(switched_off)}};
  http::Response response = http::json_response(is_ready ? 200 : 503, json::serialize(body));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace tallystick::server
