// rooms: journal base
// Fields of any content: decoding refuses them or gives what encodes to a form that decodes to the same.
#include <cstdlib>
#include <vector>

#include "base/encoding.h"
#include "journal/codec.h"

namespace {

using namespace tallystick;

template <typename Decode>
void check(std::string_view bytes, Decode decode) {
  const auto event = decode(bytes);
  if (!event) {
    return;
  }
  std::string once;
  encode(*event, once);
  const auto again = decode(once);
  std::string twice;
  if (!again) {
    std::abort();
  }
  encode(*again, twice);
  if (once != twice) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = base::as_text({data, size});
  std::vector<std::uint64_t> sequences;
  std::vector<std::uint64_t> other;
  check(bytes, journal::decode_impression);
  check(bytes, journal::decode_click);
  check(bytes, journal::decode_conversion);
  check(bytes, journal::decode_verdict_revision);
  check(bytes, journal::decode_dead_letter);
  check(bytes, journal::decode_security_event);
  check(bytes, journal::decode_digest_record);
  check(bytes, journal::decode_personal);
  (void)journal::decode_forwarding(bytes, sequences);
  (void)journal::decode_erasure(bytes, other);
  return 0;
}
