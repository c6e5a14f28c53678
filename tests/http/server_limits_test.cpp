#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "tests/http/http_fixture.h"

namespace tallystick::http {
namespace {

using testing::HasSubstr;
using testing::Pair;

// Time-outs are short and nothing else happens meanwhile: the test waits for the effect, not for a time.
TEST_F(ServerTest, TimesOutASlowHead) {
  start({.header_timeout_ms = 50});
  RawClient client(port());
  client.send("GET /echo/a HTT");
  const std::string answer = client.read_to_end();
  EXPECT_EQ(status_of(answer), 408);
  EXPECT_EQ(header_of(answer, "Connection"), "close");
}

TEST_F(ServerTest, TimesOutASlowBody) {
  start({.body_timeout_ms = 50});
  RawClient client(port());
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(status_of(client.read_to_end()), 408);
}

TEST_F(ServerTest, ClosesIdleConnectionsSilently) {
  start({.idle_timeout_ms = 50});
  RawClient never_spoke(port());
  RawClient spoke(port());
  spoke.send(get("/echo/a"));
  EXPECT_EQ(status_of(spoke.read_answer()), 200);
  EXPECT_EQ(spoke.read_to_end(), "");
  EXPECT_EQ(never_spoke.read_to_end(), "");
}

TEST_F(ServerTest, DoesNotTimeOutARequestThatWaitsForItsHandler) {
  start({.header_timeout_ms = 40, .body_timeout_ms = 40, .idle_timeout_ms = 40});
  RawClient waiting(port());
  waiting.send(get("/hold/0"));
  ledger_.await_held(1);
  RawClient idle(port());
  EXPECT_EQ(idle.read_to_end(), "");  // the sweep has come by
  release(0);
  EXPECT_EQ(body_of(waiting.read_answer()), "held");
}

TEST_F(ServerTest, ClosesAPeerThatDoesNotRead) {
  start({.write_timeout_ms = 100});
  RawClient client(port());
  client.send(get("/large") + get("/large"));
  // The second one is not even begun: unsent answers pause reading.
  EXPECT_THAT(ledger_.await_written(1), testing::ElementsAre(Pair(1, false)));
}

TEST_F(ServerTest, SendsLargeAnswersToAPeerThatReads) {
  start();
  RawClient client(port());
  client.send(get("/large") + get("/large") + get("/echo/a"));
  EXPECT_EQ(client.read_answer().size() >> 20U, 4U);
  EXPECT_EQ(client.read_answer().size() >> 20U, 4U);
  EXPECT_EQ(status_of(client.read_answer()), 200);
  EXPECT_THAT(ledger_.await_written(2), testing::ElementsAre(Pair(1, true), Pair(1, true)));
}

TEST_F(ServerTest, RefusesConnectionsBeyondTheLimit) {
  start({.max_connections = 2});
  RawClient first(port());
  RawClient second(port());
  first.send(get("/echo/a"));
  second.send(get("/echo/a"));
  EXPECT_EQ(status_of(first.read_answer()), 200);
  EXPECT_EQ(status_of(second.read_answer()), 200);
  RawClient third(port());
  const std::string refused = third.read_to_end();
  EXPECT_EQ(status_of(refused), 503);
  EXPECT_EQ(header_of(refused, "Retry-After"), "1");
}

TEST_F(ServerTest, RefusesJobsBeyondTheQueue) {
  start({.workers = 1, .max_queued_jobs = 1});
  RawClient running(port());
  running.send(get("/block"));
  await_blocked(1);
  RawClient others(port());
  others.send(get("/block") + get("/block"));
  RawClient third(port());
  // The second job is queued once its connection was read; then every further one is refused.
  std::string refused;
  while (status_of(refused) != 503) {
    third.send(get("/echo/a"));
    EXPECT_EQ(status_of(third.read_answer()), 200);
    if (server_->statistics().jobs_queued == 1) {
      third.send(get("/block"));
      refused = third.read_answer();
    }
  }
  EXPECT_EQ(header_of(refused, "Retry-After"), "1");
  EXPECT_THAT(refused, HasSubstr("queue_full"));
  EXPECT_GE(server_->statistics().jobs_refused, 1U);
  unblock();
  EXPECT_EQ(status_of(running.read_answer()), 200);
  EXPECT_EQ(status_of(others.read_answer()), 200);
  EXPECT_EQ(status_of(others.read_answer()), 503);
}

TEST_F(ServerTest, TellsObserversWhatWasWritten) {
  start();
  RawClient client(port());
  client.send(get("/observe/7") + get("/observe/8"));
  EXPECT_EQ(body_of(client.read_answer()), "observed");
  EXPECT_EQ(body_of(client.read_answer()), "observed");
  EXPECT_THAT(ledger_.await_written(2), testing::ElementsAre(Pair(7, true), Pair(8, true)));
}

TEST_F(ServerTest, TellsObserversOfDeadConnections) {
  start();
  RawClient client(port());
  client.send(get("/hold/0") + get("/hold/1"));
  ledger_.await_held(2);
  release(1, &ledger_, 11);  // ready, but its turn never comes
  client.reset();
  EXPECT_THAT(ledger_.await_written(1), testing::ElementsAre(Pair(11, false)));
  release(0, &ledger_, 10);  // after the peer has gone
  EXPECT_THAT(ledger_.await_written(2), testing::ElementsAre(Pair(11, false), Pair(10, false)));
}

TEST_F(ServerTest, DoesNotMixUpConnectionsThatFollowEachOther) {
  start();
  for (std::size_t i = 0; i < 20; ++i) {
    RawClient gone(port());
    gone.send(get("/hold/" + std::to_string(i)));
    ledger_.await_held(i + 1);
    gone.reset();
  }
  RawClient client(port());
  client.send(get("/hold/last"));
  ledger_.await_held(21);
  for (std::size_t i = 0; i < 20; ++i) {
    release(i);
  }
  on_reactor([this] { ledger_.held.at(20).send(200, {}, "text/plain", "mine"); });
  EXPECT_EQ(body_of(client.read_answer()), "mine");
}

TEST_F(ServerTest, StopsGracefully) {
  start();
  RawClient idle(port());
  idle.send(get("/echo/a"));
  EXPECT_EQ(status_of(idle.read_answer()), 200);
  auto pending = std::make_unique<RawClient>(port());
  pending->send(get("/hold/0") + get("/hold/1"));
  ledger_.await_held(2);
  auto working = std::make_unique<RawClient>(port());
  working->send(get("/block"));
  await_blocked(1);
  auto half_sent = std::make_unique<RawClient>(port());
  half_sent->send("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(status_of(half_sent->read_answer()), 100);

  std::thread stopper([this] { stop(); });
  EXPECT_EQ(idle.read_to_end(), "");  // the drain has begun
  half_sent->send("abc");
  EXPECT_EQ(header_of(half_sent->read_to_end(), "Connection"), "close");
  half_sent.reset();
  unblock();
  EXPECT_EQ(header_of(working->read_to_end(), "Connection"), "close");
  working.reset();
  release(1);
  release(0);
  const std::string first = pending->read_answer();
  EXPECT_EQ(header_of(first, "Connection"), "");
  const std::string last = pending->read_to_end();
  EXPECT_EQ(body_of(last), "held");
  EXPECT_EQ(header_of(last, "Connection"), "close");
  pending.reset();
  stopper.join();
  EXPECT_EQ(server_->statistics().connections_open, 0U);
}

TEST_F(ServerTest, GivesUpDrainingAtTheTimeout) {
  start({.drain_timeout_ms = 50});
  RawClient pending(port());
  pending.send(get("/hold/0"));
  ledger_.await_held(1);
  stop();
  EXPECT_EQ(pending.read_to_end(), "");
}

}  // namespace
}  // namespace tallystick::http
