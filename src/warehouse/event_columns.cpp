#include "warehouse/event_columns.h"

#include <algorithm>
#include <array>
#include <optional>

#include "crypto/sha256.h"
#include "journal/codec.h"

namespace tallystick::warehouse {
namespace {

using enum ColumnType;

constexpr base::Timestamp kLastStorable{4'102'444'799'999'999};  // 2099-12-31T23:59:59.999999Z

// What is counted of an impression comes first, on one cache line (AggregateTally), and a row has two of them.
constexpr auto kImpressionColumns = std::to_array<BlockColumn>({
    {"occurred_at", kDateTime64},
    {"placement_id", kUuid16},
    {"merchant_id", kUuid16},
    {"partner_id", kUuid16},
    {"rank_position", kInt32},
    {"state", kEnum8},
    {"verdict_class", kEnum8},
    {"slots_filled", kUInt16},
    {"user", kUInt64},
    {"session", kUInt64},
    {"log_id", kUInt32Constant},
    {"sequence", kUInt64},
    {"event_id", kUuid},
    {"received_at", kDateTime64},
    {"exposure_unit_id", kUuid},
    {"campaign", kLowCardinality16},
    {"article_slug", kLowCardinality16},
    {"flag_variant", kLowCardinality16},
    {"vertical", kLowCardinality16},
    {"algorithm_version", kLowCardinality16},
    {"entry_point", kLowCardinality16},
    {"platform", kLowCardinality16},
    {"country", kLowCardinality16},
    {"exposure_type", kEnum8},
    {"visible_ratio_permille", kUInt16},
    {"visible_ms", kUInt32},
    {"total_items_in_list", kInt32},
    {"is_clickable", kBool},
    {"agent_class", kEnum8},
    {"consent_analytics", kBool},
    {"consent_marketing", kBool},
    {"consent_basis", kEnum8},
    {"verdict_reasons", kUInt32},
    {"verdict_score", kUInt8},
    {"rules_version", kUInt32},
});
constexpr std::size_t kSlotsFilled = 7;

constexpr auto kClickColumns = std::to_array<BlockColumn>({
    {"log_id", kUInt32},
    {"sequence", kUInt64},
    {"event_id", kUuid},
    {"received_at", kDateTime64},
    {"occurred_at", kDateTime64},
    {"partner_id", kUuid},
    {"link_id", kUuid},
    {"placement_id", kUuid},
    {"merchant_id", kUuid},
    {"impression_id", kUuid},
    {"campaign", kLowCardinality},
    {"article_slug", kLowCardinality},
    {"flag_variant", kLowCardinality},
    {"sub", kString},
    {"key_id", kLowCardinality},
    {"country", kLowCardinality},
    {"agent_class", kEnum8},
    {"consent_analytics", kBool},
    {"consent_marketing", kBool},
    {"consent_basis", kEnum8},
    {"verdict_class", kEnum8},
    {"verdict_reasons", kUInt32},
    {"verdict_score", kUInt8},
    {"rules_version", kUInt32},
    {"user", kUInt64},
    {"session", kUInt64},
});

constexpr auto kConversionColumns = std::to_array<BlockColumn>({
    {"log_id", kUInt32},
    {"sequence", kUInt64},
    {"event_id", kUuid},
    {"received_at", kDateTime64},
    {"occurred_at", kDateTime64},
    {"conversion_key", kUuid},
    {"click_id", kUuid},
    {"partner_id", kUuid},
    {"merchant_id", kUuid},
    {"source", kLowCardinality},
    {"order_id", kString},
    {"type", kLowCardinality},
    {"network_status", kLowCardinality},
    {"transaction_id", kString},
    {"currency", kLowCardinality},
    {"sub", kString},
    {"amount_minor", kInt64},
    {"commission_minor", kInt64},
    {"status", kEnum8},
    {"consent_analytics", kBool},
    {"consent_marketing", kBool},
    {"consent_basis", kEnum8},
    {"verdict_class", kEnum8},
    {"verdict_reasons", kUInt32},
    {"verdict_score", kUInt8},
    {"rules_version", kUInt32},
    {"user", kUInt64},
    {"session", kUInt64},
});

constexpr auto kRevisionColumns = std::to_array<BlockColumn>({
    {"log_id", kUInt32},           {"sequence", kUInt64},   {"received_at", kDateTime64},
    {"revised_sequence", kUInt64}, {"event_id", kUuid},     {"event_kind", kEnum8},
    {"detector", kLowCardinality}, {"old_class", kEnum8},   {"new_class", kEnum8},
    {"new_reasons", kUInt32},      {"new_score", kUInt8},   {"rules_version", kUInt32},
    {"occurred_at", kDateTime64},  {"placement_id", kUuid}, {"merchant_id", kUuid},
    {"partner_id", kUuid},         {"link_id", kUuid},      {"state", kEnum8},
    {"rank_position", kInt32},
});

constexpr auto kForwardingColumns = std::to_array<BlockColumn>({
    {"log_id", kUInt32},
    {"sequence", kUInt64},
    {"received_at", kDateTime64},
    {"click_sequence", kUInt64},
    {"state", kEnum8},
    {"occurred_at", kDateTime64},
    {"partner_id", kUuid},
    {"link_id", kUuid},
    {"placement_id", kUuid},
    {"merchant_id", kUuid},
    {"verdict_class", kEnum8},
});

// The tables give every enumerator its number of the journal.
template <typename Enum>
std::int8_t number_of(Enum value) {
  return static_cast<std::int8_t>(value);
}

[[gnu::always_inline]] inline void append_consent(BlockRow& row, const journal::Consent& consent) {
  row.boolean(consent.has_analytics).boolean(consent.has_marketing).enumerator(number_of(consent.basis));
}

[[gnu::always_inline]] inline void append_verdict(BlockRow& row, const journal::Verdict& verdict) {
  row.enumerator(number_of(verdict.klass)).uint32(verdict.reasons).uint8(verdict.score).uint32(verdict.rules_version);
}

// Inline as BlockRow is.
[[gnu::always_inline]] inline BlockRow& append_head(BlockRow& row, const RowHead& head) {
  return row.uint32(head.log_id).uint64(head.sequence).uuid(head.event_id).time(storable(head.received_at));
}

std::uint64_t first_bytes(const std::optional<crypto::Digest>& pseudonym) {
  std::uint64_t value = 0;
  if (pseudonym) {
    for (std::size_t i = 0; i < 8; ++i) {
      value = value << 8 | (*pseudonym)[i];
    }
  }
  return value;
}

}  // namespace

Block make_impression_block() {
  return Block(kImpressionColumns);
}

Block make_click_block() {
  return Block(kClickColumns);
}

Block make_conversion_block() {
  return Block(kConversionColumns);
}

Block make_revision_block() {
  return Block(kRevisionColumns);
}

Block make_forwarding_block() {
  return Block(kForwardingColumns);
}

base::Timestamp storable(base::Timestamp time) {
  return std::clamp(time, base::Timestamp{0}, kLastStorable);
}

Pseudonyms pseudonyms_of(const journal::Personal& personal) {
  return {first_bytes(personal.user), first_bytes(personal.session)};
}

base::Result<Pseudonyms> pseudonyms_of(const journal::Record& record) {
  if (record.personal.empty()) {
    return Pseudonyms{};
  }
  TALLY_ASSIGN(const journal::Personal personal, journal::decode_personal(record.personal));
  return pseudonyms_of(personal);
}

void append_impression(Block& block, const RowHead& head, const journal::Impression& event, const Pseudonyms& who) {
  BlockRow row = block.row();
  row.time(storable(event.occurred_at))
      .uuid16(event.placement_id)
      .uuid16(event.merchant_id)
      .uuid16(event.partner_id)
      .int32(rank_or_absent(event.rank_position))
      .enumerator(number_of(event.state))
      .enumerator(number_of(event.verdict.klass))
      .uint16(0)
      .uint64(who.user)
      .uint64(who.session)
      .constant(head.log_id)
      .uint64(head.sequence)
      .uuid(head.event_id)
      .time(storable(head.received_at))
      .uuid(event.exposure_unit_id)
      .text(event.campaign)
      .text(event.article_slug)
      .text(event.flag_variant)
      .text(event.vertical)
      .text(event.algorithm_version)
      .text(event.entry_point)
      .text(event.platform)
      .text(event.country)
      .enumerator(number_of(event.exposure_type))
      .uint16(event.visible_ratio_permille)
      .uint32(event.visible_ms)
      .int32(rank_or_absent(event.total_items_in_list))
      .boolean(event.is_clickable)
      .enumerator(number_of(event.agent_class));
  append_consent(row, event.consent);
  row.uint32(event.verdict.reasons).uint8(event.verdict.score).uint32(event.verdict.rules_version).end();
}

void set_slots_filled(Block& block, std::size_t row, std::uint16_t slots_filled) {
  block.replace_uint16(row, kSlotsFilled, slots_filled);
}

void append_click(Block& block, const RowHead& head, const journal::Click& event, const Pseudonyms& who) {
  BlockRow row = block.row();
  append_head(row, head)
      .time(storable(head.received_at))
      .uuid(event.partner_id)
      .uuid(event.link_id)
      .uuid(event.placement_id)
      .uuid(event.merchant_id)
      .uuid(event.impression_id)
      .text(event.campaign)
      .text(event.article_slug)
      .text(event.flag_variant)
      .text(event.sub)
      .text(event.key_id)
      .text(event.country)
      .enumerator(number_of(event.agent_class));
  append_consent(row, event.consent);
  append_verdict(row, event.verdict);
  row.uint64(who.user).uint64(who.session).end();
}

base::Uuid conversion_key_of(const journal::Conversion& event, const base::Uuid& event_id) {
  if (event.order_id.empty() && event.transaction_id.empty()) {
    return event_id;
  }
  constexpr std::string_view kBetween("\0", 1);
  crypto::Sha256 hash;
  hash.update(event.source).update(kBetween).update(event.order_id).update(kBetween).update(event.type);
  if (event.order_id.empty()) {
    hash.update(kBetween).update(event.transaction_id);
  }
  const crypto::Digest digest = hash.finish();
  base::Uuid key;
  std::copy_n(digest.begin(), key.bytes.size(), key.bytes.begin());
  return key;
}

void append_conversion(Block& block, const RowHead& head, const journal::Conversion& event, const Pseudonyms& who) {
  BlockRow row = block.row();
  append_head(row, head)
      .time(storable(event.occurred_at))
      .uuid(conversion_key_of(event, head.event_id))
      .uuid(event.click_id)
      .uuid(event.partner_id)
      .uuid(event.merchant_id)
      .text(event.source)
      .text(event.order_id)
      .text(event.type)
      .text(event.network_status)
      .text(event.transaction_id)
      .text(event.currency)
      .text(event.sub)
      .int64(event.amount_minor)
      .int64(event.commission_minor)
      .enumerator(number_of(event.status));
  append_consent(row, event.consent);
  append_verdict(row, event.verdict);
  row.uint64(who.user).uint64(who.session).end();
}

void append_revision(Block& block, const RevisionRow& row, journal::VerdictClass old_class) {
  block.row()
      .uint32(row.head.log_id)
      .uint64(row.head.sequence)
      .time(storable(row.head.received_at))
      .uint64(row.revised_sequence)
      .uuid(row.event_id)
      .enumerator(number_of(row.event_kind))
      .text(row.detector)
      .enumerator(number_of(old_class))
      .enumerator(number_of(row.verdict.klass))
      .uint32(row.verdict.reasons)
      .uint8(row.verdict.score)
      .uint32(row.verdict.rules_version)
      .time(storable(row.event.occurred_at))
      .uuid(row.event.placement_id)
      .uuid(row.event.merchant_id)
      .uuid(row.event.partner_id)
      .uuid(row.event.link_id)
      .enumerator(number_of(row.event.state))
      .int32(row.event.rank_position)
      .end();
}

void append_forwarding(Block& block,
                       const RowHead& head,
                       std::uint64_t click_sequence,
                       journal::ForwardingState state,
                       const EventDimensions& click) {
  block.row()
      .uint32(head.log_id)
      .uint64(head.sequence)
      .time(storable(head.received_at))
      .uint64(click_sequence)
      .enumerator(number_of(state))
      .time(storable(click.occurred_at))
      .uuid(click.partner_id)
      .uuid(click.link_id)
      .uuid(click.placement_id)
      .uuid(click.merchant_id)
      .enumerator(number_of(click.verdict_class))
      .end();
}

}  // namespace tallystick::warehouse
