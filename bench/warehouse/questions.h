#pragma once
// What is asked: the views of the brand exposure dashboard, as a report of ours and as SQL over its plain tables. One
// text of SQL serves PostgreSQL and ClickHouse. Pure.

#include <string>
#include <vector>

namespace tallystick::bench {

struct Question {
  std::string name;
  std::string target;  // of our report
  std::string sql;     // over exposure_events, click_events and conversion_events; empty: only we are asked
};

struct Subject {
  std::string placement;     // slug
  std::string placement_id;  // UUID
  std::string merchant;
  std::string merchant_id;
  std::string partner;
  int days = 30;
  std::string start;  // first moment of these days, "2026-01-31 00:00:00"
};

[[nodiscard]] std::vector<Question> make_questions(const Subject& subject);

}  // namespace tallystick::bench
