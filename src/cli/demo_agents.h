#pragma once
// User agents as browsers and crawlers really send them, for the demo.

#include <cstdint>
#include <span>
#include <string_view>

namespace tallystick::cli {

enum class AgentGroup : std::uint8_t { kDesktop, kMobile, kInApp, kCrawler };

[[nodiscard]] std::span<const std::string_view> demo_agents(AgentGroup group);

}  // namespace tallystick::cli
