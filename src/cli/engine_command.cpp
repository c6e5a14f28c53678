#include <algorithm>
#include <charconv>
#include <memory>
#include <thread>

#include "base/log.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "engine/host.h"

namespace tallystick::cli {
namespace {

struct EngineArguments {
  std::string folder;
  std::string socket;
  std::string listen;  // "127.0.0.1:8123"
  std::string library;
  std::int64_t memory_bytes = 2LL << 30;
  std::int64_t threads = std::max(1U, std::thread::hardware_concurrency());
  std::int64_t concurrent_queries = 4;
  std::int64_t max_body_bytes = 512LL << 20;
  std::int64_t parent = 0;
  std::string log_format = "logfmt";
  std::string log_file;
};

base::Result<void> split_address(const std::string& text, engine::HostOptions& out) {
  const std::size_t colon = text.rfind(':');
  const char* const end = text.data() + text.size();
  if (colon != std::string::npos) {
    const auto [parsed, error] = std::from_chars(text.data() + colon + 1, end, out.listen_port);
    if (error == std::errc{} && parsed == end) {
      out.listen_address = text.substr(0, colon);
      return {};
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_address", "--listen takes ADDRESS:PORT");
}

base::Result<int> host_engine(const Context& context, const EngineArguments& arguments) {
  engine::HostOptions options;
  options.database.directory = arguments.folder;
  options.database.memory_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(arguments.memory_bytes, 1));
  options.database.threads = static_cast<unsigned>(std::clamp<std::int64_t>(arguments.threads, 1, 1024));
  options.executor.concurrent_queries =
      static_cast<unsigned>(std::clamp<std::int64_t>(arguments.concurrent_queries, 1, 1024));
  options.max_body_bytes = static_cast<std::size_t>(std::max<std::int64_t>(arguments.max_body_bytes, 1));
  options.executor.max_queued_bytes = 2 * options.max_body_bytes;
  options.executor.max_running_bytes = options.database.memory_bytes / 6;
  options.library = arguments.library;
  options.socket = arguments.socket;
  options.parent = arguments.parent;
  if (!arguments.listen.empty()) {
    TALLY_TRY(split_address(arguments.listen, options));
  }
  base::LogOptions logging;
  logging.format = arguments.log_format == "json" ? base::LogFormat::kJson : base::LogFormat::kLogfmt;
  logging.file = arguments.log_file;
  base::Log log(logging, context.clock);
  TALLY_TRY(engine::run_host(options, log));
  return kSuccess;
}

}  // namespace

void add_engine_command(Command app, Context& context) {
  Command command = app.add_subcommand("engine", "Host the ClickHouse engine; the server starts this by itself");
  command.hide();
  const auto arguments = std::make_shared<EngineArguments>();
  command.add_option("--data", arguments->folder, "Folder of the database").required();
  command.add_option("--socket", arguments->socket, "Unix socket to serve on").required();
  command.add_option("--listen", arguments->listen, "Serve on ADDRESS:PORT too, without any authentication");
  command.add_option("--library", arguments->library, "libchdb.so");
  command.add_option("--memory-bytes", arguments->memory_bytes, "Bound of the engine's memory").show_default();
  command.add_option("--threads", arguments->threads, "Threads of one query").show_default();
  command.add_option("--concurrent-queries", arguments->concurrent_queries, "Queries at a time").show_default();
  command.add_option("--max-body-bytes", arguments->max_body_bytes, "Largest request body").show_default();
  command.add_option("--parent", arguments->parent, "Process to die with");
  command.add_option("--log-format", arguments->log_format, "logfmt or json").show_default();
  command.add_option("--log-file", arguments->log_file, "File to append to; empty: standard error");
  command.set_action(context, [&context, arguments] { return host_engine(context, *arguments); });
}

}  // namespace tallystick::cli
