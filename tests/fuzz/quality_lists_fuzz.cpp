// rooms: quality journal crypto base
// Any bytes as CIDR file, block list and crawler exceptions: refused or taken, and what is taken answers.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/ip.h"
#include "quality/block_list.h"
#include "quality/crawler_matcher.h"
#include "quality/network_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tallystick::quality::BlockList;
  using tallystick::quality::CrawlerMatcher;
  using tallystick::quality::NetworkList;
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      if (const auto list = NetworkList::parse(text, "fuzz")) {
        tallystick::base::IpAddress address;
        for (std::size_t i = 0; i < 16 && i < text.size(); ++i) {
          address.bytes[i] = static_cast<std::uint8_t>(text[i]);
        }
        (void)list->contains(address);
        // A range around the IPv4 block is held in both forms.
        if (list->range_count() > list->network_count() + 1) {
          std::abort();
        }
      } else if (list.error().message.empty()) {
        std::abort();
      }
      break;
    case 1:
      if (const auto list = BlockList::parse(text, "fuzz")) {
        (void)list->blocks_agent(text);
        (void)list->blocks_referrer(text);
      } else if (list.error().message.empty()) {
        std::abort();
      }
      break;
    default: {
      constexpr std::string_view kList = R"([{"pattern": "bot", "instances": ["a bot"]}])";
      const auto matcher = CrawlerMatcher::make(kList, text);
      if (matcher && !matcher->is_crawler("a bot")) {
        std::abort();
      }
    }
  }
  return 0;
}
