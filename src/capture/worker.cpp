#include "capture/worker.h"

#include <utility>

#include "base/uuid.h"
#include "capture/routes.h"

namespace tallystick::capture {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kPlain = "text/plain; charset=utf-8";
constexpr std::string_view kNoStore = "Cache-Control: no-store\r\n";
constexpr std::size_t kMaxSpareTurns = 16;

void append_result(const StagedEvent& event, bool is_duplicate, std::string& out) {
  out += "{\"event_id\":";
  if (event.event_id.is_nil()) {
    out += "null";
  } else {
    out += '"';
    const std::size_t at = out.size();
    out.resize(at + 36);
    base::format_uuid_into(event.event_id, out.data() + at);
    out += '"';
  }
  if (!event.fault.is_set()) {
    out += is_duplicate ? ",\"status\":\"duplicate\"}" : ",\"status\":\"accepted\"}";
    return;
  }
  out += ",\"status\":\"rejected\",\"code\":\"";
  out += name_of(event.fault.code);
  out += "\",\"detail\":\"";
  append_detail(event.fault, out);
  out += "\"}";
}

}  // namespace

Worker::Worker(Capture& capture, http::ReactorContext& context)
    : capture_(capture),
      context_(context),
      bench_(capture),
      forwarding_(capture.settings().max_forwarding_sequences,
                  capture.settings().forwarding_interval_us,
                  capture.rooms().clock) {
  capture_.enlist(*this);
}

Worker::~Worker() {
  capture_.discharge(*this);
  {
    const std::lock_guard lock(done_mutex_);
    is_stopping_ = true;
  }
  if (!forwarding_.is_empty()) {
    open_turn();
    forwarding_.stage_into(*turn_->batch, capture_.rooms().random);
  }
  if (turn_ != nullptr && !turn_->batch->is_empty()) {
    submit_turn();
  }
  std::unique_lock lock(done_mutex_);
  done_changed_.wait(lock, [this] { return returned_ == submitted_; });
}

void Worker::handle(int inline_tag,
                    const http::RequestView& request,
                    const std::vector<http::PathParameter>& parameters,
                    http::Reply reply) {
  if (outstanding_ >= capture_.settings().max_outstanding) {
    answer_problem(reply, {base::ErrorKind::kUnavailable, "overloaded", "too many requests under way"}, request.path);
    return;
  }
  open_turn();
  const std::size_t before = turn_->outstanding();
  switch (static_cast<InlineTag>(inline_tag)) {
    case InlineTag::kImpression:
      handle_impressions(bench_, request, ImpressionForm::kImpression, std::move(reply));
      break;
    case InlineTag::kExposure:
      handle_impressions(bench_, request, ImpressionForm::kExposure, std::move(reply));
      break;
    case InlineTag::kClick:
      handle_click(bench_, request, parameters, std::move(reply));
      break;
    case InlineTag::kConversion:
      handle_conversions(bench_, request, std::move(reply));
      break;
    case InlineTag::kPostback:
      handle_postback(bench_, request, parameters.empty() ? "" : parameters.front().value, std::move(reply));
      break;
  }
  outstanding_ += turn_->outstanding() - before;
  if (turn_->batch->bytes() >= capture_.settings().max_batch_bytes) {
    submit_turn();
  }
}

void Worker::on_turn_end() {
  if (forwarding_.is_due()) {
    open_turn();
    forwarding_.stage_into(*turn_->batch, capture_.rooms().random);
  }
  if (turn_ == nullptr) {
    return;
  }
  if (turn_->is_empty()) {
    turn_->catalog.reset();  // a request that was answered at once must not hold an old snapshot
    spare_.push_back(std::move(turn_));
  } else {
    submit_turn();
  }
}

void Worker::post_tick() {
  // The reactor ends the turn of this task with on_turn_end, which is all that is wanted.
  context_.post([] {});
}

void Worker::open_turn() {
  if (turn_ != nullptr) {
    return;
  }
  if (spare_.empty()) {
    turn_ = std::make_unique<Turn>();
    turn_->batch = std::make_unique<journal::Batch>();
  } else {
    turn_ = std::move(spare_.back());
    spare_.pop_back();
  }
  turn_->catalog = capture_.rooms().catalog.catalog();
  bench_.turn = turn_.get();
}

void Worker::submit_turn() {
  std::unique_ptr<journal::Batch> batch = std::move(turn_->batch);
  in_flight_.push_back(std::move(turn_));
  bench_.turn = nullptr;
  ++submitted_;
  capture_.rooms().journal.submit(std::move(batch), *this);
}

void Worker::on_batch_done(std::unique_ptr<journal::Batch> batch) {
  const std::lock_guard lock(done_mutex_);
  done_.push_back(std::move(batch));
  ++returned_;
  if (!is_stopping_ && done_.size() == 1) {
    context_.post([this] { take_done(); });
  }
  done_changed_.notify_all();
}

void Worker::take_done() {
  {
    const std::lock_guard lock(done_mutex_);
    std::swap(taken_, done_);
  }
  for (std::unique_ptr<journal::Batch>& batch : taken_) {
    std::unique_ptr<Turn> turn = std::move(in_flight_.front());
    in_flight_.pop_front();
    turn->batch = std::move(batch);
    outstanding_ -= turn->outstanding();
    finish(*turn);
    turn->clear();
    if (spare_.size() < kMaxSpareTurns) {
      spare_.push_back(std::move(turn));
    }
  }
  taken_.clear();
}

void Worker::finish(Turn& turn) {
  if (turn.batch->error()) {
    answer_all_unavailable(turn, *turn.batch->error());
    return;
  }
  for (StagedEvents& request : turn.requests) {
    answer_events(turn, request);
  }
  for (StagedClick& click : turn.clicks) {
    answer_click(turn, click);
  }
  for (StagedPostback& postback : turn.postbacks) {
    constexpr auto kEndpoint = static_cast<std::size_t>(Endpoint::kPostback);
    if (postback.status == 200) {
      const bool is_duplicate = turn.batch->outcome(postback.position) == journal::Outcome::kDuplicate;
      (is_duplicate ? capture_.statistics().duplicate : capture_.statistics().accepted)[kEndpoint].add();
    }
    postback.reply.send(postback.status, kNoStore, kPlain, postback.text);
  }
}

void Worker::answer_events(Turn& turn, StagedEvents& request) {
  std::uint64_t accepted = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t rejected = 0;
  answer_.clear();
  answer_ += "{\"results\":[";
  for (std::size_t i = 0; i < request.count; ++i) {
    const StagedEvent& event = turn.events[request.first + i];
    const bool is_duplicate =
        !event.fault.is_set() && turn.batch->outcome(event.position) == journal::Outcome::kDuplicate;
    ++(event.fault.is_set() ? rejected : is_duplicate ? duplicate : accepted);
    if (i != 0) {
      answer_ += ',';
    }
    append_result(event, is_duplicate, answer_);
  }
  answer_ += "],\"accepted\":" + std::to_string(accepted) + ",\"duplicate\":" + std::to_string(duplicate) +
             ",\"rejected\":" + std::to_string(rejected) + "}";
  const auto endpoint = static_cast<std::size_t>(request.endpoint);
  capture_.statistics().accepted[endpoint].add(accepted);
  capture_.statistics().duplicate[endpoint].add(duplicate);
  request.reply.send(202, kNoStore, kJson, answer_);
}

void Worker::answer_click(Turn& turn, StagedClick& click) {
  const std::string_view headers = std::string_view(turn.text).substr(click.headers, click.headers_size);
  const bool is_new = turn.batch->outcome(click.position) == journal::Outcome::kAccepted;
  const std::uint64_t sequence = turn.batch->sequence(click.position);
  capture_.statistics()
      .of(click.is_prefetch ? ClickOutcome::kPrefetch
          : is_new          ? ClickOutcome::kRedirected
                            : ClickOutcome::kDuplicate)
      .add();
  if (!is_new) {
    click.reply.send(302, headers, {}, {});
    return;
  }
  quality::Judge& judge = capture_.rooms().judge;
  if (!click.impression_id.is_nil() && !judge.has_impression(click.impression_id)) {
    judge.watch_click(click.event_id, click.impression_id, sequence, click.received_at);
  }
  click.reply.send(302, headers, {}, {}, &forwarding_, sequence);
}

void Worker::answer_all_unavailable(Turn& turn, const base::Error& error) {
  const base::Error answer{base::ErrorKind::kUnavailable, error.code, "events cannot be stored now; try again"};
  CaptureStatistics& statistics = capture_.statistics();
  for (StagedEvents& request : turn.requests) {
    statistics.unavailable[static_cast<std::size_t>(request.endpoint)].add();
    answer_problem(request.reply, answer, {});
  }
  for (StagedClick& click : turn.clicks) {
    statistics.of(ClickOutcome::kUnavailable).add();
    answer_problem(click.reply, answer, {});
  }
  for (StagedPostback& postback : turn.postbacks) {
    statistics.unavailable[static_cast<std::size_t>(Endpoint::kPostback)].add();
    postback.reply.send(503, "Retry-After: 1\r\n", kPlain, "cannot be stored now; try again");
  }
}

}  // namespace tallystick::capture
