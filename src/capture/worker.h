#pragma once
// The capture path of one reactor: stages the records of a turn in a batch, hands it to the journal, and answers when
// it is durable. The reactor's thread, but for on_batch_done and post_tick.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "capture/capture.h"
#include "capture/forwarding.h"
#include "capture/turn.h"
#include "capture/workbench.h"
#include "http/server.h"
#include "journal/batch.h"

namespace tallystick::capture {

class Worker final : public http::ReactorService, private journal::BatchOwner {
 public:
  Worker(Capture& capture, http::ReactorContext& context);
  // Writes what is left of the forwarding log and waits until every batch came back.
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void handle(int inline_tag,
              const http::RequestView& request,
              const std::vector<http::PathParameter>& parameters,
              http::Reply reply) override;
  void on_turn_end() override;

  // Any thread: asks the reactor to look at what waits for its time.
  void post_tick();

 private:
  void on_batch_done(std::unique_ptr<journal::Batch> batch) override;

  void open_turn();
  void submit_turn();
  void take_done();
  void finish(Turn& turn);
  void answer_events(Turn& turn, StagedEvents& request);
  void answer_click(Turn& turn, StagedClick& click);
  void answer_all_unavailable(Turn& turn, const base::Error& error);

  Capture& capture_;
  http::ReactorContext& context_;
  Workbench bench_;
  ForwardingLog forwarding_;
  std::unique_ptr<Turn> turn_;                   // being staged; null when nothing is
  std::deque<std::unique_ptr<Turn>> in_flight_;  // in the order of submission, which is that of their return
  std::vector<std::unique_ptr<Turn>> spare_;
  std::size_t outstanding_ = 0;
  std::string answer_;

  std::mutex done_mutex_;
  std::condition_variable done_changed_;
  std::vector<std::unique_ptr<journal::Batch>> done_;
  std::vector<std::unique_ptr<journal::Batch>> taken_;
  std::size_t returned_ = 0;   // batches since the start
  std::size_t submitted_ = 0;  // the reactor's thread
  bool is_stopping_ = false;
};

}  // namespace tallystick::capture
