#pragma once
// What the demo's answers said, counted by kind and outcome.

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "base/error.h"
#include "cli/demo_plan.h"
#include "http/client.h"

namespace tallystick::cli {

// sent = accepted + duplicate + rejected + refused + failed, always.
struct DemoCounts {
  std::uint64_t sent = 0;
  std::uint64_t accepted = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t rejected = 0;  // the event, by validation
  std::uint64_t refused = 0;   // the whole request: forged, expired, throttled, ...
  std::uint64_t failed = 0;    // no answer, or 5xx: the event may be in the log or not

  void add(const DemoCounts& other);
  [[nodiscard]] bool adds_up() const { return sent == accepted + duplicate + rejected + refused + failed; }
};

struct DemoTally {
  std::array<DemoCounts, kDemoKinds> by_kind{};
  std::map<std::string, std::uint64_t> rejected_by_code;
  std::map<std::string, std::uint64_t> refused_by_code;
  std::map<std::string, std::uint64_t> failed_by_code;
  std::uint64_t requests = 0;

  void add(const DemoTally& other);
  void count(const DemoAction& action, const base::Result<http::ClientResponse>& answer);
  [[nodiscard]] DemoCounts total() const;

 private:
  void count_all(const DemoAction& action, std::uint64_t DemoCounts::*outcome, const std::string& code);
  void count_results(const DemoAction& action, const std::string& body);
};

}  // namespace tallystick::cli
