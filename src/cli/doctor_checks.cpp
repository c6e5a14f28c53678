#include "cli/doctor_checks.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <system_error>
#include <unistd.h>

#include "base/file.h"
#include "cli/output.h"
#include "engine/library.h"
#include "records/database.h"
#include "records/migrations.h"
#include "server/options.h"

namespace tallystick::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kGiB = 1ULL << 30;
constexpr int kSyncProbes = 15;

// The folder itself, or the nearest one above it that exists.
fs::path existing_folder(fs::path folder) {
  folder = fs::absolute(folder);
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  return folder;
}

std::string octal(mode_t mode) {
  return fmt::format("{:04o}", mode & 07777);
}

}  // namespace

std::string_view name_of(FindingState state) {
  switch (state) {
    case FindingState::kGood:
      return "good";
    case FindingState::kWarning:
      return "warning";
    case FindingState::kBad:
      return "bad";
  }
  return "";
}

Finding check_keys(const server::DataDirectory& data) {
  Finding finding{"keys", FindingState::kGood, ""};
  struct stat status {};
  if (::stat(data.keys().c_str(), &status) != 0) {
    finding.detail = "none yet: the first start makes them";
    return finding;
  }
  std::size_t files = 0;
  if ((status.st_mode & 0077) != 0) {
    finding.state = FindingState::kBad;
    finding.detail = fmt::format("{} has mode {}", data.keys().string(), octal(status.st_mode));
    finding.advice = fmt::format("chmod 700 {}", data.keys().string());
    return finding;
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(data.keys(), error)) {
    if (::stat(entry.path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
      continue;
    }
    ++files;
    if ((status.st_mode & 0077) != 0) {
      finding.state = FindingState::kBad;
      finding.detail = fmt::format("{} has mode {}", entry.path().string(), octal(status.st_mode));
      finding.advice = fmt::format("chmod 600 {}; if others could read it, rotate the keys", entry.path().string());
      return finding;
    }
  }
  if (error) {
    return {"keys", FindingState::kBad, error.message(), "run doctor as the user that runs the server"};
  }
  finding.detail = fmt::format("{} files, readable by the owner only", files);
  return finding;
}

Finding check_disk_space(const server::DataDirectory& data) {
  std::error_code error;
  const fs::space_info space = fs::space(existing_folder(data.root()), error);
  if (error) {
    return {"disk space", FindingState::kBad, error.message(), "check data.directory"};
  }
  Finding finding{"disk space", FindingState::kGood, fmt::format("{} MiB free", with_thousands(space.available >> 20))};
  if (space.available < kGiB) {
    finding.state = space.available < kGiB / 8 ? FindingState::kBad : FindingState::kWarning;
    finding.advice = "make room or move data.directory: a full disk stops capture with 503";
  }
  return finding;
}

Finding check_sync_latency(const server::DataDirectory& data, const base::Clock& clock) {
  const fs::path file = existing_folder(data.root()) / fmt::format(".doctor-{}", ::getpid());
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) {
    return {"sync latency",
            FindingState::kBad,
            fmt::format("cannot write to {}", file.parent_path().string()),
            "give the user that runs the server the right to write there"};
  }
  std::array<std::int64_t, kSyncProbes> times{};
  bool is_written = true;
  for (std::int64_t& time : times) {
    const std::int64_t start = clock.monotonic_us();
    const std::array<char, 4096> block{};
    is_written = is_written && ::write(fd, block.data(), block.size()) == static_cast<ssize_t>(block.size()) &&
                 ::fdatasync(fd) == 0;
    time = clock.monotonic_us() - start;
  }
  ::close(fd);
  ::unlink(file.c_str());
  if (!is_written) {
    return {"sync latency", FindingState::kBad, "a synced write failed", "check the disk: dmesg, smartctl"};
  }
  std::nth_element(times.begin(), times.begin() + kSyncProbes / 2, times.end());
  const std::int64_t median = times[kSyncProbes / 2];
  Finding finding{"sync latency",
                  FindingState::kGood,
                  fmt::format("{:.2f} ms (median of {})", static_cast<double>(median) / 1e3, kSyncProbes)};
  if (median > 20 * base::kMicrosPerMilli) {
    finding.state = FindingState::kWarning;
    finding.advice = "slow: every redirect waits for it; use an SSD, or journal.sync = \"interval\"";
  }
  return finding;
}

Finding check_clock(const base::Clock& clock, const server::DataDirectory& data) {
  const base::Timestamp now = clock.now();
  Finding finding{
      "clock", FindingState::kGood, base::format_rfc3339({now.us / base::kMicrosPerSecond * base::kMicrosPerSecond})};
  // The newest file that the server wrote cannot be from the future.
  std::error_code error;
  for (const fs::path& path : {data.journal() / "checkpoint", data.records_file()}) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 &&
        status.st_mtim.tv_sec * base::kMicrosPerSecond > now.us + base::kMicrosPerMinute) {
      return {"clock",
              FindingState::kBad,
              fmt::format("{} was written in the future", path.string()),
              "the clock went back: set it right before events are accepted"};
    }
  }
  timex kernel{};
  if (::adjtimex(&kernel) == TIME_ERROR && (kernel.status & STA_UNSYNC) != 0) {
    finding.state = FindingState::kWarning;
    finding.detail += ", not synchronised";
    finding.advice = "run chrony or systemd-timesyncd: events more than 60 s off are refused";
  }
  return finding;
}

Finding check_open_files(const base::Config& config) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto wanted = static_cast<rlim_t>(config.integer("http.max_connections")) + 256;
  Finding finding{"open files",
                  FindingState::kGood,
                  fmt::format("limit {} for {} connections", limit.rlim_cur, config.integer("http.max_connections"))};
  if (limit.rlim_cur < wanted && limit.rlim_max >= wanted) {
    finding.detail += fmt::format("; the server raises it (hard limit {})", limit.rlim_max);
  } else if (limit.rlim_cur < wanted) {
    finding.state = FindingState::kWarning;
    finding.advice = fmt::format("raise it to {} (LimitNOFILE= in the unit), or lower http.max_connections", wanted);
  }
  return finding;
}

Finding check_engine(const base::Config& config) {
  if (!config.boolean("engine.enabled")) {
    return {"engine", FindingState::kGood, "switched off: engine.enabled = false"};
  }
  const auto library = engine::find_library(config.text("engine.library"));
  if (!library) {
    return {"engine", FindingState::kBad, library.error().message, "run scripts/bootstrap, or set engine.library"};
  }
  return {"engine", FindingState::kGood, library->string()};
}

Finding check_database(const base::Config& config, const server::DataDirectory& data) {
  if (config.text("records.url").empty() && !fs::exists(data.records_file())) {
    return {"records database", FindingState::kGood, "none yet: the first start makes it"};
  }
  const auto database = records::Database::open(server::database_options(config, data));
  if (!database) {
    return {"records database",
            FindingState::kBad,
            database.error().message,
            "check records.url and that the database runs"};
  }
  const auto version = (*database)->schema_version();
  if (!version) {
    return {"records database", FindingState::kBad, version.error().message, "check the database's rights"};
  }
  const int known = records::embedded_migrations().empty() ? 0 : records::embedded_migrations().back().version;
  const std::string_view backend = (*database)->backend() == records::Backend::kSqlite ? "SQLite" : "PostgreSQL";
  Finding finding{
      "records database", FindingState::kGood, fmt::format("{}, schema {} of {}", backend, *version, known)};
  if (*version < known) {
    finding.state = FindingState::kWarning;
    finding.advice = "the next start migrates it, or run: tallystick migrate";
  } else if (*version > known) {
    finding.state = FindingState::kBad;
    finding.advice = "it was migrated by a newer version: run that one, or restore a backup";
  }
  return finding;
}

}  // namespace tallystick::cli
