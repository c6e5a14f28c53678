#pragma once
// What the server stands on, each dependency by name: ready only while everything that capture needs is up.
// Thread-safe once all checks were added.

#include <functional>
#include <string>
#include <vector>

#include "http/message.h"

namespace tallystick::server {

struct HealthState {
  bool is_up = true;
  std::string detail = {};  // for the operator; no secret
};

class Health {
 public:
  // `is_needed`: capture cannot work without it.
  void add(std::string name, bool is_needed, std::function<HealthState()> check);
  // Names of things that are switched off by choice or for want of data; shown, never a failure.
  void add_switched_off(std::function<std::vector<std::string>()> names);

  // 200 or 503: {"status":"ready","checks":[{"name","state","needed","detail"}],"switched_off":[...]}
  [[nodiscard]] http::Response readiness() const;

 private:
  struct Check {
    std::string name;
    bool is_needed;
    std::function<HealthState()> check;
  };
  std::vector<Check> checks_;
  std::vector<std::function<std::vector<std::string>()>> switched_off_;
};

}  // namespace tallystick::server
