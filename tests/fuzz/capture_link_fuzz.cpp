// rooms: capture quality journal records access http crypto base
// Queries of signed links: whatever is read has a canonical form that reads as itself, and no signature is forged by
// it.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "capture/destination.h"
#include "capture/host.h"
#include "capture/link_signature.h"

namespace capture = tallystick::capture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  static const tallystick::crypto::HmacKey key(std::span<const std::uint8_t>{});
  capture::LinkReader reader;
  if (reader.parse(input) == capture::LinkFault::kNone) {
    std::string scratch;
    std::string once;
    std::string twice;
    capture::append_canonical("/go", reader.parameters(), scratch, once);
    capture::ParameterList again;
    if (again.parse(std::string_view(once).substr(4), {}) != capture::ParameterFault::kNone) {
      std::abort();
    }
    capture::append_canonical("/go", again, scratch, twice);
    if (once != twice) {
      std::abort();
    }
    (void)reader.verify("/go", key);
  }
  capture::CatalogPartner partner;
  partner.slug = "p";
  partner.allowed_hosts = {"a.example"};
  partner.sub_id_parameter = "s";
  std::string out;
  capture::DestinationValues values;
  values.sub = input;
  values.click_id = input;
  for (const std::string& text : {std::string("https://a.example/{sub}?x={click_id}#{sub}"), std::string(input)}) {
    out.clear();
    if (capture::append_destination(partner, text, values, out) == capture::DestinationFault::kNone &&
        (out.find_first_of("\r\n\\ ") != std::string::npos || capture::host_of(out).size() != 9)) {
      std::abort();
    }
  }
  return 0;
}
