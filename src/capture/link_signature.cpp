#include "capture/link_signature.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "base/slug.h"

namespace tallystick::capture {
namespace {

constexpr ParameterLimits kLinkLimits{.max_count = 24, .max_name_bytes = 32, .max_value_bytes = 4096};
constexpr std::int64_t kMaxExpirySeconds = 253'402'300'799;  // the end of the year 9999

// [begin, end) of one encoded pair in the scratch text.
struct Extent {
  std::uint32_t begin = 0;
  std::uint32_t length = 0;
};

bool parse_expiry(std::string_view text, base::Timestamp& out) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool is_whole = error == std::errc() && end == text.data() + text.size() && !text.empty() && text[0] != '-';
  if (!is_whole || seconds > kMaxExpirySeconds) {
    return false;
  }
  out.us = seconds * base::kMicrosPerSecond;
  return true;
}

bool is_reserved(std::string_view name) {
  return name == "exp" || name == "kid" || name == "sig";
}

}  // namespace

std::string_view name_of(LinkFault fault) {
  switch (fault) {
    case LinkFault::kNone:
      return "none";
    case LinkFault::kBadParameters:
      return "bad_parameters";
    case LinkFault::kMissingParameter:
      return "missing_parameter";
    case LinkFault::kBadExpiry:
      return "bad_expiry";
    case LinkFault::kUnknownKey:
      return "unknown_key";
    case LinkFault::kBadSignature:
      return "bad_signature";
    case LinkFault::kExpired:
      return "expired";
  }
  return "unknown";
}

void append_canonical(std::string_view path, const ParameterList& parameters, std::string& scratch, std::string& out) {
  std::array<Extent, 64> extents;
  std::size_t count = 0;
  scratch.clear();
  for (const Parameter& parameter : parameters.all()) {
    if (parameter.name == "sig" || count == extents.size()) {
      continue;
    }
    const std::size_t begin = scratch.size();
    base::percent_encode_into(parameter.name, scratch);
    scratch += '=';
    base::percent_encode_into(parameter.value, scratch);
    extents[count++] = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(scratch.size() - begin)};
  }
  const auto text_of = [&](const Extent& extent) {
    return std::string_view(scratch).substr(extent.begin, extent.length);
  };
  std::sort(extents.begin(),
            extents.begin() + static_cast<std::ptrdiff_t>(count),
            [&](const Extent& a, const Extent& b) { return text_of(a) < text_of(b); });
  out.append(path);
  for (std::size_t i = 0; i < count; ++i) {
    out += i == 0 ? '?' : '&';
    out.append(text_of(extents[i]));
  }
}

void write_signature(const crypto::Digest& digest, char* out) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr std::size_t kWholeBytes = 30;  // ten times three bytes as four characters; two bytes as three are left
  for (std::size_t i = 0; i < kWholeBytes; i += 3) {
    const unsigned bits = static_cast<unsigned>(digest[i]) << 16 | static_cast<unsigned>(digest[i + 1]) << 8 |
                          static_cast<unsigned>(digest[i + 2]);
    *out++ = kAlphabet[bits >> 18];
    *out++ = kAlphabet[bits >> 12 & 63U];
    *out++ = kAlphabet[bits >> 6 & 63U];
    *out++ = kAlphabet[bits & 63U];
  }
  const unsigned bits = static_cast<unsigned>(digest[30]) << 10 | static_cast<unsigned>(digest[31]) << 2;
  *out++ = kAlphabet[bits >> 12];
  *out++ = kAlphabet[bits >> 6 & 63U];
  *out++ = kAlphabet[bits & 63U];
}

bool is_signature_of(const crypto::Digest& digest, std::string_view text) {
  std::array<char, kSignatureCharacters> expected{};
  write_signature(digest, expected.data());
  return crypto::constant_time_equal(base::as_bytes({expected.data(), expected.size()}), base::as_bytes(text));
}

LinkFault LinkReader::parse(std::string_view query) {
  if (parameters_.parse(query, kLinkLimits) != ParameterFault::kNone) {
    return LinkFault::kBadParameters;
  }
  if (!parameters_.has("exp") || !parameters_.has("kid") || !parameters_.has("sig")) {
    return LinkFault::kMissingParameter;
  }
  return parse_expiry(parameters_.find("exp"), expires_at_) ? LinkFault::kNone : LinkFault::kBadExpiry;
}

LinkFault LinkReader::verify(std::string_view path, const crypto::HmacKey& key) {
  canonical_.clear();
  append_canonical(path, parameters_, scratch_, canonical_);
  const bool is_good = is_signature_of(key.sign(canonical_), parameters_.find("sig"));
  return is_good ? LinkFault::kNone : LinkFault::kBadSignature;
}

LinkFault LinkReader::check(std::string_view path,
                            std::string_view query,
                            const crypto::KeyRing& keys,
                            base::Timestamp now) {
  if (const LinkFault fault = parse(query); fault != LinkFault::kNone) {
    return fault;
  }
  const auto key = keys.find_verifier(crypto::KeyPurpose::kLink, key_id(), now);
  if (key == nullptr) {
    return LinkFault::kUnknownKey;
  }
  if (const LinkFault fault = verify(path, *key); fault != LinkFault::kNone) {
    return fault;
  }
  return now < expires_at_ ? LinkFault::kNone : LinkFault::kExpired;
}

base::Result<SignedLink> make_signed_link(const LinkRequest& request,
                                          const crypto::KeyRing& keys,
                                          base::Timestamp now,
                                          base::Random& random) {
  if (!base::is_slug(request.partner) || !base::is_slug(request.link)) {
    return base::fail(base::ErrorKind::kUnprocessable, "bad_slug", "partner and link must be slugs");
  }
  const auto signer = keys.signer(crypto::KeyPurpose::kLink);
  SignedLink link;
  link.event_id = request.event_id.is_nil() ? base::make_uuid_v7(now, random) : request.event_id;
  link.expires_at = {request.expires_at.us / base::kMicrosPerSecond * base::kMicrosPerSecond};
  link.key_id = signer.id;
  std::string query;
  for (const auto& [name, value] : request.parameters) {
    if (is_reserved(name) || name.empty()) {
      return base::fail(base::ErrorKind::kUnprocessable,
                        "reserved_parameter",
                        "exp, kid and sig are set by the signer, and a parameter needs a name");
    }
    query += base::percent_encode(name) + "=" + base::percent_encode(value) + "&";
  }
  query += "exp=" + std::to_string(link.expires_at.us / base::kMicrosPerSecond) + "&kid=" + signer.id;
  ParameterList parameters;
  if (const ParameterFault fault = parameters.parse(query, kLinkLimits); fault != ParameterFault::kNone) {
    return base::fail(base::ErrorKind::kUnprocessable, "bad_parameters", std::string(name_of(fault)));
  }
  std::string scratch;
  const std::string path = "/go/" + request.partner + "/" + request.link + "/" + base::format_uuid(link.event_id);
  append_canonical(path, parameters, scratch, link.target);
  std::array<char, kSignatureCharacters> signature{};
  write_signature(signer.key->sign(link.target), signature.data());
  link.target += "&sig=";
  link.target.append(signature.data(), signature.size());
  return link;
}

}  // namespace tallystick::capture
