#pragma once
// Clicks whose 302 was handed to the kernel, or was not, collected until there is a record's worth (10-capture,
// "forwarding state"; docs/decisions/0006). One thread: the reactor's.

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "http/server.h"
#include "journal/batch.h"

namespace tallystick::capture {

class ForwardingLog final : public http::WriteObserver {
 public:
  ForwardingLog(std::size_t max_sequences, std::int64_t interval_us, const base::Clock& clock)
      : max_sequences_(max_sequences), interval_us_(interval_us), clock_(clock) {}

  // `tag` is the sequence number of the click.
  void on_written(std::uint64_t tag, bool is_written) override;

  // There are enough, or the first has waited long enough.
  [[nodiscard]] bool is_due() const;
  [[nodiscard]] bool is_empty() const { return forwarded_.empty() && failed_.empty(); }
  // Stages the records of all collected and forgets them.
  void stage_into(journal::Batch& batch, base::Random& random);

 private:
  void stage(std::vector<std::uint64_t>& sequences, bool is_forwarded, journal::Batch& batch, base::Random& random);

  std::size_t max_sequences_;
  std::int64_t interval_us_;
  const base::Clock& clock_;
  std::vector<std::uint64_t> forwarded_;
  std::vector<std::uint64_t> failed_;
  std::int64_t first_at_us_ = 0;  // monotonic
  std::string fields_;
};

}  // namespace tallystick::capture
