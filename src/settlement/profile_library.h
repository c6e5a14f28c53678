#pragma once
// All profiles there are: those in the binary, and an operator's, which add to them or replace those of the same name.
// Immutable and thread-safe once made.

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "settlement/profile.h"

namespace tallystick::settlement {

class ProfileLibrary {
 public:
  // `directory` holds files *.toml; empty: none. One bad file is a reason not to start: its reports would be misread.
  // Error codes: "bad_profile", "profile_directory_failed".
  [[nodiscard]] static base::Result<ProfileLibrary> load(const std::filesystem::path& directory = {});

  // By name.
  [[nodiscard]] const std::vector<Profile>& all() const { return profiles_; }
  // Error code: "unknown_profile".
  [[nodiscard]] base::Result<const Profile*> find(std::string_view name) const;

 private:
  std::vector<Profile> profiles_;
};

}  // namespace tallystick::settlement
