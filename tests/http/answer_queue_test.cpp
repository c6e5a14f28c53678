#include "http/answer_queue.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tallystick::http {
namespace {

class Recorder final : public WriteObserver {
 public:
  void on_written(std::uint64_t tag, bool is_written) override { heard.emplace_back(tag, is_written); }
  std::vector<std::pair<std::uint64_t, bool>> heard;
};

std::string expected_answer(std::size_t number) {
  const std::string body(number % 7, 'b');
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nX-Number: " + std::to_string(number) + "\r\n\r\n" + body;
}

void give(AnswerQueue& queue, std::size_t number, WriteObserver* observer) {
  const std::string header = "X-Number: " + std::to_string(number) + "\r\n";
  const std::string body(number % 7, 'b');
  ASSERT_TRUE(queue.answer(number, {.status = 200, .headers = header, .body = body}, observer, number));
}

std::string take_all(AnswerQueue& queue) {
  std::string bytes;
  queue.take(bytes);
  return bytes;
}

TEST(AnswerQueue, SendsInOrderAndTellsEachObserverOnceHoweverAnswersCome) {
  EXPECT_TRUE(rc::check([] {
    const std::size_t count = *rc::gen::inRange<std::size_t>(1, 40);
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count - 1; i > 0; --i) {
      std::swap(order[i], order[*rc::gen::inRange<std::size_t>(0, i + 1)]);
    }
    AnswerQueue queue;
    Recorder recorder;
    std::string sent;
    std::string expected;
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < count; ++i) {
      RC_ASSERT(queue.open({}) == i);
      expected += expected_answer(i);
      ends.push_back(expected.size());
    }
    for (const std::size_t number : order) {
      give(queue, number, &recorder);
      std::string ready = take_all(queue);
      while (!ready.empty()) {
        const std::size_t piece = *rc::gen::inRange<std::size_t>(1, ready.size() + 1);
        queue.on_sent(piece);
        sent += ready.substr(0, piece);
        ready.erase(0, piece);
        const auto complete =
            std::count_if(ends.begin(), ends.end(), [&](std::size_t end) { return end <= sent.size(); });
        RC_ASSERT(recorder.heard.size() == static_cast<std::size_t>(complete));
      }
    }
    RC_ASSERT(sent == expected);
    RC_ASSERT(queue.open_places() == 0U);
    for (std::size_t i = 0; i < count; ++i) {
      RC_ASSERT(recorder.heard[i] == std::make_pair(std::uint64_t{i}, true));
    }
  }));
}

TEST(AnswerQueue, RefusesASecondAnswer) {
  AnswerQueue queue;
  const std::uint64_t first = queue.open({});
  const std::uint64_t second = queue.open({});
  EXPECT_TRUE(queue.answer(second, {}, nullptr, 0));
  EXPECT_FALSE(queue.answer(second, {}, nullptr, 0));
  EXPECT_TRUE(queue.answer(first, {}, nullptr, 0));
  EXPECT_FALSE(queue.answer(first, {}, nullptr, 0));
  EXPECT_FALSE(queue.answer(99, {}, nullptr, 0));
}

TEST(AnswerQueue, SaysCloseOnTheLastAnswerEvenWhenItIsReadyAlready) {
  AnswerQueue queue;
  const std::uint64_t first = queue.open({});
  const std::uint64_t second = queue.open({});
  EXPECT_TRUE(queue.answer(second, {.status = 204}, nullptr, 0));
  queue.close_after_last();
  EXPECT_FALSE(queue.is_finished());
  EXPECT_TRUE(queue.answer(first, {.status = 204}, nullptr, 0));
  EXPECT_TRUE(queue.is_finished());
  EXPECT_EQ(take_all(queue),
            "HTTP/1.1 204 No Content\r\n\r\n"
            "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(AnswerQueue, TellsObserversOfWhatNeverLeft) {
  AnswerQueue queue;
  Recorder recorder;
  for (std::uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(queue.open({}), i);
  }
  give(queue, 0, &recorder);
  give(queue, 1, &recorder);
  give(queue, 3, &recorder);
  queue.on_sent(expected_answer(0).size() + 1);
  queue.abandon();
  EXPECT_EQ(recorder.heard, (std::vector<std::pair<std::uint64_t, bool>>{{0, true}, {1, false}, {3, false}}));
}

TEST(AnswerQueue, LaysOutWhatEachStatusAllows) {
  const auto text = [](const Answer& answer, const PlaceOptions& options) {
    std::string out;
    serialise(answer, options, out);
    return out;
  };
  const Answer answer{
      .status = 200, .headers = "A: 1\r\n", .content_type = "text/plain", .body = "hi", .date = "Date: d\r\n"};
  EXPECT_EQ(text(answer, {}),
            "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 2\r\nContent-Type: text/plain\r\nA: 1\r\n\r\nhi");
  EXPECT_EQ(text(answer, {.is_head = true, .is_http10 = true}),
            "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Length: 2\r\nContent-Type: text/plain\r\nA: 1\r\n"
            "Connection: keep-alive\r\n\r\n");
  EXPECT_EQ(text({.status = 304, .body = "never"}, {}), "HTTP/1.1 304 Not Modified\r\n\r\n");
  EXPECT_EQ(text({.status = 202}, {.is_cross_origin = true}),
            "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nAccess-Control-Allow-Origin: *\r\n\r\n");
}

}  // namespace
}  // namespace tallystick::http
