#pragma once
// What the journal records: the events of the product as plain types. They are views: strings point
// into the caller's or the record's bytes. docs/journal-format.md has the binary form, which is the
// Protocol Buffers wire format behind a fixed header (docs/journal.proto).

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "base/ip.h"
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"

namespace tallystick::journal {

enum class RecordKind : std::uint8_t {
  kImpression = 1,
  kClick = 2,
  kConversion = 3,
  kVerdictRevision = 4,
  kForwarding = 5,     // clicks whose 302 was handed to the kernel, or failed
  kDeadLetter = 6,     // an event refused by validation, with its code
  kSecurityEvent = 7,  // a forged link, a host off the allow-list, ...
  kAudit = 8,          // digest of an audit entry
  kLedgerPosting = 9,  // digest of a ledger posting
  kErasure = 10,       // personal fields of the named records are (being) zeroed
  kErasureDone = 11,   // the erasure named was carried out
};

// Some kinds of records: bit i = kind i.
struct RecordKinds {
  std::uint16_t bits = 0;

  constexpr void add(RecordKind kind) { bits = static_cast<std::uint16_t>(bits | 1U << static_cast<unsigned>(kind)); }
  constexpr void add(RecordKinds other) { bits = static_cast<std::uint16_t>(bits | other.bits); }
  [[nodiscard]] constexpr bool has(RecordKind kind) const { return (bits >> static_cast<unsigned>(kind) & 1U) != 0; }
};

enum class VerdictClass : std::uint8_t { kValid = 0, kSuspect = 1, kGivt = 2, kSivt = 3 };

// Bits of Verdict::reasons (20-quality, "Inline verdict"). The order is part of the record form.
enum class Reason : std::uint8_t {
  kUaCrawler = 0,
  kUaMissing = 1,
  kPrefetch = 2,
  kDatacenterIp = 3,
  kBlocked = 4,
  kDuplicateClick = 5,
  kRateIp = 6,
  kRateSession = 7,
  kTooFast = 8,
  kNoImpression = 9,
  kGeoMismatch = 10,
};
inline constexpr std::size_t kReasonCount = 11;

struct Verdict {
  VerdictClass klass = VerdictClass::kValid;
  std::uint32_t reasons = 0;  // bit i = Reason i
  std::uint8_t score = 0;     // 0 clean to 100 certain
  std::uint32_t rules_version = 0;

  void add(Reason reason) { reasons |= 1U << static_cast<unsigned>(reason); }
  [[nodiscard]] bool has(Reason reason) const { return (reasons >> static_cast<unsigned>(reason) & 1U) != 0; }
};

// "ua_crawler", ...; "valid", "suspect", "givt", "sivt".
[[nodiscard]] std::string_view name_of(Reason reason);
[[nodiscard]] std::string_view name_of(VerdictClass klass);
[[nodiscard]] std::string_view name_of(RecordKind kind);

enum class ConsentBasis : std::uint8_t { kDefault = 0, kGpc = 1, kTcf = 2, kExplicit = 3 };
[[nodiscard]] std::string_view name_of(ConsentBasis basis);

struct Consent {
  bool has_analytics = false;
  bool has_marketing = false;
  ConsentBasis basis = ConsentBasis::kDefault;
};

// Coarse class of a user agent, stored whatever the consent.
enum class AgentClass : std::uint8_t {
  kUnknown = 0,
  kDesktop = 1,
  kMobile = 2,
  kTablet = 3,
  kInApp = 4,
  kCrawler = 5,
  kOther = 6
};
[[nodiscard]] std::string_view name_of(AgentClass klass);

// The erasable part of a record, beside the hashed entry. All absent without analytics consent.
struct Personal {
  std::optional<crypto::Digest> user;     // HMAC-SHA-256 with the pepper
  std::optional<crypto::Digest> session;  // HMAC-SHA-256 with the pepper
  std::optional<base::IpAddress> ip;      // truncated: /24 or /48
  std::string_view user_agent;

  [[nodiscard]] bool is_empty() const { return !user && !session && !ip && user_agent.empty(); }
};

enum class ImpressionState : std::uint8_t { kServed = 0, kMeasurable = 1, kViewable = 2 };
enum class ExposureType : std::uint8_t {
  kNone = 0,
  kBanner,
  kLogo,
  kMerchantPage,
  kCard,
  kCarousel,
  kSearchResult,
  kCategoryTile,
  kEmail,
  kPush
};

// Nil UUIDs and empty strings are absent.
struct Impression {
  base::Timestamp occurred_at;
  base::Uuid placement_id;
  base::Uuid merchant_id;
  base::Uuid partner_id;
  base::Uuid exposure_unit_id;
  std::string_view campaign;
  std::string_view article_slug;
  std::string_view flag_variant;
  std::string_view vertical;
  std::string_view algorithm_version;
  std::string_view entry_point;
  std::string_view platform;
  std::string_view country;  // ISO 3166-1 alpha-2
  ImpressionState state = ImpressionState::kServed;
  ExposureType exposure_type = ExposureType::kNone;
  std::uint16_t visible_ratio_permille = 0;
  std::uint32_t visible_ms = 0;
  std::optional<std::uint32_t> rank_position;
  std::optional<std::uint32_t> total_items_in_list;
  bool is_clickable = false;
  AgentClass agent_class = AgentClass::kUnknown;
  Consent consent;
  Verdict verdict;
};

struct Click {
  base::Uuid partner_id;
  base::Uuid link_id;
  base::Uuid placement_id;
  base::Uuid merchant_id;
  base::Uuid impression_id;
  std::string_view campaign;
  std::string_view article_slug;
  std::string_view flag_variant;
  std::string_view sub;
  std::string_view key_id;  // of the key that signed the link
  std::string_view country;
  AgentClass agent_class = AgentClass::kUnknown;
  Consent consent;
  Verdict verdict;
};

enum class ConversionStatus : std::uint8_t { kPending = 0, kApproved = 1, kPaid = 2, kReversed = 3 };
[[nodiscard]] std::string_view name_of(ConversionStatus status);

struct Conversion {
  base::Timestamp occurred_at;
  base::Uuid click_id;
  base::Uuid partner_id;
  base::Uuid merchant_id;
  std::string_view source;  // "api:<key id>" or "postback:<partner slug>"
  std::string_view order_id;
  std::string_view type;            // "sale", "lead", ...
  std::string_view network_status;  // the network's own word
  std::string_view transaction_id;  // the network's
  std::string_view currency;        // ISO 4217
  std::string_view sub;             // the click id as the network returned it, when it is none of ours
  std::int64_t amount_minor = 0;
  std::int64_t commission_minor = 0;
  ConversionStatus status = ConversionStatus::kPending;
  Consent consent;
  Verdict verdict;
};

struct VerdictRevision {
  std::uint64_t sequence = 0;  // of the record judged anew
  base::Uuid event_id;
  RecordKind event_kind = RecordKind::kClick;
  Verdict verdict;
  std::string_view detector;  // "no_impression", a detector's name, or "backtest:<id>"
};

enum class ForwardingState : std::uint8_t { kForwarded = 1, kFailed = 2 };

// Many clicks in one record: a record per click would double the log.
struct Forwarding {
  ForwardingState state = ForwardingState::kForwarded;
  std::span<const std::uint64_t> sequences;  // of click records, ascending
};

struct DeadLetter {
  std::string_view endpoint;  // "impression", "exposure", "conversion", "postback"
  std::string_view code;
  std::string_view detail;
  std::string_view raw;  // the event as JSON, with personal members taken out
};

struct SecurityEvent {
  std::string_view type;    // "link_signature", "destination_host", ...
  std::string_view detail;  // no personal data
  base::Uuid partner_id;
  std::uint32_t suppressed = 0;  // like events since the last record of this type, not recorded singly
};

struct DigestRecord {  // kAudit, kLedgerPosting
  base::Uuid subject_id;
  crypto::Digest digest{};
};

enum class ErasureCause : std::uint8_t { kPerson = 1, kRetention = 2 };

struct Erasure {
  ErasureCause cause = ErasureCause::kPerson;
  // Records whose personal fields are gone, ascending; or, for retention, all below `below_sequence`.
  std::span<const std::uint64_t> sequences;
  std::uint64_t below_sequence = 0;
};

}  // namespace tallystick::journal
