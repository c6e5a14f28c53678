#pragma once
// Answers of the warehouse that hold for a moment: what ids mean, how far the logs are loaded. A dashboard asks for
// half a dozen reports at once, each of which would ask for them again; and while reports come one after the other,
// answers that grow old are asked for again beside them, so that no report waits for that. Thread-safe.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/error.h"
#include "base/time.h"
#include "warehouse/rows.h"

namespace tallystick::insights {

class RecentAnswers {
 public:
  static constexpr std::int64_t kFreshUs = base::kMicrosPerSecond;
  static constexpr std::int64_t kUsableUs = 2 * base::kMicrosPerSecond;  // of the 5 s in which events show in reports

  using SharedRows = std::shared_ptr<const warehouse::Rows>;
  using Ask = std::function<base::Result<warehouse::Rows>()>;

  // `clock` must outlive it.
  explicit RecentAnswers(const base::Clock& clock);
  // Waits for what is being asked meanwhile.
  ~RecentAnswers();
  RecentAnswers(const RecentAnswers&) = delete;
  RecentAnswers& operator=(const RecentAnswers&) = delete;

  // What `ask` answered under that key within the last kUsableUs, or answers now. If that was longer ago than kFreshUs,
  // it is asked again meanwhile, on another thread: `ask` must be good for that until this is destroyed. Answers
  // without rows are not kept. Errors are those of `ask`; meanwhile they do not matter.
  [[nodiscard]] base::Result<SharedRows> get(const std::string& key, Ask ask);

 private:
  static constexpr std::size_t kMaxKept = 256;

  struct Kept {
    SharedRows rows;
    std::int64_t asked_us = 0;  // from then on it grows old
    bool is_asked_again = false;
  };
  struct Due {
    std::string key;
    Ask ask;
  };

  // With the lock held. Null: nothing that is usable.
  [[nodiscard]] Kept* find(const std::string& key, std::int64_t now_us);
  void keep(const std::string& key, SharedRows rows, std::int64_t asked_us);
  [[nodiscard]] static SharedRows answer_of(const Due& due);
  void ask_again(const std::stop_token& stop);

  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::string, Kept, std::less<>> kept_;
  std::deque<Due> due_;  // of what is kept, each once
  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace tallystick::insights
