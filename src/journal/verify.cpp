#include "journal/verify.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "journal/checkpoint.h"
#include "journal/file.h"
#include "journal/frame.h"
#include "journal/layout.h"
#include "journal/merkle.h"
#include "journal/segment.h"
#include "journal/verify_personal.h"
#include "journal/verify_segment.h"
#include "journal/verify_tree.h"

namespace tallystick::journal {
namespace {

constexpr std::uint64_t kRecordsPerProgress = 65'536;

class Verification {
 public:
  Verification(const VerifyOptions& options, FileSystem& files)
      : options_(options), files_(files), layout_{options.directory}, tree_(files, layout_.tree()) {}

  base::Result<VerifyReport> run();

 private:
  base::Result<void> load_claims();
  base::Result<void> load_checkpoint(const VerifierKey& key);
  base::Result<std::optional<VerifierKey>> load_key();
  base::Result<void> load_state_files();
  base::Result<std::vector<std::uint64_t>> list_kept();
  base::Result<void> read_segment(std::uint64_t first, bool is_last);
  base::Result<void> take_record(ScannedRecord& record, const SegmentFile& segment);
  base::Result<void> cut_torn_tail(SegmentFile& segment);
  base::Result<bool> has_header(const SegmentFile& segment);
  base::Result<void> read_again(ScannedRecord& record, const SegmentFile& segment);
  void check_footer(const SegmentFile& segment);
  base::Result<void> look_for_late_erasures();
  base::Result<void> finish();
  base::Result<std::uint64_t> offset_of(std::uint64_t sequence, std::string& file);
  void set_damage(std::string file, std::uint64_t offset, std::optional<std::uint64_t> sequence, std::string what);
  [[nodiscard]] bool is_damaged() const { return report_.first_damage.has_value(); }

  const VerifyOptions& options_;
  FileSystem& files_;
  const Layout layout_;
  VerifyReport report_;
  TreeCheck tree_;
  std::optional<PersonalCheck> personal_;
  std::optional<Checkpoint> checkpoint_;
  RetentionState retention_;
  std::optional<PendingErasure> pending_;
  std::vector<std::uint64_t> firsts_;
  GroupPosition read_end_;  // in the last segment
  std::vector<std::uint8_t> again_;
  std::uint64_t all_bytes_ = 0;
  base::Timestamp first_received_{INT64_MAX};
  base::Timestamp last_received_{INT64_MIN};
};

void Verification::set_damage(std::string file,
                              std::uint64_t offset,
                              std::optional<std::uint64_t> sequence,
                              std::string what) {
  if (!is_damaged()) {
    report_.first_damage = Damage{std::move(file), offset, sequence, std::move(what)};
  }
}

base::Result<std::optional<VerifierKey>> Verification::load_key() {
  if (!options_.public_key.empty()) {
    TALLY_ASSIGN(VerifierKey key, parse_verifier_key(options_.public_key));
    return std::optional(std::move(key));
  }
  auto text = load_text(files_, layout_.verifier_key());
  if (!text) {
    return base::fail(base::ErrorKind::kNotFound,
                      "verifier_key_missing",
                      "the journal directory has no verifier key; give the one that was published");
  }
  if (text->ends_with('\n')) {
    text->pop_back();
  }
  auto key = parse_verifier_key(*text);
  if (!key || format_verifier_key(*key) != *text) {
    set_damage("verifier-key", 0, std::nullopt, "not a verifier key");
    return std::optional<VerifierKey>();
  }
  return std::optional(std::move(*key));
}

base::Result<void> Verification::load_checkpoint(const VerifierKey& key) {
  const auto note = load_text(files_, layout_.checkpoint());
  if (!note) {
    return note.error().code == "file_missing" ? base::Result<void>() : std::unexpected(note.error());
  }
  auto checkpoint = open_checkpoint_note(*note, key);
  if (!checkpoint) {
    set_damage("checkpoint", 0, std::nullopt, checkpoint.error().message);
    return {};
  }
  checkpoint_ = std::move(*checkpoint);
  report_.checkpoint_size = checkpoint_->size;
  tree_.expect(checkpoint_->size, checkpoint_->root, "checkpoint");
  return {};
}

// The checkpoint is read before the records, so that a journal that goes on writing has them all.
base::Result<void> Verification::load_claims() {
  const bool has_checkpoint = std::filesystem::exists(layout_.checkpoint());
  if (!has_checkpoint && options_.from_checkpoint.empty()) {
    return {};
  }
  TALLY_ASSIGN(const auto key, load_key());
  if (!key) {
    return {};
  }
  TALLY_TRY(load_checkpoint(*key));
  if (!options_.from_checkpoint.empty()) {
    TALLY_ASSIGN(const Checkpoint from, open_checkpoint_note(options_.from_checkpoint, *key));
    tree_.expect(from.size, from.root, "the checkpoint given");
  }
  return {};
}

base::Result<void> Verification::load_state_files() {
  auto retention = load_retention(files_, layout_);
  if (!retention) {
    if (retention.error().kind != base::ErrorKind::kCorrupt) {
      return std::unexpected(retention.error());
    }
    set_damage("retention", 0, std::nullopt, retention.error().message);
    return {};
  }
  retention_ = *retention;
  auto pending = load_pending_erasure(files_, layout_);
  if (!pending) {
    if (pending.error().kind != base::ErrorKind::kCorrupt) {
      return std::unexpected(pending.error());
    }
    set_damage("erasure", 0, std::nullopt, pending.error().message);
    return {};
  }
  pending_ = std::move(*pending);
  return {};
}

base::Result<std::vector<std::uint64_t>> Verification::list_kept() {
  TALLY_ASSIGN(auto firsts, list_segments(layout_.segments()));
  // What retention has begun to drop may still lie there.
  std::erase_if(firsts, [&](std::uint64_t first) { return first < retention_.dropped_below; });
  const bool may_be_empty = retention_.dropped_below == 0 && (!checkpoint_ || checkpoint_->size == 0);
  if (firsts.empty() ? !may_be_empty : firsts.front() != retention_.dropped_below) {
    set_damage(
        "segments/" + segment_name(retention_.dropped_below), 0, retention_.dropped_below, "the segment is missing");
  }
  for (const std::uint64_t first : firsts) {
    std::error_code ignored;
    const auto bytes = std::filesystem::file_size(layout_.segments() / segment_name(first), ignored);
    all_bytes_ += ignored ? 0 : bytes;
  }
  return firsts;
}

// The last segment may end in a torn write, which was never acknowledged and which recovery will cut. It is found by
// its checksums alone, before anything of it is taken.
base::Result<void> Verification::cut_torn_tail(SegmentFile& segment) {
  SegmentScanner scanner(*segment.file, {segment.first, kSegmentHeaderBytes}, segment.size);
  ScannedRecord record;
  GroupPosition cut;
  SegmentFooter footer{segment.first, segment.first, 0, {INT64_MAX}, {INT64_MIN}};
  while (true) {
    TALLY_ASSIGN(const ScanState state, scanner.next(record));
    if (state == ScanState::kEnd) {
      return {};
    }
    if (state == ScanState::kDamaged) {
      cut = scanner.whole();
      footer.end_sequence = cut.sequence;
      footer.body_end = cut.offset;
      TALLY_ASSIGN(segment.is_footer_damaged, has_damaged_footer(segment, footer));
      break;
    }
    if (const auto entry = parse_entry(record.frame.entry)) {
      footer.first_received = std::min(footer.first_received, entry->received_at);
      footer.last_received = std::max(footer.last_received, entry->received_at);
    }
    const bool is_half_erased = pending_ && pending_->covers(record.sequence);
    if (record.frame.state == FrameState::kBadPersonal && !is_half_erased) {
      cut = scanner.group();
      break;
    }
  }
  TALLY_ASSIGN(const std::uint64_t after, durable_after(*segment.file, cut.offset, segment.size));
  const std::uint64_t durable = std::max({checkpoint_ ? checkpoint_->size : 0, scanner.durable_through(), after});
  if (durable <= cut.sequence) {
    TALLY_ASSIGN(const bool is_reserve, is_zero_from(segment, cut.offset));
    report_.unacknowledged_tail_bytes = segment.is_footer_damaged || is_reserve ? 0 : segment.size - cut.offset;
    segment.body_end = cut.offset;
  }
  return {};
}

// What was read while it was zeroed by an erasure that is done by now has become zero; damage has stayed.
base::Result<void> Verification::read_again(ScannedRecord& record, const SegmentFile& segment) {
  again_.resize(record.bytes.size());
  TALLY_TRY(segment.file->read_at(again_, record.offset));
  record.bytes = again_;
  record.frame = parse_frame(again_);
  return {};
}

base::Result<void> Verification::take_record(ScannedRecord& record, const SegmentFile& segment) {
  if (record.frame.state == FrameState::kBadPersonal && !personal_->may_be_half_erased(record.sequence)) {
    TALLY_ASSIGN(auto pending, load_pending_erasure(files_, layout_));
    personal_->set_pending(std::move(pending));
    if (!personal_->may_be_half_erased(record.sequence)) {
      TALLY_TRY(read_again(record, segment));
      if (record.frame.state != FrameState::kWhole) {
        set_damage(segment.name(),
                   record.offset + record.frame.personal_offset,
                   record.sequence,
                   "the personal part does not match its checksum");
      }
    }
  }
  const auto entry = parse_entry(record.frame.entry);
  if (!entry) {
    set_damage(segment.name(), record.offset, record.sequence, "the entry has an unknown form");
    return {};
  }
  first_received_ = std::min(first_received_, entry->received_at);
  last_received_ = std::max(last_received_, entry->received_at);
  if (auto what = personal_->add(record.frame, *entry)) {
    set_damage(segment.name(), record.offset, record.sequence, std::move(*what));
  }
  return tree_.add(leaf_hash(record.frame.entry));
}

void Verification::check_footer(const SegmentFile& segment) {
  if (!segment.footer) {
    if (!segment.is_last || segment.is_footer_damaged) {
      set_damage(segment.name(),
                 segment.is_last ? segment.body_end
                                 : segment.size - std::min<std::uint64_t>(segment.size, kSegmentFooterBytes),
                 std::nullopt,
                 "the segment footer is damaged");
    }
    return;
  }
  const bool is_true =
      segment.footer->end_sequence == tree_.size() &&
      (segment.footer->end_sequence == segment.first ||
       (segment.footer->first_received == first_received_ && segment.footer->last_received == last_received_));
  if (!is_true) {
    set_damage(segment.name(), segment.body_end, tree_.size(), "the segment footer does not describe its records");
  }
}

base::Result<bool> Verification::has_header(const SegmentFile& segment) {
  TALLY_ASSIGN(const HeaderState state, check_header(segment));
  if (state == HeaderState::kTorn && (!checkpoint_ || checkpoint_->size <= segment.first)) {
    report_.unacknowledged_tail_bytes = segment.size;
  } else if (state != HeaderState::kWhole) {
    set_damage(segment.name(), 0, segment.first, "the segment header is damaged");
  }
  return state == HeaderState::kWhole;
}

base::Result<void> Verification::read_segment(std::uint64_t first, bool is_last) {
  TALLY_ASSIGN(SegmentFile segment, open_segment_file(files_, layout_, first, is_last));
  read_end_ = {first, kSegmentHeaderBytes};
  if (first != tree_.size()) {
    set_damage(segment.name(), 0, tree_.size(), "the segment does not begin where the one before ended");
    return {};
  }
  TALLY_ASSIGN(const bool is_whole, has_header(segment));
  if (!is_whole) {
    return {};
  }
  if (is_last && !segment.footer) {
    TALLY_TRY(cut_torn_tail(segment));
  }
  first_received_ = {INT64_MAX};
  last_received_ = {INT64_MIN};
  SegmentScanner scanner(*segment.file, {first, kSegmentHeaderBytes}, segment.body_end);
  ScannedRecord record;
  while (!is_damaged()) {
    TALLY_ASSIGN(const ScanState state, scanner.next(record));
    if (state == ScanState::kDamaged) {
      set_damage(segment.name(), scanner.damage_offset(), scanner.sequence(), scanner.damage());
      return {};
    }
    if (state == ScanState::kEnd) {
      check_footer(segment);
      break;
    }
    TALLY_TRY(take_record(record, segment));
    if (options_.progress && record.sequence % kRecordsPerProgress == 0) {
      options_.progress(report_.bytes + record.offset, all_bytes_);
    }
  }
  report_.bytes += segment.size;
  read_end_ = {tree_.size(), segment.body_end};
  return {};
}

// Where the frame of a record lies: for naming it.
base::Result<std::uint64_t> Verification::offset_of(std::uint64_t sequence, std::string& file) {
  const auto next = std::upper_bound(firsts_.begin(), firsts_.end(), sequence);
  if (next == firsts_.begin()) {
    return 0;
  }
  TALLY_ASSIGN(const SegmentFile segment, open_segment_file(files_, layout_, *(next - 1), false));
  file = segment.name();
  SegmentScanner scanner(*segment.file, {segment.first, kSegmentHeaderBytes}, segment.body_end);
  TALLY_TRY(scanner.skip_to(sequence));
  return scanner.offset();
}

// Erasures that began after their place was read, or in segments that were not there yet, and are done by now. Their
// records were durable before anything was zeroed.
base::Result<void> Verification::look_for_late_erasures() {
  TALLY_ASSIGN(const auto firsts, list_segments(layout_.segments()));
  for (const std::uint64_t first : firsts) {
    if (first < firsts_.back()) {
      continue;
    }
    TALLY_ASSIGN(const SegmentFile segment, open_segment_file(files_, layout_, first, true));
    const GroupPosition start = first == firsts_.back() ? read_end_ : GroupPosition{first, kSegmentHeaderBytes};
    SegmentScanner scanner(*segment.file, start, segment.body_end);
    ScannedRecord record;
    while (true) {
      TALLY_ASSIGN(const ScanState state, scanner.next(record));
      if (state != ScanState::kRecord) {
        break;
      }
      if (const auto entry = parse_entry(record.frame.entry)) {
        personal_->add_late(*entry);
      }
    }
  }
  return {};
}

base::Result<void> Verification::finish() {
  TALLY_ASSIGN(auto of_tree, tree_.find_damage());
  if (of_tree) {
    if (of_tree->file == "segments" && of_tree->sequence) {
      TALLY_ASSIGN(of_tree->offset, offset_of(*of_tree->sequence, of_tree->file));
    }
    report_.first_damage = std::move(of_tree);
    return {};
  }
  TALLY_ASSIGN(auto pending, load_pending_erasure(files_, layout_));
  if (pending) {
    personal_->set_pending(std::move(pending));
  }
  auto finding = personal_->find_damage();
  if (finding && !firsts_.empty()) {
    TALLY_TRY(look_for_late_erasures());
    finding = personal_->find_damage();
  }
  if (finding) {
    Damage damage{"segments", 0, finding->sequence, finding->what};
    TALLY_ASSIGN(damage.offset, offset_of(finding->sequence, damage.file));
    report_.first_damage = std::move(damage);
  }
  return {};
}

base::Result<VerifyReport> Verification::run() {
  TALLY_TRY(load_claims());
  TALLY_TRY(load_state_files());
  if (!is_damaged()) {
    TALLY_ASSIGN(firsts_, list_kept());
  }
  if (is_damaged()) {
    return std::move(report_);
  }
  report_.dropped = retention_.dropped_below;
  TALLY_ASSIGN(const bool has_leaves, tree_.add_stored_leaves(retention_.dropped_below));
  if (!has_leaves) {
    set_damage("tree/level-0", tree_.size() * 32, tree_.size(), "the hashes of dropped records are missing");
    return std::move(report_);
  }
  personal_.emplace(retention_.dropped_below, report_.checkpoint_size, pending_);
  for (std::size_t i = 0; i < firsts_.size() && !is_damaged(); ++i) {
    TALLY_TRY(read_segment(firsts_[i], i + 1 == firsts_.size()));
  }
  if (!is_damaged()) {
    TALLY_TRY(finish());
  }
  report_.records = tree_.size();
  report_.erased = personal_->erased();
  report_.root_hash = base::to_base64(tree_.root());
  return std::move(report_);
}

}  // namespace

base::Result<VerifyReport> verify(const VerifyOptions& options) {
  SystemFiles files;
  if (!std::filesystem::is_directory(Layout{options.directory}.segments())) {
    return base::fail(
        base::ErrorKind::kNotFound, "journal_missing", fmt::format("{} holds no journal", options.directory.string()));
  }
  return Verification(options, files).run();
}

}  // namespace tallystick::journal
