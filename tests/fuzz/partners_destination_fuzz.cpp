// rooms: partners access records http crypto base
// Whatever bytes come in, a destination that is accepted has a host that the allow-list can be held against, and its
// text says the same when it is read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "partners/destination.h"
#include "partners/hosts.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tallystick::partners;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto destination = parse_destination(text)) {
    require(parse_host(destination->host).value() == destination->host);
    const auto prefix = (destination->is_https ? "https://" : "http://") + destination->host;
    require(destination->text.starts_with(prefix));
    const auto next = destination->text.size() > prefix.size() ? destination->text[prefix.size()] : '/';
    require(next == '/' || next == '?' || next == '#' || next == ':');
    const auto again = parse_destination(destination->text);
    require(again && again->text == destination->text && again->macros == destination->macros);
  }
  if (const auto allowed = parse_allowed_host(text)) {
    require(parse_allowed_host(*allowed).value() == *allowed);
    const std::vector<std::string> list = {*allowed};
    const bool is_wildcard = allowed->starts_with("*.");
    const std::string name = is_wildcard ? allowed->substr(2) : *allowed;
    require(is_host_allowed(name, list) != is_wildcard);
    require(is_host_allowed("www." + name, list) == is_wildcard);
    require(!is_host_allowed("evil" + name, list));
    require(!is_host_allowed(name + ".evil.net", list));
  }
  return 0;
}
