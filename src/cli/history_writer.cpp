#include "cli/history_writer.h"

#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "journal/codec.h"

namespace tallystick::cli {
namespace {

using journal::RecordKind;

constexpr std::size_t kBatches = 8;  // one being filled, the others on their way to the disk
constexpr std::size_t kBatchBytes = 1 << 20;

// The ranking changes once a week.
std::string_view algorithm_at(base::Timestamp time) {
  constexpr std::array<std::string_view, 4> kVersions = {"rank-41", "rank-42", "rank-43", "rank-44"};
  return kVersions[static_cast<std::size_t>(time.us / (7 * base::kMicrosPerDay)) % kVersions.size()];
}

std::string_view network_word(journal::ConversionStatus status) {
  switch (status) {
    case journal::ConversionStatus::kPending:
      return "PENDING";
    case journal::ConversionStatus::kApproved:
      return "LOCKED";
    case journal::ConversionStatus::kPaid:
      return "PAID";
    case journal::ConversionStatus::kReversed:
      return "REVERSED";
  }
  return "";
}

journal::DedupeWindow window_of(RecordKind kind) {
  return kind == RecordKind::kImpression                                 ? journal::DedupeWindow::kShort
         : kind == RecordKind::kClick || kind == RecordKind::kConversion ? journal::DedupeWindow::kLong
                                                                         : journal::DedupeWindow::kNone;
}

}  // namespace

std::string history_order_id(std::uint64_t seed, std::uint64_t order) {
  return fmt::format("H{}-{}", seed, order);
}

HistoryWriter::HistoryWriter(journal::Journal& journal,
                             const HistoryWorld& world,
                             std::uint64_t seed,
                             base::Random& random)
    : journal_(journal),
      world_(world),
      seed_(seed),
      random_(random),
      first_sequence_(journal.size()),
      next_sequence_(first_sequence_),
      expected_(first_sequence_) {
  for (std::size_t i = 0; i < kBatches; ++i) {
    free_.push_back(std::make_unique<journal::Batch>());
  }
}

HistoryWriter::~HistoryWriter() {
  wait_for_all();
}

void HistoryWriter::on_batch_done(std::unique_ptr<journal::Batch> batch) {
  const std::lock_guard lock(mutex_);
  if (!failure_ && batch->error()) {
    failure_ = batch->error();
  }
  for (std::size_t i = 0; !failure_ && i < batch->size(); ++i) {
    if (batch->outcome(i) != journal::Outcome::kAccepted || batch->sequence(i) != expected_) {
      failure_ = base::Error{base::ErrorKind::kConflict,
                             "history_misplaced",
                             fmt::format("Record {} came to another place in the log: it holds events of this history "
                                         "already. Use another --seed.",
                                         expected_)};
    }
    ++expected_;
  }
  batch->clear();
  free_.push_back(std::move(batch));
  changed_.notify_one();
}

void HistoryWriter::wait_for_all() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return free_.size() + (batch_ ? 1 : 0) == kBatches; });
}

base::Result<void> HistoryWriter::take_free() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !free_.empty(); });
  if (failure_) {
    return std::unexpected(*failure_);
  }
  batch_ = std::move(free_.back());
  free_.pop_back();
  return {};
}

void HistoryWriter::submit() {
  journal_.submit(std::move(batch_), *this);
}

base::Result<void> HistoryWriter::finish() {
  if (batch_) {
    submit();
  }
  wait_for_all();
  const std::lock_guard lock(mutex_);
  if (failure_) {
    return std::unexpected(*failure_);
  }
  return {};
}

base::Result<void> HistoryWriter::add(const journal::RecordHeader& header, std::string_view personal) {
  if (!batch_) {
    TALLY_TRY(take_free());
  }
  batch_->add(header, fields_, personal, random_);
  ++next_sequence_;
  if (batch_->bytes() >= kBatchBytes) {
    submit();
  }
  return {};
}

base::Result<void> HistoryWriter::write(const HistoryEvent& event) {
  fields_.clear();
  personal_.clear();
  base::Uuid event_id = event.event_id;
  switch (event.kind) {
    case RecordKind::kImpression:
      encode_impression(event);
      break;
    case RecordKind::kClick:
      encode_click(event);
      break;
    case RecordKind::kConversion:
      encode_conversion(event);
      break;
    default:
      encode_revision(event);
      event_id = base::make_uuid_v7(event.received_at, random_);
      break;
  }
  if (event.kind != RecordKind::kVerdictRevision) {
    encode_personal(event.visitor);
  }
  return add({event.kind, window_of(event.kind), event_id, event.received_at}, personal_);
}

base::Result<void> HistoryWriter::write_forwarding(base::Timestamp at,
                                                   const base::Uuid& event_id,
                                                   journal::ForwardingState state,
                                                   std::span<const std::uint64_t> sequences) {
  fields_.clear();
  journal::encode(journal::Forwarding{state, sequences}, fields_);
  return add({RecordKind::kForwarding, journal::DedupeWindow::kNone, event_id, at}, {});
}

void HistoryWriter::encode_personal(const HistoryVisitor& visitor) {
  journal::Personal personal;
  personal.user = visitor.user;
  personal.session = visitor.session;
  if (!visitor.ip.is_unspecified()) {
    personal.ip = visitor.ip;
  }
  personal.user_agent = visitor.user_agent;
  if (!personal.is_empty()) {
    journal::encode(personal, personal_);
  }
}

void HistoryWriter::encode_impression(const HistoryEvent& event) {
  const HistoryPlacement& placement = world_.placements[event.placement];
  journal::Impression out;
  out.occurred_at = event.occurred_at;
  out.placement_id = placement.id;
  out.entry_point = placement.entry_point;
  out.exposure_type = placement.exposure_type;
  out.platform = event.visitor.platform;
  out.country = event.visitor.country;
  out.state = event.state;
  out.visible_ratio_permille = event.visible_ratio_permille;
  out.visible_ms = event.visible_ms;
  out.is_clickable = true;
  out.agent_class = event.visitor.agent_class;
  out.consent = event.visitor.consent;
  out.verdict = event.verdict;
  if (event.merchant != kNoObject) {
    const HistoryMerchant& merchant = world_.merchants[event.merchant];
    out.merchant_id = merchant.id;
    out.vertical = merchant.vertical;
    out.algorithm_version = algorithm_at(event.occurred_at);
    for (const HistoryUnit& unit : merchant.units) {
      if (unit.exposure_type == placement.exposure_type) {
        out.exposure_unit_id = unit.id;
      }
    }
  }
  if (event.partner != kNoObject) {
    out.partner_id = world_.partners[event.partner].id;
  }
  out.campaign = event.campaign;
  out.article_slug = event.article;
  out.flag_variant = event.variant;
  if (event.rank > 0) {
    out.rank_position = static_cast<std::uint32_t>(event.rank);
    out.total_items_in_list = static_cast<std::uint32_t>(event.list_items);
  }
  journal::encode(out, fields_);
}

void HistoryWriter::encode_click(const HistoryEvent& event) {
  journal::Click out;
  out.partner_id = world_.partners[event.partner].id;
  out.link_id = world_.links[event.link].id;
  out.placement_id = world_.placements[event.placement].id;
  if (event.merchant != kNoObject) {
    out.merchant_id = world_.merchants[event.merchant].id;
  }
  out.impression_id = event.related_id;
  out.campaign = event.campaign;
  out.article_slug = event.article;
  out.flag_variant = event.variant;
  out.key_id = "khistory";
  out.country = event.visitor.country;
  out.agent_class = event.visitor.agent_class;
  out.consent = event.visitor.consent;
  out.verdict = event.verdict;
  journal::encode(out, fields_);
}

void HistoryWriter::encode_conversion(const HistoryEvent& event) {
  const HistoryPartner& partner = world_.partners[event.partner];
  order_id_ = history_order_id(seed_, event.order);
  source_.clear();
  transaction_id_.clear();
  journal::Conversion out;
  if (event.is_postback) {
    fmt::format_to(std::back_inserter(source_), "postback:{}", partner.slug);
    fmt::format_to(std::back_inserter(transaction_id_), "T{}", event.order);
    out.network_status = network_word(event.status);
  } else {
    source_ = "api:history";
  }
  out.occurred_at = event.occurred_at;
  out.click_id = event.related_id;
  out.partner_id = partner.id;
  if (event.merchant != kNoObject) {
    out.merchant_id = world_.merchants[event.merchant].id;
  }
  out.source = source_;
  out.order_id = order_id_;
  out.type = "sale";
  out.transaction_id = transaction_id_;
  out.currency = partner.currency.text();
  out.amount_minor = event.amount_minor;
  out.commission_minor = event.commission_minor;
  out.status = event.status;
  out.consent = event.visitor.consent;
  out.verdict = event.verdict;
  journal::encode(out, fields_);
}

void HistoryWriter::encode_revision(const HistoryEvent& event) {
  journal::VerdictRevision out;
  out.sequence = event.revised_sequence;
  out.event_id = event.event_id;
  out.event_kind = event.revised_kind;
  out.verdict = event.verdict;
  out.detector = event.revision.detector;
  journal::encode(out, fields_);
}

}  // namespace tallystick::cli
