#pragma once
// What visitors do, one request after another: they see placements, click, come from apps, send prefetches, are
// crawlers, refuse consent; some links are forged or expired, some events broken. Pure in its randomness and time.
// One thread; each sender has its own plan and its own visitors.

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "base/random.h"
#include "base/time.h"
#include "base/uuid.h"
#include "cli/demo_world.h"
#include "http/message.h"

namespace tallystick::cli {

enum class DemoKind : std::uint8_t { kClick, kImpression, kExposure, kConversion, kPostback };
inline constexpr std::size_t kDemoKinds = 5;
[[nodiscard]] std::string_view name_of(DemoKind kind);

// One request to send.
struct DemoAction {
  DemoKind kind = DemoKind::kClick;
  http::Method method = http::Method::kGet;
  std::string target = {};  // path and query
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::size_t events = 1;
  bool is_repeat = false;    // of a click that was answered before
  bool is_prefetch = false;  // redirected, but no click that counts
  bool needs_key = false;    // an API key goes with it
  base::Uuid event_id = {};  // of a click
};

struct DemoVisitor {
  std::string session;
  std::string user;
  std::string address;
  std::string_view agent;  // empty: sends none
  enum class Consent : std::uint8_t { kSilent, kGpc, kTcfGiven, kTcfMalformed, kExplicitYes, kExplicitNo };
  Consent consent = Consent::kSilent;
};

class DemoPlan {
 public:
  // `world` and `random` outlive the plan. `sender` keeps the addresses of visitors apart.
  DemoPlan(const DemoWorld& world, base::Random& random, std::size_t sender);

  // Requests for POST /api/links/sign that the next visitors need; empty while there are enough.
  [[nodiscard]] std::vector<boost::json::object> wanted_links(base::Timestamp now);
  // Their targets (path and query), in the same order.
  void give_links(std::vector<std::string> targets);

  // What is sent now. Only after links were given.
  [[nodiscard]] DemoAction next(std::int64_t monotonic_us, base::Timestamp now);

 private:
  enum class Journey : std::uint8_t {
    kReader,
    kHasty,
    kFlood,
    kDirectClick,
    kRepeatedClick,
    kPrefetch,
    kHead,
    kForged,
    kExpired,
    kPaused,
    kExposures,
    kImpressions,
    kBrokenEvents
  };
  struct Prepared {
    Journey journey = Journey::kReader;
    DemoVisitor visitor;
    base::Uuid impression_id;
    base::Uuid click_id;
    std::string placement_id;
    std::string target;  // empty: needs no link
    bool needs_link = false;
  };

  [[nodiscard]] std::uint64_t below(std::uint64_t limit) { return random_.next_u64() % limit; }
  template <typename T>
  [[nodiscard]] const T& pick(const std::vector<T>& items) {
    return items[below(items.size())];
  }
  [[nodiscard]] Journey pick_journey();
  [[nodiscard]] DemoVisitor make_visitor();
  [[nodiscard]] Prepared prepare();
  [[nodiscard]] boost::json::object link_request(const Prepared& prepared, base::Timestamp now);

  [[nodiscard]] DemoAction start(const Prepared& prepared, std::int64_t monotonic_us, base::Timestamp now);
  [[nodiscard]] DemoAction click(const Prepared& prepared) const;
  [[nodiscard]] DemoAction impressions(const Prepared& prepared,
                                       std::size_t count,
                                       bool is_broken,
                                       base::Timestamp now);
  [[nodiscard]] DemoAction exposures(const Prepared& prepared, std::size_t count, bool is_broken, base::Timestamp now);
  [[nodiscard]] DemoAction conversion(const Prepared& prepared, base::Timestamp now);
  [[nodiscard]] DemoAction postback(const Prepared& prepared);
  void add_visitor_headers(const DemoVisitor& visitor, DemoAction& action) const;

  const DemoWorld& world_;
  base::Random& random_;
  std::size_t sender_;
  std::uint64_t visitors_made_ = 0;
  std::optional<DemoVisitor> flooder_;  // one visitor who clicks again and again
  std::deque<Prepared> waiting_;        // for links
  std::deque<Prepared> ready_;
  std::multimap<std::int64_t, DemoAction> due_;  // what follows, by monotonic time
};

}  // namespace tallystick::cli
