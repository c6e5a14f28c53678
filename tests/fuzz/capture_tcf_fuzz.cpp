// rooms: capture quality journal records access http crypto base
// Consent strings: any bytes, for several vendors; who asks changes only the vendor's part.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "capture/tcf.h"

namespace capture = tallystick::capture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto nobody = capture::parse_tcf(text, 0);
  for (const unsigned vendor : {1U, 42U, 65'535U}) {
    const auto tcf = capture::parse_tcf(text, vendor);
    if (tcf.has_value() != nobody.has_value() || (tcf && tcf->purpose_consents != nobody->purpose_consents)) {
      std::abort();
    }
  }
  return 0;
}
