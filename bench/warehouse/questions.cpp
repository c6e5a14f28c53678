#include "bench/warehouse/questions.h"

#include <fmt/format.h>

namespace tallystick::bench {
namespace {

constexpr const char* kOverview = R"(
SELECT placement_id, COUNT(*) AS impressions, COUNT(DISTINCT user_id) AS unique_users,
  COUNT(DISTINCT merchant_id) AS unique_merchants
FROM exposure_events WHERE timestamp >= '{start}' GROUP BY placement_id)";

// As in the document, but counted before joining, or after DISTINCT, where the result is the same: kinder to whoever
// has to answer.
constexpr const char* kSlots = R"(
SELECT placement_id, AVG(shown) AS average_slots, MAX(shown) AS most_slots
FROM (SELECT placement_id, session_id, COUNT(*) AS shown
      FROM (SELECT DISTINCT placement_id, session_id, merchant_id FROM exposure_events
            WHERE timestamp >= '{start}' AND session_id IS NOT NULL AND merchant_id IS NOT NULL) AS pairs
      GROUP BY placement_id, session_id) AS sessions
GROUP BY placement_id)";

constexpr const char* kMerchant = R"(
SELECT placement_id, COUNT(*) AS impressions, COUNT(DISTINCT user_id) AS unique_users, AVG(rank_position) AS avg_rank
FROM exposure_events WHERE merchant_id = '{merchant}' AND timestamp >= '{start}'
GROUP BY placement_id ORDER BY impressions DESC)";

constexpr const char* kFunnel = R"(
SELECT i.impressions, c.clicks, v.conversions
FROM (SELECT COUNT(*) AS impressions FROM exposure_events
      WHERE merchant_id = '{merchant}' AND timestamp >= '{start}') AS i
CROSS JOIN (SELECT COUNT(DISTINCT c.click_id) AS clicks
            FROM exposure_events AS e
            JOIN click_events AS c ON e.session_id = c.session_id AND e.merchant_id = c.merchant_id
            WHERE e.merchant_id = '{merchant}' AND e.timestamp >= '{start}') AS c
CROSS JOIN (SELECT COUNT(DISTINCT cv.conversion_id) AS conversions
            FROM exposure_events AS e
            JOIN conversion_events AS cv ON e.user_id = cv.user_id AND e.merchant_id = cv.merchant_id
            WHERE e.merchant_id = '{merchant}' AND e.timestamp >= '{start}'
              AND cv.timestamp BETWEEN e.timestamp AND e.timestamp + INTERVAL '7 days') AS v)";

constexpr const char* kTopMerchants = R"(
SELECT merchant_id, impressions, ROUND(100.0 * impressions / SUM(impressions) OVER (), 2) AS share,
  ROW_NUMBER() OVER (ORDER BY impressions DESC) AS place
FROM (SELECT merchant_id, COUNT(*) AS impressions FROM exposure_events
      WHERE placement_id = '{placement}' AND timestamp >= '{start}' GROUP BY merchant_id) AS counted
ORDER BY impressions DESC LIMIT 10)";

constexpr const char* kHours = R"(
SELECT EXTRACT(HOUR FROM timestamp) AS hour_of_day, COUNT(*) AS impressions
FROM exposure_events WHERE placement_id = '{placement}' AND timestamp >= '{start}'
GROUP BY EXTRACT(HOUR FROM timestamp) ORDER BY hour_of_day)";

constexpr const char* kFrequency = R"(
SELECT shown, COUNT(*) AS users
FROM (SELECT user_id, COUNT(*) AS shown FROM exposure_events
      WHERE merchant_id = '{merchant}' AND timestamp >= '{start}' AND user_id IS NOT NULL GROUP BY user_id) AS people
GROUP BY shown ORDER BY shown)";

constexpr const char* kPerformance = R"(
SELECT i.placement_id, i.impressions, c.clicks, v.conversions,
  ROUND(100.0 * c.clicks / i.impressions, 2) AS ctr, ROUND(100.0 * v.conversions / i.impressions, 2) AS cvr,
  ROUND(1000.0 * v.revenue / i.impressions, 2) AS rpm
FROM (SELECT placement_id, COUNT(*) AS impressions FROM exposure_events
      WHERE timestamp >= '{start}' GROUP BY placement_id) AS i
LEFT JOIN (SELECT e.placement_id AS placement_id, COUNT(DISTINCT c.click_id) AS clicks
           FROM exposure_events AS e
           JOIN click_events AS c ON e.session_id = c.session_id AND e.merchant_id = c.merchant_id
           WHERE e.timestamp >= '{start}'
             AND c.timestamp BETWEEN e.timestamp AND e.timestamp + INTERVAL '1 hour'
           GROUP BY e.placement_id) AS c ON i.placement_id = c.placement_id
LEFT JOIN (SELECT e.placement_id AS placement_id, COUNT(DISTINCT cv.conversion_id) AS conversions,
             SUM(cv.commission_amount) AS revenue
           FROM exposure_events AS e
           JOIN conversion_events AS cv ON e.user_id = cv.user_id AND e.merchant_id = cv.merchant_id
           WHERE e.timestamp >= '{start}'
             AND cv.timestamp BETWEEN e.timestamp AND e.timestamp + INTERVAL '7 days'
           GROUP BY e.placement_id) AS v ON i.placement_id = v.placement_id)";

std::string fill(std::string text, const Subject& subject) {
  const std::pair<std::string_view, const std::string&> words[] = {
      {"{start}", subject.start}, {"{merchant}", subject.merchant_id}, {"{placement}", subject.placement_id}};
  for (const auto& [word, value] : words) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + value.size())) {
      text.replace(at, word.size(), value);
    }
  }
  return text;
}

}  // namespace

std::vector<Question> make_questions(const Subject& subject) {
  const std::string period = fmt::format("?days={}", subject.days);
  const std::string placements = "/api/insights/placements" + period;
  const std::string merchant = "/api/insights/merchants/" + subject.merchant + period;
  const std::string placement = "/api/insights/placements/" + subject.placement + period;
  return {{"placements: overview", placements, fill(kOverview, subject)},
          {"placements: slots filled", placements, fill(kSlots, subject)},
          {"merchant: by placement", merchant, fill(kMerchant, subject)},
          {"merchant: funnel", merchant, fill(kFunnel, subject)},
          {"placement: top merchants", placement, fill(kTopMerchants, subject)},
          {"placement: hours of the day", placement, fill(kHours, subject)},
          {"performance: CTR, CVR, RPM", "/api/insights/performance" + period, fill(kPerformance, subject)},
          {"merchant: frequency",
           "/api/insights/frequency" + period + "&merchant=" + subject.merchant,
           fill(kFrequency, subject)},
          {"partner: performance", "/api/partners/" + subject.partner + "/performance" + period, ""},
          {"newest events", "/api/insights/events?limit=50", ""},
          {"placements: exact recount", placements + "&exact=true", ""}};
}

}  // namespace tallystick::bench
