#pragma once
// A set of IP ranges from a CIDR file, merged and sorted: one lookup is a binary search. Immutable;
// thread-safe.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ip.h"

namespace tallystick::quality {

class NetworkList {
 public:
  static constexpr std::size_t kMaxNetworks = 2'000'000;
  static constexpr std::size_t kMaxErrors = 10;

  NetworkList() = default;
  explicit NetworkList(std::span<const base::IpNetwork> networks);

  // One network or address a line; '#' begins a comment; blank lines are skipped. Error code: "bad_network_list",
  // one line "<name>:<line>: ..." per error.
  [[nodiscard]] static base::Result<NetworkList> parse(std::string_view text, std::string_view name);

  [[nodiscard]] bool contains(const base::IpAddress& address) const;
  [[nodiscard]] bool is_empty() const { return first_v4_.empty() && first_v6_.empty(); }
  // Networks read, and ranges that remained after merging.
  [[nodiscard]] std::size_t network_count() const { return network_count_; }
  [[nodiscard]] std::size_t range_count() const { return first_v4_.size() + first_v6_.size(); }

 private:
  struct Wide {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    friend constexpr auto operator<=>(const Wide&, const Wide&) = default;
  };
  static Wide to_wide(const base::IpAddress& address);

  // Ranges do not touch; first_*[i] <= last_*[i] < first_*[i + 1].
  std::vector<std::uint32_t> first_v4_;
  std::vector<std::uint32_t> last_v4_;
  std::vector<Wide> first_v6_;
  std::vector<Wide> last_v6_;
  std::size_t network_count_ = 0;
};

}  // namespace tallystick::quality
