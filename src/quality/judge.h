#pragma once
// The inline verdict (20-quality): pure in its inputs, its rule set and the judge's own counters; no I/O,
// no allocation to speak of. Thread-safe: reactors share one Judge.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"
#include "journal/event.h"
#include "quality/impression_memory.h"

namespace tallystick::quality {

enum class EventKind : std::uint8_t { kImpression, kClick, kConversion };

// What is known of the request, whatever the consent: used in memory, never stored from here.
struct Evidence {
  EventKind kind = EventKind::kImpression;
  base::Timestamp now;
  base::Uuid event_id;
  base::IpAddress ip;
  std::string_view user_agent;
  std::string_view referrer_host;
  std::optional<crypto::Digest> session;  // hashed
  base::Uuid partner_id;
  std::string_view partner_slug;
  base::Uuid placement_id;
  base::Uuid impression_id;                // clicks: the impression named
  std::span<const std::string> countries;  // allowed by the placement or campaign; empty: any
  bool is_prefetch = false;                // HEAD, Sec-Purpose, Purpose, X-Moz
};

struct Judgement {
  journal::Verdict verdict;
  journal::AgentClass agent_class = journal::AgentClass::kUnknown;
  std::array<char, 2> country{};  // zero bytes: unknown
};

class RuleSet;     // quality/rules.h: limits, lists, crawler patterns; immutable
class JudgeState;  // counters

inline constexpr std::size_t kEventKindCount = 3;
inline constexpr std::size_t kVerdictClassCount = 4;

// What was judged since the start, and what the judge holds in memory; for metrics and /readyz.
struct JudgeStats {
  std::array<std::array<std::uint64_t, kVerdictClassCount>, kEventKindCount> classes{};     // [kind][class]
  std::array<std::array<std::uint64_t, journal::kReasonCount>, kEventKindCount> reasons{};  // [kind][reason]
  std::uint64_t agent_cache_hits = 0;                                                       // with the rules of now
  std::uint64_t agent_cache_misses = 0;
  ImpressionMemory::Use memory;
  MemoryUse addresses;
  MemoryUse sessions;
};

// A rule whose memory was too small for the traffic, so that it let events pass undecided.
struct Degradation {
  journal::Reason reason;
  std::string why;
};

class Judge {
 public:
  // Until set_rules() there are no lists and the limits are the defaults; rules_version is that of such a set.
  Judge();
  // The seed of the tables in memory: for tests and simulations that repeat themselves.
  explicit Judge(std::uint64_t seed);
  ~Judge();
  // Swaps the rules; judgements under way finish with the old ones.
  void set_rules(std::shared_ptr<const RuleSet> rules);
  [[nodiscard]] std::shared_ptr<const RuleSet> rules() const;

  // Judges and counts the event. The same click again gets its verdict anew and is not counted again.
  [[nodiscard]] Judgement judge(const Evidence& evidence);

  // Rebuilds counters at start from the journal, oldest first, without judging.
  void remember_impression(const base::Uuid& event_id, base::Timestamp received_at);
  void remember_click(const base::Uuid& event_id,
                      const base::Uuid& impression_id,
                      const std::optional<crypto::Digest>& session,
                      const base::Uuid& partner_id,
                      base::Timestamp received_at,
                      bool is_valid);

  // Clicks that named an impression which did not arrive within the grace time. Each is returned once.
  struct Orphan {
    base::Uuid event_id;
    base::Uuid impression_id;
    std::uint64_t sequence = 0;
  };
  // Registers a durable click for that watch (its impression had not arrived yet).
  void watch_click(const base::Uuid& event_id,
                   const base::Uuid& impression_id,
                   std::uint64_t sequence,
                   base::Timestamp received_at);
  [[nodiscard]] bool has_impression(const base::Uuid& impression_id) const;
  [[nodiscard]] std::vector<Orphan> take_orphans(base::Timestamp now);

  [[nodiscard]] JudgeStats stats() const;
  // Beside RuleSet::switched_off(): rules that had to pass events because memory ran out, since the start.
  [[nodiscard]] std::vector<Degradation> degradations() const;

 private:
  std::unique_ptr<JudgeState> state_;
};

}  // namespace tallystick::quality
