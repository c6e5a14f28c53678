#pragma once
// How one file is laid out: encoding, delimiter, where its header is, which profile reads it and why. Found from the
// file's beginning alone. One thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "settlement/profile_library.h"
#include "settlement/recognition.h"
#include "tabular/encoding.h"
#include "tabular/row_reader.h"

namespace tallystick::settlement {

struct ReportLayout {
  tabular::EncodingFinding encoding;
  char delimiter = ',';
  std::int64_t header_line = 1;
  std::vector<std::string> header;    // names as in the file
  bool is_collapsed = false;          // the header came as one quoted cell
  std::vector<std::string> preamble;  // what stands before the header, cut
  HeaderFit fit;
  HeaderFit runner_up;
  bool is_forced = false;  // somebody named the profile

  [[nodiscard]] const Profile& profile() const { return *fit.profile; }
};

// `profile_name` empty: recognised among those of `network`; `library` must outlive the result. Error codes:
// "empty_report", "unrecognised_report", "other_network", "unknown_profile", and those of detect_encoding.
[[nodiscard]] base::Result<ReportLayout> find_layout(tabular::ByteSource& source,
                                                     const ProfileLibrary& library,
                                                     std::string_view network,
                                                     std::string_view profile_name);

// The cells of a row that came as one quoted cell, or nothing when it did not.
[[nodiscard]] std::vector<std::string> expand_collapsed(const tabular::Row& row, char delimiter);

}  // namespace tallystick::settlement
