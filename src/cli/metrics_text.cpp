#include "cli/metrics_text.h"

#include <algorithm>
#include <cstdlib>

namespace tallystick::cli {
namespace {

// name="value" pairs up to the closing brace; the text moves behind it.
std::vector<std::pair<std::string, std::string>> read_labels(std::string_view& text) {
  std::vector<std::pair<std::string, std::string>> labels;
  while (!text.empty() && text[0] != '}') {
    const std::size_t equals = text.find("=\"");
    if (equals == std::string_view::npos) {
      return labels;
    }
    std::pair<std::string, std::string> label{std::string(text.substr(0, equals)), ""};
    text.remove_prefix(equals + 2);
    while (!text.empty() && text[0] != '"') {
      if (text[0] == '\\' && text.size() > 1) {
        text.remove_prefix(1);
        label.second += text[0] == 'n' ? '\n' : text[0];
      } else {
        label.second += text[0];
      }
      text.remove_prefix(1);
    }
    text.remove_prefix(std::min<std::size_t>(1, text.size()));
    if (text.starts_with(',')) {
      text.remove_prefix(1);
    }
    labels.push_back(std::move(label));
  }
  text.remove_prefix(std::min<std::size_t>(1, text.size()));
  return labels;
}

}  // namespace

MetricsText MetricsText::parse(std::string_view text) {
  MetricsText metrics;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line[0] == '#') {
      continue;
    }
    const std::size_t end = line.find_first_of("{ ");
    if (end == std::string_view::npos) {
      continue;
    }
    Series series;
    series.name = line.substr(0, end);
    const bool has_labels = line[end] == '{';
    line.remove_prefix(end + 1);
    if (has_labels) {
      series.labels = read_labels(line);
    }
    series.value = std::strtod(std::string(line).c_str(), nullptr);
    metrics.series_.push_back(std::move(series));
  }
  return metrics;
}

bool MetricsText::Series::has(const std::vector<std::pair<std::string_view, std::string_view>>& wanted) const {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
    return std::any_of(labels.begin(), labels.end(), [&](const auto& own) {
      return own.first == label.first && own.second == label.second;
    });
  });
}

double MetricsText::sum(std::string_view name,
                        const std::vector<std::pair<std::string_view, std::string_view>>& labels) const {
  double sum = 0;
  for (const Series& series : series_) {
    sum += series.name == name && series.has(labels) ? series.value : 0;
  }
  return sum;
}

std::map<std::string, double> MetricsText::sum_by(
    std::string_view name,
    std::string_view label,
    const std::vector<std::pair<std::string_view, std::string_view>>& labels) const {
  std::map<std::string, double> sums;
  for (const Series& series : series_) {
    if (series.name != name || !series.has(labels)) {
      continue;
    }
    for (const auto& [key, value] : series.labels) {
      if (key == label) {
        sums[value] += series.value;
      }
    }
  }
  return sums;
}

}  // namespace tallystick::cli
