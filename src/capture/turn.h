#pragma once
// The requests of one turn of a reactor and the journal batch that holds their records: staged together, durable
// together, answered together. Reusable: clear() keeps the memory. One thread.

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "capture/catalog.h"
#include "capture/event_fault.h"
#include "capture/statistics.h"
#include "http/server.h"
#include "journal/batch.h"

namespace tallystick::capture {

inline constexpr std::uint32_t kNotStaged = std::numeric_limits<std::uint32_t>::max();

// One event of a request, in the request's order. Refused ones have a fault; their position is the dead letter's.
struct StagedEvent {
  base::Uuid event_id = {};  // nil: it had none that could be read
  EventFault fault = {};
  std::uint32_t position = kNotStaged;  // in the batch
};

struct StagedEvents {
  http::Reply reply;
  Endpoint endpoint = Endpoint::kImpression;
  std::size_t first = 0;  // in Turn::events
  std::size_t count = 0;
};

struct StagedClick {
  http::Reply reply;
  std::uint32_t position = 0;
  std::size_t headers = 0;  // in Turn::text
  std::size_t headers_size = 0;
  base::Uuid event_id;
  base::Uuid impression_id;  // to be watched for; nil: none
  base::Timestamp received_at;
  bool is_prefetch = false;
};

// Postbacks answer in plain text.
struct StagedPostback {
  http::Reply reply;
  std::uint32_t position = 0;
  int status = 200;
  std::string_view text;  // a literal
};

struct Turn {
  std::unique_ptr<journal::Batch> batch;
  std::shared_ptr<const Catalog> catalog;
  std::vector<StagedEvent> events;
  std::vector<StagedEvents> requests;
  std::vector<StagedClick> clicks;
  std::vector<StagedPostback> postbacks;
  std::string text;

  [[nodiscard]] std::size_t outstanding() const { return requests.size() + clicks.size() + postbacks.size(); }
  [[nodiscard]] bool is_empty() const { return outstanding() == 0 && batch->is_empty(); }
  void clear() {
    batch->clear();
    catalog.reset();
    events.clear();
    requests.clear();
    clicks.clear();
    postbacks.clear();
    text.clear();
  }
};

}  // namespace tallystick::capture
