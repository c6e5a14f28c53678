// rooms: settlement
// A Content-Type and a body, parted by a line end, as a form: parts are views into the body, and few.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "settlement/upload_form.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) {
    return 0;
  }
  const std::string_view body = input.substr(end + 1);
  const auto parts = tallystick::settlement::parse_form(input.substr(0, end), body);
  if (!parts) {
    return 0;
  }
  require(parts->size() <= tallystick::settlement::kMaxFormParts);
  const char* last = body.data();
  for (const auto& part : *parts) {
    require(!part.name.empty());
    require(part.content.data() >= last && part.content.data() + part.content.size() <= body.data() + body.size());
    last = part.content.data() + part.content.size();
  }
  return 0;
}
