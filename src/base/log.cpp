#include "base/log.h"

#include <mutex>

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace tallystick::base {
namespace {

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
    case LogLevel::kOff:
      return "off";
  }
  return "";
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

// Quoted as in JSON: control characters, quotes and backslashes are escaped, so a line stays one line. Bytes that
// are no ASCII are passed on: they are UTF-8 or harmless, but C1 controls hide in them, so they are cut to '?'.
void append_quoted(std::string_view text, std::string& out) {
  out += '"';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    switch (byte) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (byte < 0x20 || byte == 0x7F) {
          out += fmt::format("\\u{:04x}", byte);
        } else if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
          out += '?';
          ++i;
        } else {
          out += text[i];
        }
    }
  }
  out += '"';
}

bool is_plain(std::string_view text) {
  if (text.empty()) {
    return false;
  }
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F) {
      return false;
    }
  }
  return true;
}

void append_logfmt_text(std::string_view text, std::string& out) {
  if (is_plain(text)) {
    out += text;
  } else {
    append_quoted(text, out);
  }
}

void append_value(LogFormat format, const LogField& field, std::string& out) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    out += fmt::format("{}", *number);
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* real = std::get_if<double>(&field.value)) {
    out += fmt::format("{}", *real);
  } else if (format == LogFormat::kJson) {
    append_quoted(std::get<std::string_view>(field.value), out);
  } else {
    append_logfmt_text(std::get<std::string_view>(field.value), out);
  }
}

// Hands each line to a function: for tests.
class CaptureSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit CaptureSink(std::function<void(std::string_view)> capture) : capture_(std::move(capture)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& line) override { capture_({line.payload.data(), line.payload.size()}); }
  void flush_() override {}
  std::function<void(std::string_view)> capture_;
};

spdlog::sink_ptr make_sink(const LogOptions& options) {
  if (options.capture) {
    return std::make_shared<CaptureSink>(options.capture);
  }
  if (!options.file.empty()) {
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file);
  }
  return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
  for (const LogLevel level :
       {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError, LogLevel::kOff}) {
    if (text == name_of(level)) {
      return level;
    }
  }
  return fail(ErrorKind::kInvalid, "bad_log_level", "expected debug, info, warning, error or off");
}

std::string format_log_line(
    LogFormat format, Timestamp time, LogLevel level, std::string_view message, LogFields fields) {
  std::string line;
  if (format == LogFormat::kJson) {
    line = fmt::format(R"({{"time":"{}","level":"{}","message":)", format_rfc3339(time), name_of(level));
    append_quoted(message, line);
    for (const LogField& field : fields) {
      line += ',';
      append_quoted(field.key, line);
      line += ':';
      append_value(format, field, line);
    }
    return line + "}";
  }
  line = fmt::format("time={} level={} msg=", format_rfc3339(time), name_of(level));
  append_logfmt_text(message, line);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    append_value(format, field, line);
  }
  return line;
}

struct Log::State {
  State(const LogOptions& options, const Clock& time_source)
      : logger("tallystick", make_sink(options)), format(options.format), clock(time_source) {
    logger.set_level(spdlog_level(options.level));
    logger.set_pattern("%v");
    logger.flush_on(spdlog::level::info);
  }
  spdlog::logger logger;
  LogFormat format;
  const Clock& clock;
};

Log::Log(const LogOptions& options, const Clock& clock) : state_(std::make_unique<State>(options, clock)) {}
Log::~Log() = default;

void Log::error(std::string_view message, const Error& error) {
  this->error(message, {{"kind", base::name_of(error.kind)}, {"code", error.code}, {"detail", error.message}});
}

void Log::flush() {
  state_->logger.flush();
}

void Log::write(LogLevel level, std::string_view message, LogFields fields) {
  if (!state_->logger.should_log(spdlog_level(level))) {
    return;
  }
  const std::string line = format_log_line(state_->format, state_->clock.now(), level, message, fields);
  state_->logger.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace tallystick::base
