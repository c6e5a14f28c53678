#pragma once
// Partners and their links as plain values. A partner is an outside programme that pays for traffic or
// sales; a link is one of its destinations, reached through /go (30-partners, "Records").

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ip.h"
#include "base/money.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::partners {

enum class Network : std::uint8_t { kImpact, kCj, kAwin, kRakuten, kShareasale, kAmazon, kFlexoffers, kGeneric };
[[nodiscard]] std::string_view name_of(Network network);
// Error code: "unknown_network".
[[nodiscard]] base::Result<Network> parse_network(std::string_view text);
// The query parameter in which the network gives our click id back; empty: none is known.
[[nodiscard]] std::string_view default_sub_id_parameter(Network network);

enum class Status : std::uint8_t { kActive, kPaused };
[[nodiscard]] std::string_view name_of(Status status);
// Error code: "unknown_status".
[[nodiscard]] base::Result<Status> parse_status(std::string_view text);

inline constexpr std::int64_t kMinLinkLifetimeS = 60;
inline constexpr std::int64_t kMaxLinkLifetimeS = 30LL * 24 * 3600;
inline constexpr std::int64_t kDefaultLinkLifetimeS = 24LL * 3600;
inline constexpr std::int64_t kMaxToleranceBasisPoints = 10'000;
inline constexpr std::int64_t kDefaultToleranceBasisPoints = 200;
inline constexpr std::int64_t kMaxThrottlePerSecond = 1'000'000;
inline constexpr std::size_t kMaxNameBytes = 200;
inline constexpr std::size_t kMaxTextBytes = 2'000;
inline constexpr std::size_t kMaxAllowedHosts = 100;
inline constexpr std::size_t kMaxPostbackSources = 100;
inline constexpr std::size_t kMaxContacts = 20;
inline constexpr std::size_t kMinPostbackSecretBytes = 16;
inline constexpr std::size_t kMaxPostbackSecretBytes = 256;
inline constexpr std::size_t kMaxSubIdParameterBytes = 64;

struct Contact {
  std::string name;
  std::string email;

  friend bool operator==(const Contact&, const Contact&) = default;
};

struct Partner {
  base::Uuid id;
  std::string slug;  // never changes: signed links carry it
  std::string name;
  Network network = Network::kGeneric;
  Status status = Status::kActive;
  std::vector<std::string> allowed_hosts;  // normal form of hosts.h
  bool allows_http = false;                // destinations may begin with http://
  std::string sub_id_parameter;            // empty: none
  std::string public_page;                 // where a fallback page points to; may be empty
  std::int64_t link_lifetime_s = kDefaultLinkLifetimeS;
  std::int64_t throttle_per_second = 0;  // clicks; 0: unlimited
  base::Currency currency;
  std::string time_zone = "UTC";  // of its reports; an IANA name
  std::int64_t tolerance_basis_points = kDefaultToleranceBasisPoints;
  std::string postback_secret;                    // empty: postbacks carry no HMAC
  std::vector<base::IpNetwork> postback_sources;  // empty: from anywhere
  bool allows_duplicate_postbacks = false;
  std::vector<Contact> contacts;
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::int64_t version = 1;

  friend bool operator==(const Partner&, const Partner&) = default;
};

struct Link {
  base::Uuid id;
  base::Uuid partner_id;
  std::string slug;  // unique within the partner; never changes
  Status status = Status::kActive;
  std::string destination;                 // template of destination.h
  std::optional<base::Uuid> placement_id;  // where a click belongs that names no placement
  std::string disclosure;                  // shown beside the link
  std::string coupon;                      // code that goes with it
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::int64_t version = 1;

  friend bool operator==(const Link&, const Link&) = default;
};

}  // namespace tallystick::partners
