#pragma once
// Reads Prometheus' text form as our server writes it, to hold one set of counts against another. Pure.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tallystick::cli {

class MetricsText {
 public:
  [[nodiscard]] static MetricsText parse(std::string_view text);

  // Sum over all series of the name whose labels include these.
  [[nodiscard]] double sum(std::string_view name,
                           const std::vector<std::pair<std::string_view, std::string_view>>& labels = {}) const;
  // The same, by the value of one label.
  [[nodiscard]] std::map<std::string, double> sum_by(
      std::string_view name,
      std::string_view label,
      const std::vector<std::pair<std::string_view, std::string_view>>& labels = {}) const;

 private:
  struct Series {
    std::string name;
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
    [[nodiscard]] bool has(const std::vector<std::pair<std::string_view, std::string_view>>& wanted) const;
  };
  std::vector<Series> series_;
};

}  // namespace tallystick::cli
