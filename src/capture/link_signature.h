#pragma once
// Signed links: the canonical string of a redirect, its HMAC-SHA-256 and the checks before it. The rule for other
// programs, with test vectors, is in docs/api/signed-links.md. LinkReader is reusable and allocates nothing once
// its buffers have grown; one thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "base/uuid.h"
#include "capture/parameters.h"
#include "crypto/key_ring.h"
#include "crypto/sha256.h"

namespace tallystick::capture {

inline constexpr std::size_t kSignatureCharacters = 43;  // 32 bytes as base64url without padding

enum class LinkFault : std::uint8_t {
  kNone,
  kBadParameters,     // too many, too long, badly encoded, or one twice
  kMissingParameter,  // exp, kid or sig
  kBadExpiry,
  kUnknownKey,
  kBadSignature,
  kExpired,
};
[[nodiscard]] std::string_view name_of(LinkFault fault);

// Path, '?', and all parameters but `sig`, each percent-encoded as name=value, sorted bytewise, joined with '&'.
// `scratch` is reused memory.
void append_canonical(std::string_view path, const ParameterList& parameters, std::string& scratch, std::string& out);

// Writes the kSignatureCharacters of `digest`.
void write_signature(const crypto::Digest& digest, char* out);
// In constant time; anything but exactly the canonical text of `digest` is false.
[[nodiscard]] bool is_signature_of(const crypto::Digest& digest, std::string_view text);

class LinkReader {
 public:
  // Splits and decodes the query; kNone when exp, kid and sig are there and `exp` is a time.
  [[nodiscard]] LinkFault parse(std::string_view query);
  // After parse(): kNone when the signature is good, whatever the time is now.
  [[nodiscard]] LinkFault verify(std::string_view path, const crypto::HmacKey& key);
  // The whole of it: kExpired only when the signature is good.
  [[nodiscard]] LinkFault check(std::string_view path,
                                std::string_view query,
                                const crypto::KeyRing& keys,
                                base::Timestamp now);

  [[nodiscard]] const ParameterList& parameters() const { return parameters_; }
  [[nodiscard]] std::string_view key_id() const { return parameters_.find("kid"); }
  [[nodiscard]] base::Timestamp expires_at() const { return expires_at_; }

 private:
  ParameterList parameters_;
  std::string canonical_;
  std::string scratch_;
  base::Timestamp expires_at_;
};

struct LinkRequest {
  std::string partner;  // slug
  std::string link;     // slug
  base::Uuid event_id;  // nil: one is made
  base::Timestamp expires_at;
  std::vector<std::pair<std::string, std::string>> parameters;  // decoded; neither exp, kid nor sig
};

struct SignedLink {
  std::string target;  // path and query
  base::Uuid event_id;
  base::Timestamp expires_at;
  std::string key_id;
};

// Error codes: "bad_slug", "reserved_parameter", "bad_parameters".
[[nodiscard]] base::Result<SignedLink> make_signed_link(const LinkRequest& request,
                                                        const crypto::KeyRing& keys,
                                                        base::Timestamp now,
                                                        base::Random& random);

}  // namespace tallystick::capture
