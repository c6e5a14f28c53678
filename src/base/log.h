#pragma once
// Structured logging: a message and key=value fields, as logfmt or JSON, one line each. Values are
// escaped, so that no outside text can forge a line. There is no helper for addresses or user agents:
// personal data does not belong in logs. Passed in, never global. Thread-safe.

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/time.h"

namespace tallystick::base {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat : std::uint8_t { kLogfmt, kJson };

// "debug", "info", "warning", "error", "off". Error code: "bad_log_level".
[[nodiscard]] Result<LogLevel> parse_log_level(std::string_view text);

struct LogField {
  template <std::integral T>
  requires(!std::same_as<T, bool>) LogField(std::string_view name, T number)
      : key(name), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view name, bool flag) : key(name), value(flag) {}
  LogField(std::string_view name, double number) : key(name), value(number) {}
  LogField(std::string_view name, std::string_view text) : key(name), value(text) {}
  LogField(std::string_view name, const char* text) : key(name), value(std::string_view(text)) {}
  LogField(std::string_view name, const std::string& text) : key(name), value(std::string_view(text)) {}

  std::string_view key;
  std::variant<std::int64_t, bool, double, std::string_view> value;
};
using LogFields = std::initializer_list<LogField>;

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kLogfmt;
  std::string file = {};                               // empty: standard error
  std::function<void(std::string_view)> capture = {};  // for tests: gets each line instead
};

class Log {
 public:
  // `clock` must outlive the log. Throws std::system_error when the file cannot be opened.
  Log(const LogOptions& options, const Clock& clock);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void debug(std::string_view message, LogFields fields = {}) { write(LogLevel::kDebug, message, fields); }
  void info(std::string_view message, LogFields fields = {}) { write(LogLevel::kInfo, message, fields); }
  void warning(std::string_view message, LogFields fields = {}) { write(LogLevel::kWarning, message, fields); }
  void error(std::string_view message, LogFields fields = {}) { write(LogLevel::kError, message, fields); }
  // Kind, code and message of the error.
  void error(std::string_view message, const Error& error);
  void flush();

 private:
  void write(LogLevel level, std::string_view message, LogFields fields);
  struct State;
  std::unique_ptr<State> state_;
};

// The line without its end; exposed for tests.
[[nodiscard]] std::string format_log_line(
    LogFormat format, Timestamp time, LogLevel level, std::string_view message, LogFields fields);

}  // namespace tallystick::base
