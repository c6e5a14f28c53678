// rooms: base
// Times, UUIDs, addresses, networks and encodings: what is accepted reads the same when it is written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/encoding.h"
#include "base/ip.h"
#include "base/time.h"
#include "base/uuid.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tallystick::base;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = parse_rfc3339(text)) {
    require(time->us >= 0);
    const auto again = parse_rfc3339(format_rfc3339(*time));
    // The last hours of the year 9999 may fall into the year 10000 in UTC, which cannot be written.
    require((again && *again == *time) || time->us >= 253'402'300'800'000'000);
  }
  if (const auto id = parse_uuid(text)) {
    require(parse_uuid(format_uuid(*id)) == *id);
  }
  if (const auto address = parse_ip(text)) {
    require(parse_ip(format_ip(*address)) == *address);
    require(truncate_ip(truncate_ip(*address)) == truncate_ip(*address));
  }
  if (const auto network = parse_cidr(text)) {
    require(network->contains(network->address));
    require(parse_cidr(format_cidr(*network)) == *network);
  }
  if (const auto bytes = from_base64(text)) {
    require(to_base64(*bytes) == text);
  }
  if (const auto bytes = from_base64url(text)) {
    require(to_base64url(*bytes) == text);
  }
  if (const auto bytes = from_hex(text)) {
    require(bytes->size() * 2 == size);
  }
  if (const auto decoded = percent_decode(text)) {
    require(percent_decode(percent_encode(*decoded)) == *decoded);
  }
  return 0;
}
