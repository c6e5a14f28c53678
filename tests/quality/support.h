#pragma once
// What the tests of the judge share: a moment, ids by number, an ordinary click, a list of one crawler.

#include <memory>

#include "quality/crawler_matcher.h"
#include "quality/judge.h"

namespace tallystick::quality {

inline constexpr base::Timestamp kStart{1'763'697'600'000'000};  // 2025-11-21T04:00:00Z
inline constexpr std::string_view kBrowser = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";

inline base::Uuid id_of(std::uint64_t number) {
  base::Uuid id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}

inline crypto::Digest session_of(std::uint64_t number) {
  return crypto::sha256(std::to_string(number));
}

// From session 1, for partner "acme" (0xaa), from 192.0.2.1.
inline Evidence make_click(std::uint64_t event, base::Timestamp now) {
  Evidence evidence;
  evidence.kind = EventKind::kClick;
  evidence.now = now;
  evidence.event_id = id_of(event);
  evidence.ip = *base::parse_ip("192.0.2.1");
  evidence.user_agent = kBrowser;
  evidence.session = session_of(1);
  evidence.partner_id = id_of(0xaa);
  evidence.partner_slug = "acme";
  return evidence;
}

inline std::shared_ptr<const CrawlerMatcher> small_crawlers() {
  return std::make_shared<const CrawlerMatcher>(
      *CrawlerMatcher::make(R"([{"pattern": "TestBot", "instances": ["TestBot"]}])", ""));
}

}  // namespace tallystick::quality

namespace tallystick::journal {

inline bool operator==(const Verdict& a, const Verdict& b) {
  return a.klass == b.klass && a.reasons == b.reasons && a.score == b.score;
}

inline void PrintTo(const Verdict& verdict, std::ostream* out) {
  *out << "class " << static_cast<int>(verdict.klass) << ", reasons " << verdict.reasons << ", score "
       << int{verdict.score};
}

}  // namespace tallystick::journal

namespace tallystick::quality {

// A verdict with this one reason.
inline journal::Verdict with(journal::Reason reason, journal::VerdictClass klass, std::uint8_t score) {
  journal::Verdict verdict;
  verdict.add(reason);
  verdict.klass = klass;
  verdict.score = score;
  return verdict;
}

}  // namespace tallystick::quality
