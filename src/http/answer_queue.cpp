#include "http/answer_queue.h"

#include <array>
#include <charconv>
#include <utility>

#include "http/status.h"

namespace tallystick::http {

namespace {

constexpr std::size_t kInitialPlaces = 8;
constexpr std::size_t kKeptPlaceBytes = 4UZ * 1024;  // what an early answer's buffer may hold on to

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

}  // namespace

void serialise(const Answer& answer, const PlaceOptions& options, std::string& out) {
  const std::string_view reason = reason_phrase(answer.status);
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(answer.status));
  out.push_back(' ');
  out.append(reason).append("\r\n").append(answer.date);
  if (!is_bodiless(answer.status)) {
    out.append("Content-Length: ");
    append_number(out, answer.body.size());
    out.append("\r\n");
    if (!answer.content_type.empty()) {
      out.append("Content-Type: ").append(answer.content_type).append("\r\n");
    }
  }
  out.append(answer.headers);
  if (options.is_cross_origin) {
    out.append("Access-Control-Allow-Origin: *\r\n");
  }
  if (options.is_last) {
    out.append("Connection: close\r\n");
  } else if (options.is_http10) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
  if (!options.is_head && !is_bodiless(answer.status)) {
    out.append(answer.body);
  }
}

std::uint64_t AnswerQueue::open(const PlaceOptions& options) {
  if (open_places() == ring_.size()) {
    grow();
  }
  Place& place = place_at(next_);
  place.options = options;
  place.is_ready = false;
  return next_++;
}

void AnswerQueue::add_raw(std::string_view bytes) {
  const std::uint64_t number = open({});
  if (number == front_) {
    output_.append(bytes);
    laid_out_ += bytes.size();
    ++front_;
    return;
  }
  Place& place = place_at(number);
  place.bytes = bytes;
  place.observer = nullptr;
  place.is_ready = true;
}

bool AnswerQueue::answer(std::uint64_t number, const Answer& answer, WriteObserver* observer, std::uint64_t tag) {
  if (number < front_ || number >= next_ || place_at(number).is_ready) {
    return false;
  }
  Place& place = place_at(number);
  if (number != front_) {
    place.bytes.clear();
    serialise(answer, place.options, place.bytes);
    place.observer = observer;
    place.tag = tag;
    place.is_ready = true;
    return true;
  }
  const std::size_t before = output_.size();
  serialise(answer, place.options, output_);
  laid_out_ += output_.size() - before;
  is_finished_ = is_finished_ || place.options.is_last;
  add_notice(observer, tag);
  ++front_;
  release_front();
  return true;
}

void AnswerQueue::release_front() {
  while (front_ != next_ && place_at(front_).is_ready) {
    Place& place = place_at(front_);
    output_.append(place.bytes);
    laid_out_ += place.bytes.size();
    is_finished_ = is_finished_ || place.options.is_last;
    add_notice(place.observer, place.tag);
    if (place.bytes.capacity() > kKeptPlaceBytes) {
      place.bytes = std::string();
    }
    ++front_;
  }
}

void AnswerQueue::close_after_last() {
  if (front_ == next_) {
    return;
  }
  Place& place = place_at(next_ - 1);
  if (place.options.is_last) {
    return;
  }
  place.options.is_last = true;
  if (place.is_ready) {
    // Laid out early without the line: it goes in before the head's end.
    const std::size_t head_end = place.bytes.find("\r\n\r\n");
    place.bytes.insert(head_end + 2, "Connection: close\r\n");
  }
}

void AnswerQueue::add_notice(WriteObserver* observer, std::uint64_t tag) {
  if (observer != nullptr) {
    notices_.push_back({observer, tag, laid_out_});
  }
}

bool AnswerQueue::on_sent(std::size_t bytes) {
  sent_ += bytes;
  bool is_heard = false;
  while (first_notice_ < notices_.size() && notices_[first_notice_].end <= sent_) {
    const Notice notice = notices_[first_notice_++];
    notice.observer->on_written(notice.tag, true);
    is_heard = true;
  }
  if (first_notice_ == notices_.size()) {
    notices_.clear();
    first_notice_ = 0;
  }
  return is_heard;
}

void AnswerQueue::abandon() {
  while (first_notice_ < notices_.size()) {
    const Notice notice = notices_[first_notice_++];
    notice.observer->on_written(notice.tag, false);
  }
  notices_.clear();
  first_notice_ = 0;
  while (front_ != next_) {
    Place& place = place_at(front_++);
    if (place.is_ready && place.observer != nullptr) {
      place.observer->on_written(place.tag, false);
    }
  }
  output_.clear();
}

void AnswerQueue::grow() {
  std::vector<Place> grown(ring_.empty() ? kInitialPlaces : ring_.size() * 2);
  for (std::uint64_t i = front_; i != next_; ++i) {
    grown[i & (grown.size() - 1)] = std::move(place_at(i));
  }
  ring_ = std::move(grown);
}

}  // namespace tallystick::http
