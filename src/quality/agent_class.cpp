#include "quality/agent_class.h"

#include <algorithm>
#include <array>
#include <span>

namespace tallystick::quality {

namespace {

using journal::AgentClass;

constexpr std::array<std::string_view, 3> kProducts = {"Mozilla/", "Opera/", "UCWEB/"};

// Tokens that apps put into the agent of the browser inside them.
constexpr std::array<std::string_view, 41> kInApp = {
    "FBAN/",          "FBAV/",       "FB_IAB/",          "MetaIAB",      "Instagram ",  "Barcelona ",
    "Snapchat",       "musical_ly",  "BytedanceWebview", "TikTok",       "trill_",      "[Pinterest/",
    "Pinterest for",  "LinkedInApp", "MicroMessenger",   "KAKAOTALK",    "Line/",       "Twitter for",
    "TwitterAndroid", "GSA/",        "GoogleApp/",       "Gemini",       "Viber/",      "WhatsApp/",
    "Telegram",       "Discord/",    "Slack/",           "Teams/",       "Reddit/",     "DaumApps",
    "NAVER(inapp",    "BAND/",       "YJApp-",           "AlipayClient", "DingTalk",    "QQ/",
    "Weibo",          "baiduboxapp", "XiaoHongShu",      "Flipboard",    "VKAndroidApp"};
constexpr std::array<std::string_view, 20> kScreens = {
    "SMART-TV",    "SmartTV",  "Smart-TV", "HbbTV",  "Web0S",      "webOS/",       "NetCast",
    "AppleTV",     "Apple TV", "GoogleTV", "BRAVIA", " AFT",       "CrKey",        "Roku/",
    "PlayStation", "Nintendo", "Xbox",     "VIDAA",  "Android TV", "OculusBrowser"};
constexpr std::array<std::string_view, 8> kTablets = {
    "iPad", "Tablet", "tablet", "Kindle", "Silk/", "PlayBook", "TouchPad", "Nexus 7"};
constexpr std::array<std::string_view, 12> kMobiles = {"iPhone",
                                                       "iPod",
                                                       "Mobile",
                                                       "Opera Mini",
                                                       "Opera Mobi",
                                                       "IEMobile",
                                                       "BlackBerry",
                                                       "BB10",
                                                       "MIDP",
                                                       "KAIOS",
                                                       "Symbian",
                                                       "UCWEB/"};
constexpr std::array<std::string_view, 6> kDesktops = {
    "Windows NT", "Macintosh", "X11;", "CrOS", "Windows 98", "Linux x86_64"};

bool has_any(std::string_view text, std::span<const std::string_view> tokens) {
  return std::any_of(
      tokens.begin(), tokens.end(), [&](std::string_view token) { return text.find(token) != text.npos; });
}

}  // namespace

bool has_browser_form(std::string_view user_agent) {
  for (const std::string_view product : kProducts) {
    if (!user_agent.starts_with(product)) {
      continue;
    }
    const std::string_view rest = user_agent.substr(product.size());
    const std::size_t comment = rest.find(" (");
    return !rest.empty() && rest[0] >= '0' && rest[0] <= '9' && comment != rest.npos && comment + 2 < rest.size() &&
           rest[comment + 2] != ')';
  }
  return false;
}

AgentClass classify_agent(std::string_view user_agent) {
  if (user_agent.empty()) {
    return AgentClass::kUnknown;
  }
  if (!has_browser_form(user_agent)) {
    return AgentClass::kOther;
  }
  if (has_any(user_agent, kInApp)) {
    return AgentClass::kInApp;
  }
  if (has_any(user_agent, kScreens)) {
    return AgentClass::kOther;
  }
  const bool is_android = user_agent.find("Android") != user_agent.npos;
  const bool is_mobile = has_any(user_agent, kMobiles);
  // Android tablets are those that do not say "Mobile".
  if (has_any(user_agent, kTablets) || (is_android && !is_mobile)) {
    return AgentClass::kTablet;
  }
  if (is_mobile) {
    return AgentClass::kMobile;
  }
  return has_any(user_agent, kDesktops) ? AgentClass::kDesktop : AgentClass::kOther;
}

}  // namespace tallystick::quality
