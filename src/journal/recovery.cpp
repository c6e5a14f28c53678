#include "journal/recovery.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "journal/checkpoint.h"
#include "journal/recovery_tree.h"

namespace tallystick::journal {
namespace {

constexpr std::size_t kLeavesPerAppend = 8192;

class Recovery {
 public:
  Recovery(const Options& options,
           const base::Clock& clock,
           FileSystem& files,
           const crypto::Ed25519Key& key,
           Tail& tail,
           Tree& tree)
      : options_(options),
        clock_(clock),
        files_(files),
        key_(key),
        tail_(tail),
        tree_(tree),
        layout_{options.directory},
        dedupe_({options.short_window_us, options.long_window_us, options.max_remembered_ids}) {}

  base::Result<Recovered> run();

 private:
  base::Result<void> load_checkpoint();
  base::Result<std::vector<std::uint64_t>> list_kept_segments();
  base::Result<bool> drop_headless_last(std::vector<std::uint64_t>& firsts);
  base::Result<void> open_segments(const std::vector<std::uint64_t>& firsts);
  base::Result<SegmentView> open_sealed(std::uint64_t first, std::uint64_t next);
  base::Result<void> open_active(std::uint64_t first);
  base::Result<GroupPosition> find_whole_end(const File& file, std::uint64_t first, std::uint64_t size);
  void add_active(std::uint64_t first);
  base::Result<void> settle();
  base::Result<void> read_segment(SegmentView& view, GrowingIndex* index);
  base::Result<void> read_segments();
  base::Result<void> check_result() const;

  const Options& options_;
  const base::Clock& clock_;
  FileSystem& files_;
  const crypto::Ed25519Key& key_;
  Tail& tail_;
  Tree& tree_;
  const Layout layout_;
  Dedupe dedupe_;
  Recovered result_{WriterStart{nullptr, nullptr, Dedupe({}), {INT64_MAX}, {INT64_MIN}}, {}, 0, {}, {}};
  Checkpoint checkpoint_;
  std::vector<SegmentView> views_;
  std::unique_ptr<File> active_file_;  // null: the last segment is to be made
  std::uint64_t active_size_ = 0;      // of the file before it is cut
  std::vector<std::filesystem::path> leftovers_;
  std::uint64_t forgotten_ids_ = 0;
};

base::Result<void> Recovery::load_checkpoint() {
  auto note = load_text(files_, layout_.checkpoint());
  if (!note) {
    return note.error().code == "file_missing" ? base::Result<void>() : std::unexpected(std::move(note).error());
  }
  auto checkpoint = open_checkpoint_note(*note, make_verifier_key(options_.origin, key_.public_key()));
  if (!checkpoint) {
    return base::fail(base::ErrorKind::kCorrupt,
                      "journal_corrupt",
                      "The checkpoint is not signed by this journal's key: " + checkpoint.error().message);
  }
  checkpoint_ = *std::move(checkpoint);
  result_.checkpoint_note = *std::move(note);
  result_.checkpoint_size = checkpoint_.size;
  return {};
}

// Also finds what retention had begun to drop, and checks that the oldest kept one is there.
base::Result<std::vector<std::uint64_t>> Recovery::list_kept_segments() {
  TALLY_ASSIGN(result_.retention, load_retention(files_, layout_));
  TALLY_ASSIGN(auto firsts, list_segments(layout_.segments()));
  const std::uint64_t kept = result_.retention.dropped_below;
  while (!firsts.empty() && firsts.front() < kept) {
    leftovers_.push_back(layout_.segments() / segment_name(firsts.front()));
    leftovers_.push_back(layout_.indexes() / index_name(firsts.front()));
    firsts.erase(firsts.begin());
  }
  const bool is_new = firsts.empty() && checkpoint_.size == 0 && kept == 0;
  if (!is_new && (firsts.empty() || firsts.front() != kept)) {
    return segment_corrupt(kept, 0, kept, "the segment is missing");
  }
  return firsts;
}

// A crash while a segment was being created leaves a file without a whole header: nothing can be in it.
base::Result<bool> Recovery::drop_headless_last(std::vector<std::uint64_t>& firsts) {
  const auto path = layout_.segments() / segment_name(firsts.back());
  TALLY_ASSIGN(const auto file, files_.open(path, OpenMode::kRead));
  TALLY_ASSIGN(const std::uint64_t size, file->size());
  std::array<std::uint8_t, kSegmentHeaderBytes> bytes{};
  TALLY_ASSIGN(const std::size_t got, file->read_at(bytes, 0));
  const auto header = parse_segment_header(Bytes(bytes).first(got));
  if (header && header->first_sequence == firsts.back()) {
    return false;
  }
  if (size > kSegmentHeaderBytes || checkpoint_.size > firsts.back()) {
    return segment_corrupt(firsts.back(), 0, firsts.back(), "the segment header is damaged");
  }
  leftovers_.push_back(path);
  firsts.pop_back();
  return true;
}

base::Result<SegmentView> Recovery::open_sealed(std::uint64_t first, std::uint64_t next) {
  TALLY_ASSIGN(const auto file, files_.open(layout_.segments() / segment_name(first), OpenMode::kRead));
  TALLY_ASSIGN(const std::uint64_t size, file->size());
  std::array<std::uint8_t, kSegmentHeaderBytes> head{};
  std::array<std::uint8_t, kSegmentFooterBytes> foot{};
  if (size < head.size() + foot.size()) {
    return segment_corrupt(first, size, first, "the segment is cut short");
  }
  TALLY_TRY(file->read_at(head, 0));
  TALLY_TRY(file->read_at(foot, size - foot.size()));
  const auto header = parse_segment_header(head);
  if (!header || header->first_sequence != first) {
    return segment_corrupt(first, 0, first, "the segment header is damaged");
  }
  const auto footer = parse_segment_footer(foot);
  if (!footer || footer->first_sequence != first || footer->body_end != size - foot.size()) {
    return segment_corrupt(first, size - foot.size(), first, "the segment footer is damaged");
  }
  if (footer->end_sequence != next) {
    return segment_corrupt(footer->end_sequence, 0, footer->end_sequence, "the segment is missing");
  }
  SegmentView view;
  view.first = first;
  view.end = footer->end_sequence;
  view.body_end = footer->body_end;
  view.first_received = footer->first_received;
  view.last_received = footer->last_received;
  view.is_sealed = true;
  return view;
}

base::Result<GroupPosition> Recovery::find_whole_end(const File& file, std::uint64_t first, std::uint64_t size) {
  SegmentScanner scanner(file, {first, kSegmentHeaderBytes}, size);
  ScannedRecord record;
  std::optional<ScannedRecord> bad_personal;
  GroupPosition cut;
  for (;;) {
    TALLY_ASSIGN(const ScanState state, scanner.next(record));
    if (state == ScanState::kEnd) {
      return scanner.whole();
    }
    if (state == ScanState::kDamaged) {
      cut = scanner.whole();
      break;
    }
    const auto& pending = result_.pending_erasure;
    if (record.frame.state == FrameState::kBadPersonal && !(pending && pending->covers(record.sequence))) {
      bad_personal = record;
      cut = scanner.group();
      break;
    }
  }
  const std::uint64_t offset = bad_personal ? bad_personal->offset : scanner.damage_offset();
  const std::uint64_t sequence = bad_personal ? bad_personal->sequence : scanner.sequence();
  TALLY_ASSIGN(const std::uint64_t after, durable_after(file, offset, size));
  const std::uint64_t durable = std::max({checkpoint_.size, scanner.durable_through(), after});
  if (cut.sequence < durable) {
    return segment_corrupt(first, offset, sequence, bad_personal ? "the personal part is damaged" : scanner.damage());
  }
  return cut;
}

base::Result<void> Recovery::open_active(std::uint64_t first) {
  const auto path = layout_.segments() / segment_name(first);
  TALLY_ASSIGN(active_file_, files_.open(path, OpenMode::kReadWrite));
  TALLY_ASSIGN(active_size_, active_file_->size());
  TALLY_ASSIGN(const GroupPosition end, find_whole_end(*active_file_, first, active_size_));
  SegmentView view;
  view.first = first;
  view.end = end.sequence;
  view.body_end = end.offset;
  views_.push_back(std::move(view));
  return {};
}

void Recovery::add_active(std::uint64_t first) {
  SegmentView view;
  view.first = view.end = first;
  views_.push_back(std::move(view));
}

base::Result<void> Recovery::open_segments(const std::vector<std::uint64_t>& firsts) {
  for (std::size_t i = 0; i + 1 < firsts.size(); ++i) {
    TALLY_ASSIGN(auto view, open_sealed(firsts[i], firsts[i + 1]));
    views_.push_back(std::move(view));
  }
  if (firsts.empty()) {
    add_active(result_.retention.dropped_below);
    return {};
  }
  // The last one has a footer when the crash came before its successor was made.
  TALLY_ASSIGN(const auto file, files_.open(layout_.segments() / segment_name(firsts.back()), OpenMode::kRead));
  TALLY_ASSIGN(const std::uint64_t size, file->size());
  std::array<std::uint8_t, kSegmentFooterBytes> foot{};
  if (size >= kSegmentHeaderBytes + kSegmentFooterBytes) {
    TALLY_TRY(file->read_at(foot, size - foot.size()));
    const auto footer = parse_segment_footer(foot);
    if (footer && footer->first_sequence == firsts.back() && footer->body_end == size - foot.size()) {
      TALLY_ASSIGN(auto view, open_sealed(firsts.back(), footer->end_sequence));
      views_.push_back(std::move(view));
      add_active(footer->end_sequence);
      return {};
    }
  }
  return open_active(firsts.back());
}

// The first changes of the segments: before the tree was found good, they may be needed to mend it.
base::Result<void> Recovery::settle() {
  if (!leftovers_.empty()) {
    TALLY_TRY(tree_.tiles->sync());
  }
  for (const auto& path : leftovers_) {
    TALLY_TRY(files_.remove(path));
  }
  const SegmentView& last = views_.back();
  if (!active_file_) {
    TALLY_ASSIGN(
        result_.start.segment,
        SegmentWriter::create(files_, layout_.segments() / segment_name(last.first), {last.first, clock_.now()}));
    return {};
  }
  if (last.body_end < active_size_) {
    TALLY_TRY(active_file_->truncate(last.body_end));
  }
  // What survived in the page cache only was never acknowledged, but is part of the log from now on.
  TALLY_TRY(active_file_->sync());
  result_.start.segment = std::make_unique<SegmentWriter>(std::move(active_file_), last.first, last.body_end);
  return {};
}

// Everything that is derived from a segment, in one pass over it.
base::Result<void> Recovery::read_segment(SegmentView& view, GrowingIndex* index) {
  TALLY_ASSIGN(const auto file, files_.open(layout_.segments() / segment_name(view.first), OpenMode::kRead));
  SegmentScanner scanner(*file, {view.first, kSegmentHeaderBytes}, view.body_end);
  const base::Timestamp now = clock_.now();
  std::vector<crypto::Digest> leaves;
  std::vector<base::Uuid> ids;
  RecordKinds kinds;
  ScannedRecord record;
  GroupPosition group{view.first, kSegmentHeaderBytes};
  const auto end_group = [&] {
    if (index != nullptr) {
      index->add(group, ids, kinds);
    }
    ids.clear();
    kinds = {};
    group = scanner.group();
  };
  for (;;) {
    TALLY_ASSIGN(const ScanState state, scanner.next(record));
    if (state == ScanState::kDamaged) {
      return segment_corrupt(view.first, scanner.damage_offset(), scanner.sequence(), scanner.damage());
    }
    if (state == ScanState::kEnd || leaves.size() == kLeavesPerAppend) {
      TALLY_TRY(tree_.tiles->append(leaves));
      leaves.clear();
    }
    if (state == ScanState::kEnd) {
      end_group();
      break;
    }
    const auto entry = parse_entry(record.frame.entry);
    if (!entry) {
      return segment_corrupt(view.first, record.offset, record.sequence, "the entry has an unknown form");
    }
    if (scanner.group().offset != group.offset) {
      end_group();
    }
    ids.push_back(entry->event_id);
    kinds.add(entry->kind);
    if (record.sequence >= tree_.tiles->size() + leaves.size()) {
      leaves.push_back(leaf_hash(record.frame.entry));
    }
    if (!view.is_sealed) {
      view.first_received = std::min(view.first_received, entry->received_at);
      view.last_received = std::max(view.last_received, entry->received_at);
    }
    if (entry->window != DedupeWindow::kNone && entry->received_at + dedupe_.window_us(entry->window) > now) {
      const RecordHeader header{entry->kind, entry->window, entry->event_id, entry->received_at};
      forgotten_ids_ += dedupe_.insert(header, record.sequence).is_full ? 1 : 0;
    }
  }
  if (scanner.sequence() != view.end) {
    return segment_corrupt(view.first, view.body_end, scanner.sequence(), "the segment has another number of records");
  }
  return {};
}

base::Result<void> Recovery::read_segments() {
  const std::int64_t window_us = std::max(options_.short_window_us, options_.long_window_us);
  for (SegmentView& view : views_) {
    const auto path = layout_.indexes() / index_name(view.first);
    if (view.is_sealed) {
      if (auto index = open_index(path, view.first)) {
        view.index = *std::move(index);
      }
    }
    const bool is_remembered = view.last_received + window_us > clock_.now();
    if (view.index && view.end <= tree_.tiles->size() && !is_remembered) {
      continue;
    }
    auto growing = view.index ? nullptr : std::make_shared<GrowingIndex>(view.first);
    TALLY_TRY(read_segment(view, growing.get()));
    if (growing) {
      view.index = growing;
      if (view.is_sealed) {
        (void)growing->save(files_, path);  // or stays in memory
      } else {
        result_.start.index = growing;
      }
    }
  }
  return {};
}

base::Result<void> Recovery::check_result() const {
  if (tree_.tiles->size() != views_.back().end ||
      (!result_.checkpoint_note.empty() && tree_.tiles->root(checkpoint_.size) != checkpoint_.root)) {
    return base::fail(base::ErrorKind::kCorrupt,
                      "journal_corrupt",
                      fmt::format("The records do not yield the checkpoint of size {}.", checkpoint_.size));
  }
  if (forgotten_ids_ > 0) {
    // Going on would take an event that was acknowledged for a new one (I9).
    return base::fail(base::ErrorKind::kUnavailable,
                      "dedupe_memory_full",
                      fmt::format("The log holds {} event ids within their window, but journal.max_remembered_ids is "
                                  "{}: set it to at least {}.",
                                  dedupe_.size() + forgotten_ids_,
                                  options_.max_remembered_ids,
                                  dedupe_.size() + forgotten_ids_));
  }
  return {};
}

base::Result<Recovered> Recovery::run() {
  TALLY_TRY(load_checkpoint());
  TALLY_ASSIGN(result_.pending_erasure, load_pending_erasure(files_, layout_));
  TALLY_ASSIGN(auto firsts, list_kept_segments());
  std::uint64_t removed = 0;
  if (!firsts.empty()) {
    removed = firsts.back();
    TALLY_ASSIGN(const bool is_removed, drop_headless_last(firsts));
    if (is_removed && firsts.empty() && removed != result_.retention.dropped_below) {
      return segment_corrupt(removed, 0, removed, "the segment is missing");
    }
  }
  TALLY_TRY(open_segments(firsts));
  if (views_.back().end < checkpoint_.size) {
    const SegmentView& last = views_.back();
    return segment_corrupt(last.first, last.body_end, last.end, "records that a checkpoint covers are missing");
  }
  TALLY_ASSIGN(tree_.tiles, recover_tiles(files_, layout_, checkpoint_, views_));
  TALLY_TRY(settle());
  TALLY_TRY(read_segments());
  TALLY_TRY(tree_.tiles->flush());
  TALLY_TRY(check_result());
  const SegmentView& last = views_.back();
  result_.start.first_received = last.first_received;
  result_.start.last_received = last.last_received;
  result_.start.dedupe = std::move(dedupe_);
  for (SegmentView& view : views_) {
    tail_.add_segment(std::move(view));
  }
  return std::move(result_);
}

}  // namespace

base::Result<Recovered> recover(const Options& options,
                                const base::Clock& clock,
                                FileSystem& files,
                                const crypto::Ed25519Key& key,
                                Tail& tail,
                                Tree& tree) {
  return Recovery(options, clock, files, key, tail, tree).run();
}

}  // namespace tallystick::journal
