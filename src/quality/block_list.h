#pragma once
// The operator's block list (20-quality, `blocked`): networks, referrer hosts, user agents, countries and
// partners. Immutable; thread-safe.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ip.h"
#include "base/uuid.h"
#include "quality/network_list.h"
#include "quality/pattern_set.h"

namespace tallystick::quality {

class BlockList {
 public:
  static constexpr std::size_t kMaxEntries = 100'000;  // of each kind but agents
  static constexpr std::size_t kMaxAgents = 2'000;

  BlockList() = default;

  // TOML: networks, referrers, agents, agent_patterns, countries, partners; all lists of strings. `name` is the
  // file's name in errors. Error code: "bad_block_list".
  [[nodiscard]] static base::Result<BlockList> parse(std::string_view text, const std::string& name);

  [[nodiscard]] bool blocks_address(const base::IpAddress& address) const { return networks_.contains(address); }
  // Any case. "*.spam.example" blocks every host below spam.example, "spam.example" just that host.
  [[nodiscard]] bool blocks_referrer(std::string_view host) const;
  [[nodiscard]] bool blocks_agent(std::string_view user_agent) const;
  [[nodiscard]] bool blocks_country(const std::array<char, 2>& country) const;
  [[nodiscard]] bool blocks_partner(const base::Uuid& id, std::string_view slug) const;
  [[nodiscard]] bool is_empty() const { return entry_count_ == 0; }
  [[nodiscard]] std::size_t entry_count() const { return entry_count_; }

 private:
  NetworkList networks_;
  std::vector<std::string> hosts_;         // sorted, lower case
  std::vector<std::string> parent_hosts_;  // sorted, lower case, without "*."
  std::optional<PatternSet> agents_;
  std::vector<std::array<char, 2>> countries_;  // sorted
  std::vector<base::Uuid> partner_ids_;         // sorted
  std::vector<std::string> partner_slugs_;      // sorted
  std::size_t entry_count_ = 0;
};

}  // namespace tallystick::quality
