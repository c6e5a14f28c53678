#pragma once
// Revenue by currency: never added up across currencies. One thread.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "insights/report_table.h"

namespace tallystick::insights {

class Revenue {
 public:
  // `currency` "" (a conversion that names no amount) counts only when there is an amount.
  void add(std::string_view currency, std::int64_t amount_minor);
  void add(const Revenue& other);

  [[nodiscard]] Amounts amounts() const;
  // `factor` x revenue / count; nothing for count 0.
  [[nodiscard]] Cell per(std::int64_t count, std::int64_t factor) const;

 private:
  std::map<std::string, std::int64_t, std::less<>> minor_by_currency_;
};

}  // namespace tallystick::insights
