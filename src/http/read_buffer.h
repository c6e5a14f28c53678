#pragma once
// The bytes of a connection that were received and not yet used up: one contiguous block that is moved to
// the front or grown only between requests' views. One thread.

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace tallystick::http {

class ReadBuffer {
 public:
  static constexpr std::size_t kInitialBytes = 4UZ * 1024;
  static constexpr std::size_t kKeptBytes = 16UZ * 1024;  // what an idle connection may hold on to

  [[nodiscard]] char* data() { return storage_.get() + begin_; }
  [[nodiscard]] const char* data() const { return storage_.get() + begin_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::string_view view() const { return {data(), size()}; }

  // Room for at least `bytes` (1 or more) behind the content. Invalidates views.
  [[nodiscard]] std::span<char> prepare(std::size_t bytes) {
    if (empty()) {
      begin_ = end_ = 0;
      if (capacity_ > kKeptBytes) {
        storage_.reset();
        capacity_ = 0;
      }
    }
    if (capacity_ - end_ < bytes && begin_ > 0) {
      std::memmove(storage_.get(), storage_.get() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    if (capacity_ - end_ < bytes) {
      std::size_t wanted = capacity_ == 0 ? kInitialBytes : capacity_;
      while (wanted - end_ < bytes) {
        wanted *= 2;
      }
      auto grown = std::make_unique_for_overwrite<char[]>(wanted);
      if (end_ > 0) {
        std::memcpy(grown.get(), storage_.get(), end_);
      }
      storage_ = std::move(grown);
      capacity_ = wanted;
    }
    return {storage_.get() + end_, capacity_ - end_};
  }

  // Content and room of `total` bytes in all, so that a large body does not grow by doubling. Invalidates views.
  void reserve(std::size_t total) {
    if (begin_ + total <= capacity_) {
      return;
    }
    auto exact = std::make_unique_for_overwrite<char[]>(total);
    if (!empty()) {
      std::memcpy(exact.get(), data(), size());
    }
    end_ = size();
    begin_ = 0;
    storage_ = std::move(exact);
    capacity_ = total;
  }

  void commit(std::size_t bytes) { end_ += bytes; }
  void consume(std::size_t bytes) { begin_ += bytes; }

  // Takes out `count` bytes at `position`; what follows moves forward.
  void erase(std::size_t position, std::size_t count) {
    std::memmove(data() + position, data() + position + count, size() - position - count);
    end_ -= count;
  }

 private:
  std::unique_ptr<char[]> storage_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace tallystick::http
