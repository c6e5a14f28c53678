#pragma once
// What a made-up history consists of, as plain values: the objects it is about, and its events before they are encoded.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/money.h"
#include "base/time.h"
#include "base/uuid.h"
#include "crypto/sha256.h"
#include "journal/event.h"

namespace tallystick::cli {

struct HistoryPlacement {
  base::Uuid id;
  std::string slug;
  std::string_view entry_point;
  journal::ExposureType exposure_type = journal::ExposureType::kNone;  // none: shows advertisements of partners
  std::size_t slots = 1;
  std::uint64_t weight = 1;            // how often it is seen
  std::uint64_t clicks_per_10000 = 0;  // of what it shows in first place

  [[nodiscard]] bool is_advertisement() const { return exposure_type == journal::ExposureType::kNone; }
  // What has places has ranks: a banner has none.
  [[nodiscard]] bool is_list() const { return slots > 1; }
};

struct HistoryUnit {
  base::Uuid id;
  journal::ExposureType exposure_type = journal::ExposureType::kNone;
};

struct HistoryMerchant {
  base::Uuid id;
  std::string slug;
  std::vector<HistoryUnit> units;
  std::size_t link = 0;  // of its partner
  std::string_view vertical;
  std::uint64_t weight = 1;                  // how often it is shown
  std::uint64_t conversions_per_10000 = 0;   // of its clicks
  std::int64_t usual_amount_hundredths = 0;  // of the currency's main unit
  std::int64_t commission_basis_points = 0;
};

struct HistoryPartner {
  base::Uuid id;
  std::string slug;
  base::Currency currency;
};

struct HistoryLink {
  base::Uuid id;
  std::size_t partner = 0;
};

struct HistoryWorld {
  std::vector<HistoryPartner> partners;
  std::vector<HistoryLink> links;
  std::vector<HistoryPlacement> placements;
  std::vector<HistoryMerchant> merchants;
  std::size_t objects_made = 0;  // the others were there already
};

struct HistorySettings {
  std::uint64_t seed = 1;
  base::Timestamp from;
  base::Timestamp until;     // no longer within it
  std::uint64_t events = 0;  // impressions, clicks and conversions together, exactly
};

inline constexpr std::size_t kNoObject = SIZE_MAX;

// What all events of one visit share.
struct HistoryVisitor {
  std::optional<crypto::Digest> user = {};     // as the server keeps it: a keyed hash
  std::optional<crypto::Digest> session = {};  // the same; absent without analytics consent
  base::IpAddress ip = {};                     // truncated
  std::string_view user_agent = {};
  std::string_view country = {};
  std::string_view platform = {};
  journal::AgentClass agent_class = journal::AgentClass::kUnknown;
  journal::Consent consent = {};
};

// A verdict that is revised some time after the event.
struct HistoryRevision {
  std::int64_t after_us = 0;  // 0: never
  journal::Verdict verdict = {};
  std::string_view detector = {};
};

// Indexes are positions in HistoryWorld, or kNoObject.
struct HistoryEvent {
  journal::RecordKind kind = journal::RecordKind::kImpression;
  base::Timestamp received_at = {};
  base::Timestamp occurred_at = {};
  base::Uuid event_id = {};
  HistoryVisitor visitor = {};
  journal::Verdict verdict = {};
  HistoryRevision revision = {};
  std::size_t placement = kNoObject;
  std::size_t merchant = kNoObject;
  std::size_t link = kNoObject;  // of clicks; its partner is theirs
  std::size_t partner = kNoObject;

  // Impressions.
  std::size_t rank = 0;  // from 1; 0: it has none
  std::size_t list_items = 0;
  journal::ImpressionState state = journal::ImpressionState::kServed;
  std::uint16_t visible_ratio_permille = 0;
  std::uint32_t visible_ms = 0;
  std::string_view campaign = {};  // also of clicks
  std::string_view article = {};
  std::string_view variant = {};

  base::Uuid related_id = {};  // the impression of a click, the click of a conversion
  bool is_forwarding_failed = false;

  // Conversions.
  std::uint64_t order = 0;
  std::int64_t amount_minor = 0;
  std::int64_t commission_minor = 0;
  journal::ConversionStatus status = journal::ConversionStatus::kPending;
  std::optional<journal::ConversionStatus> status_before = {};  // absent: the first event of its conversion
  bool is_postback = false;

  // Revisions of an earlier record; `event_id` is that record's.
  std::uint64_t revised_sequence = 0;
  journal::RecordKind revised_kind = journal::RecordKind::kImpression;
  journal::VerdictClass class_before = journal::VerdictClass::kValid;
};

}  // namespace tallystick::cli
