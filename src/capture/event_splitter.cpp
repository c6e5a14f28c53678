#include "capture/event_splitter.h"

#include <cstring>

namespace tallystick::capture {
namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  // After white space: true and past it when the next character is `c`.
  bool take(char c) {
    skip_space();
    if (at_ < text_.size() && text_[at_] == c) {
      ++at_;
      return true;
    }
    return false;
  }
  [[nodiscard]] bool is_next(char c) {
    skip_space();
    return at_ < text_.size() && text_[at_] == c;
  }
  [[nodiscard]] bool is_at_end() {
    skip_space();
    return at_ == text_.size();
  }

  // A string with its quotes; false when it does not end.
  bool take_string(std::string_view& out) {
    const std::size_t begin = at_;
    if (!is_next('"') || !skip_string()) {
      return false;
    }
    out = text_.substr(begin, at_ - begin);
    return true;
  }

  // Everything up to the comma or bracket that ends this value; false when there is none.
  bool take_value(std::string_view& out) {
    skip_space();
    const std::size_t begin = at_;
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!skip_string()) {
          return false;
        }
        continue;
      }
      if (c == '{' || c == '[') {
        ++depth;
      } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
        break;
      } else if (c == '}' || c == ']') {
        --depth;
      }
      ++at_;
    }
    std::size_t end = at_;
    while (end > begin &&
           (text_[end - 1] == ' ' || text_[end - 1] == '\n' || text_[end - 1] == '\t' || text_[end - 1] == '\r')) {
      --end;
    }
    out = text_.substr(begin, end - begin);
    return depth == 0 && !out.empty();
  }

 private:
  bool skip_string() {
    std::size_t from = at_ + 1;
    while (true) {
      const void* const found =
          from < text_.size() ? std::memchr(text_.data() + from, '"', text_.size() - from) : nullptr;
      if (found == nullptr) {
        return false;
      }
      const auto quote = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
      std::size_t backslashes = 0;
      while (text_[quote - 1 - backslashes] == '\\') {
        ++backslashes;
      }
      from = quote + 1;
      if (backslashes % 2 == 0) {
        at_ = from;
        return true;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

SplitFault split_array(Scanner& scanner, std::size_t max_events, SplitBody& out) {
  if (!scanner.take('[')) {
    return SplitFault::kNotJson;
  }
  if (scanner.take(']')) {
    return SplitFault::kEmpty;
  }
  do {
    std::string_view event;
    if (!scanner.take_value(event)) {
      return SplitFault::kNotJson;
    }
    if (out.events.size() == max_events) {
      return SplitFault::kTooMany;
    }
    out.events.push_back(event);
  } while (scanner.take(','));
  return scanner.take(']') ? SplitFault::kNone : SplitFault::kNotJson;
}

}  // namespace

SplitFault split_events(std::string_view body, std::size_t max_events, SplitBody& out) {
  out.events.clear();
  out.consent = {};
  Scanner scanner(body);
  scanner.skip_space();
  if (!scanner.take('{')) {
    return SplitFault::kNotJson;
  }
  bool has_events = false;
  bool has_members = !scanner.take('}');
  while (has_members) {
    std::string_view name;
    std::string_view value;
    if (!scanner.take_string(name) || !scanner.take(':')) {
      return SplitFault::kNotJson;
    }
    if (name == "\"events\"" && !has_events && scanner.is_next('[')) {
      has_events = true;
      if (const SplitFault fault = split_array(scanner, max_events, out); fault != SplitFault::kNone) {
        return fault;
      }
    } else if (!scanner.take_value(value)) {
      return SplitFault::kNotJson;
    } else if (name == "\"consent\"") {
      out.consent = value;
    } else if (name == "\"events\"") {
      return SplitFault::kNotJson;
    }
    if (!scanner.take(',')) {
      if (!scanner.take('}')) {
        return SplitFault::kNotJson;
      }
      break;
    }
  }
  if (!scanner.is_at_end()) {
    return SplitFault::kNotJson;
  }
  if (!has_events) {
    out.consent = {};
    out.events.push_back(body.substr(body.find('{'), body.rfind('}') - body.find('{') + 1));
  }
  return SplitFault::kNone;
}

}  // namespace tallystick::capture
