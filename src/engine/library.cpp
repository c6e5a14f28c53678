#include "engine/library.h"

#include <array>

#include <dlfcn.h>
#include <system_error>

namespace tallystick::engine {

namespace fs = std::filesystem;

namespace {

constexpr const char* kAdvice =
    "libchdb is needed for the built-in engine (x86-64 with glibc only): run scripts/bootstrap, or set engine.library, "
    "or set engine.enabled = false and use a ClickHouse server";

template <typename Function>
bool load(void* library, const char* name, Function& out) {
  out = reinterpret_cast<Function>(::dlsym(library, name));
  return out != nullptr;
}

}  // namespace

base::Result<fs::path> find_library(const std::string& configured) {
  std::error_code error;
  if (!configured.empty()) {
    if (fs::exists(configured, error)) {
      return fs::absolute(configured);
    }
    return base::fail(
        base::ErrorKind::kUnavailable, "engine_library_missing", "there is no " + configured + ": " + kAdvice);
  }
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  const std::array<fs::path, 3> candidates = {folder / "libchdb.so",
                                              folder.parent_path() / "lib" / "tallystick" / "libchdb.so",
                                              fs::path(TALLYSTICK_NPM_LIBRARY)};
  for (const fs::path& candidate : candidates) {
    if (fs::exists(candidate, error)) {
      return candidate;
    }
  }
  return base::fail(base::ErrorKind::kUnavailable, "engine_library_missing", kAdvice);
}

base::Result<ChdbFunctions> open_library(const fs::path& file) {
  // Its symbols stay its own: it brings its own C++ run-time library and allocator.
  void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): its text belongs to this thread
    return base::fail(base::ErrorKind::kUnavailable, "engine_library_unusable", ::dlerror());
  }
  ChdbFunctions functions;
  const bool is_complete =
      load(library, "chdb_connect", functions.connect) && load(library, "chdb_close_conn", functions.close) &&
      load(library, "chdb_query_n", functions.query) &&
      load(library, "chdb_query_with_params_n", functions.query_with_parameters) &&
      load(library, "chdb_destroy_query_result", functions.destroy) &&
      load(library, "chdb_result_error", functions.error) && load(library, "chdb_result_buffer", functions.buffer) &&
      load(library, "chdb_result_length", functions.length) &&
      load(library, "chdb_result_elapsed", functions.elapsed_seconds) &&
      load(library, "chdb_result_rows_read", functions.result_rows) &&
      load(library, "chdb_result_storage_rows_read", functions.read_rows) &&
      load(library, "chdb_result_storage_bytes_read", functions.read_bytes) &&
      load(library, "chdb_result_rows_written", functions.written_rows) &&
      load(library, "chdb_result_bytes_written", functions.written_bytes) &&
      load(library, "chdb_set_signal_handlers_enabled", functions.set_signal_handlers);
  if (!is_complete) {
    return base::fail(base::ErrorKind::kUnavailable,
                      "engine_library_unusable",
                      file.string() + " lacks functions: it is not the version that scripts/bootstrap fetches");
  }
  return functions;
}

}  // namespace tallystick::engine
