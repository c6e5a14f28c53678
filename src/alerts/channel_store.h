#pragma once
// The SQL of channels. In the caller's transaction; throws soci::soci_error.

#include <optional>
#include <string_view>
#include <vector>

#include <soci/soci.h>

#include "alerts/channel.h"

namespace tallystick::alerts {

// In the order of creation, after the id `after`.
[[nodiscard]] std::vector<Channel> load_channels(soci::session& session,
                                                 std::string_view after,
                                                 std::int64_t max_channels);
[[nodiscard]] std::optional<Channel> find_channel(soci::session& session, const base::Uuid& id);
// For a change: other changes of the channel wait until the transaction ends.
[[nodiscard]] std::optional<Channel> lock_channel(soci::session& session, const base::Uuid& id);
void insert(soci::session& session, const Channel& channel);
// Stores everything but id, kind and creation time, counting the version up; false when the stored version is another.
[[nodiscard]] bool update(soci::session& session, const Channel& channel);
void remove_channel(soci::session& session, const base::Uuid& id);

}  // namespace tallystick::alerts
