#include "settlement/profile_library.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "settlement/built_in_profiles.h"

namespace tallystick::settlement {
namespace {

constexpr std::size_t kMaxProfileBytes = 64UZ * 1024;
constexpr std::size_t kMaxProfiles = 500;

base::Result<std::vector<std::filesystem::path>> list_profile_files(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".toml" && files.size() < kMaxProfiles) {
      files.push_back(entry->path());
    }
  }
  if (error) {
    return base::fail(
        base::ErrorKind::kInvalid,
        "profile_directory_failed",
        fmt::format("settlement.profile_directory {} cannot be read: {}", directory.string(), error.message()));
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

base::Result<ProfileLibrary> ProfileLibrary::load(const std::filesystem::path& directory) {
  std::map<std::string, Profile> by_name;
  for (const BuiltInProfile& built_in : built_in_profiles()) {
    TALLY_ASSIGN(Profile profile, parse_profile(built_in.toml, "built in"));
    by_name[profile.name] = std::move(profile);
  }
  if (!directory.empty()) {
    TALLY_ASSIGN(const auto files, list_profile_files(directory));
    for (const auto& file : files) {
      TALLY_ASSIGN(const std::string text, base::read_file(file, kMaxProfileBytes));
      TALLY_ASSIGN(Profile profile, parse_profile(text, file.filename().string()));
      by_name[profile.name] = std::move(profile);
    }
  }
  ProfileLibrary library;
  for (auto& [name, profile] : by_name) {
    library.profiles_.push_back(std::move(profile));
  }
  return library;
}

base::Result<const Profile*> ProfileLibrary::find(std::string_view name) const {
  const auto found = std::ranges::find(profiles_, name, &Profile::name);
  if (found != profiles_.end()) {
    return &*found;
  }
  std::string names;
  for (const Profile& profile : profiles_) {
    names += (names.empty() ? "" : ", ") + profile.name;
  }
  return base::fail(base::ErrorKind::kInvalid,
                    "unknown_profile",
                    fmt::format("there is no profile {}; there are {}", name.substr(0, 100), names));
}

}  // namespace tallystick::settlement
