#pragma once
// A file system that runs full, fails or writes short when told to, on top of the real one. Thread-safe.

#include <atomic>
#include <memory>

#include "journal/file.h"

namespace tallystick::journal {

struct Faults {
  std::atomic<std::int64_t> room_bytes = INT64_MAX;  // of segment files; then "disk_full" after a short write
  std::atomic<bool> is_write_failing = false;        // EIO, after half of the bytes
  std::atomic<bool> is_truncate_failing = false;
  std::atomic<int> full_syncs = 0;     // so many syncs answer ENOSPC
  std::atomic<int> failing_syncs = 0;  // so many answer EIO
};

class FailingFiles final : public FileSystem {
 public:
  explicit FailingFiles(std::shared_ptr<Faults> faults) : faults_(std::move(faults)) {}

  base::Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) override {
    TALLY_ASSIGN(auto file, real_.open(path, mode));
    if (path.extension() != ".seg" || mode == OpenMode::kRead) {
      return file;
    }
    return std::make_unique<FailingFile>(std::move(file), faults_);
  }
  base::Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    return real_.rename(from, to);
  }
  base::Result<void> remove(const std::filesystem::path& path) override { return real_.remove(path); }
  base::Result<void> sync_directory(const std::filesystem::path& path) override { return real_.sync_directory(path); }

 private:
  static std::unexpected<base::Error> full() {
    return base::fail(base::ErrorKind::kUnavailable, "disk_full", "No space left on device");
  }
  static std::unexpected<base::Error> broken() {
    return base::fail(base::ErrorKind::kUnavailable, "io_error", "Input/output error");
  }

  class FailingFile final : public File {
   public:
    FailingFile(std::unique_ptr<File> real, std::shared_ptr<Faults> faults)
        : real_(std::move(real)), faults_(std::move(faults)) {}

    base::Result<void> write_at(std::span<const Bytes> parts, std::uint64_t offset) override {
      std::size_t bytes = 0;
      for (const Bytes part : parts) {
        bytes += part.size();
      }
      const bool is_failing = faults_->is_write_failing;
      const std::int64_t room = is_failing ? static_cast<std::int64_t>(bytes / 2) : faults_->room_bytes.load();
      if (static_cast<std::int64_t>(bytes) <= room) {
        if (faults_->room_bytes != INT64_MAX) {
          faults_->room_bytes -= static_cast<std::int64_t>(bytes);
        }
        return real_->write_at(parts, offset);
      }
      auto left = static_cast<std::size_t>(std::max<std::int64_t>(room, 0));
      for (const Bytes part : parts) {
        const Bytes head = part.first(std::min(left, part.size()));
        TALLY_TRY(real_->write_at(std::span(&head, 1), offset));
        offset += head.size();
        left -= head.size();
      }
      return is_failing ? broken() : full();
    }
    base::Result<std::size_t> read_at(std::span<std::uint8_t> out, std::uint64_t offset) const override {
      return real_->read_at(out, offset);
    }
    base::Result<void> sync() override {
      if (faults_->full_syncs > 0) {
        --faults_->full_syncs;
        return full();
      }
      if (faults_->failing_syncs > 0) {
        --faults_->failing_syncs;
        return broken();
      }
      return real_->sync();
    }
    base::Result<void> truncate(std::uint64_t size) override {
      if (faults_->is_truncate_failing) {
        return broken();
      }
      return real_->truncate(size);
    }
    base::Result<std::uint64_t> size() const override { return real_->size(); }

   private:
    std::unique_ptr<File> real_;
    std::shared_ptr<Faults> faults_;
  };

  SystemFiles real_;
  std::shared_ptr<Faults> faults_;
};

}  // namespace tallystick::journal
