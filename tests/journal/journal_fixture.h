#pragma once
// A journal in a temporary directory, on a clock that is moved by hand, and shorthands to fill and read it.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "crypto/ed25519.h"
#include "journal/codec.h"
#include "journal/file.h"
#include "journal/journal.h"

namespace tallystick::journal {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tally-journal-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Collects batches; wait() blocks until one more came back.
class Collector final : public BatchOwner {
 public:
  void on_batch_done(std::unique_ptr<Batch> batch) override {
    const std::lock_guard lock(mutex_);
    done_.push_back(std::move(batch));
    ready_.notify_all();
  }
  std::unique_ptr<Batch> wait() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return !done_.empty(); });
    auto batch = std::move(done_.front());
    done_.erase(done_.begin());
    return batch;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<std::unique_ptr<Batch>> done_;
};

inline base::Uuid id_of(std::uint64_t number, std::uint8_t group = 0) {
  base::Uuid id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  id.bytes[0] = 0xE0;
  id.bytes[1] = group;
  return id;
}

inline crypto::Digest digest_of(std::string_view text) {
  return crypto::sha256(text);
}

class JournalTest : public testing::Test {
 protected:
  JournalTest() : key_(crypto::Ed25519Seed{1, 2, 3}) {
    options_.directory = directory_.path() / "journal";
    options_.checkpoint_interval_us = 5 * base::kMicrosPerMilli;
  }

  base::Result<std::unique_ptr<Journal>> try_open() { return Journal::open(options_, clock_, random_, key_); }
  void open() {
    journal_.reset();
    auto opened = try_open();
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = *std::move(opened);
  }

  RecordHeader header(std::uint64_t number, RecordKind kind = RecordKind::kClick) const {
    const auto window = kind == RecordKind::kImpression ? DedupeWindow::kShort
                        : kind == RecordKind::kClick    ? DedupeWindow::kLong
                                                        : DedupeWindow::kNone;
    return {kind, window, id_of(number), clock_.now()};
  }
  static std::string fields(std::string_view campaign) {
    Click click;
    click.campaign = campaign;
    std::string out;
    encode(click, out);
    return out;
  }
  static std::string personal(std::string_view user, std::string_view session, std::string_view agent) {
    Personal personal;
    if (!user.empty()) {
      personal.user = digest_of(user);
    }
    if (!session.empty()) {
      personal.session = digest_of(session);
    }
    personal.user_agent = agent;
    std::string out;
    encode(personal, out);
    return out;
  }
  base::Result<std::uint64_t> append(std::uint64_t number, std::string_view personal_bytes = {}) {
    return journal_->append(header(number), fields("campaign " + std::to_string(number)), personal_bytes);
  }
  std::unique_ptr<Batch> batch_of(std::uint64_t first, std::size_t count) {
    auto batch = std::make_unique<Batch>();
    for (std::size_t i = 0; i < count; ++i) {
      batch->add(header(first + i), fields("c"), personal("user", "session", "agent"), random_);
    }
    return batch;
  }

  // The event ids of all durable records.
  std::vector<base::Uuid> read_ids(std::uint64_t from = 0) {
    std::vector<base::Uuid> ids;
    const auto reader = journal_->make_reader(from);
    Record record;
    for (;;) {
      const auto more = reader->next(record, 0);
      EXPECT_TRUE(more) << (more ? "" : more.error().message);
      if (!more || !*more) {
        return ids;
      }
      ids.push_back(record.event_id);
    }
  }
  std::filesystem::path segment(std::size_t position = 0) const {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(options_.directory / "segments")) {
      paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths.at(position);
  }

  TemporaryDirectory directory_;
  base::ManualClock clock_{{1'795'000'000'000'000}};
  base::SystemRandom random_;
  crypto::Ed25519Key key_;
  Options options_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace tallystick::journal
