#pragma once
// Where the files of a journal lie in its directory: what the writer makes and what verification reads.

#include <string_view>

namespace tallystick::journal {

inline constexpr std::string_view kSegmentsFolder = "segments";    // 20-digit first sequence number and ".seg"
inline constexpr std::string_view kTreeFolder = "tree";            // TileStore: level-0, level-1, ...
inline constexpr std::string_view kCheckpointFile = "checkpoint";  // the newest signed checkpoint, replaced as a whole
inline constexpr std::string_view kVerifierKeyFile = "verifier.key";  // verifier key of the checkpoints, one line

}  // namespace tallystick::journal
