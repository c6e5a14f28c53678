#include <utility>

#include "http/problem.h"
#include "http/reactor.h"
#include "http/server.h"

namespace tallystick::http {

Reply::Reply(Reply&& other) noexcept
    : reactor_(std::exchange(other.reactor_, nullptr)), connection_(other.connection_), slot_(other.slot_) {}

Reply& Reply::operator=(Reply&& other) noexcept {
  std::swap(reactor_, other.reactor_);
  std::swap(connection_, other.connection_);
  std::swap(slot_, other.slot_);
  return *this;
}

Reply::~Reply() {
  if (reactor_ != nullptr) {
    send(500, {}, kProblemContentType, make_problem_body(500, "Internal error", "internal_error", {}, {}));
  }
}

bool Reply::is_peer_gone() const {
  return reactor_ != nullptr && reactor_->is_peer_gone(connection_);
}

void Reply::send(int status,
                 std::string_view headers,
                 std::string_view content_type,
                 std::string_view body,
                 WriteObserver* observer,
                 std::uint64_t tag) {
  if (Reactor* reactor = std::exchange(reactor_, nullptr)) {
    reactor->answer_with(connection_, slot_, {status, headers, content_type, body}, observer, tag);
  } else if (observer != nullptr) {
    observer->on_written(tag, false);
  }
}

}  // namespace tallystick::http
