// States of sketches, ours and the engine's.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/warehouse/live/live_fixture.h"
#include "warehouse/aggregate_blocks.h"
#include "warehouse/unique_sketch.h"

namespace tallystick::warehouse {
namespace {

// A state, apart from the order in which it lists hashes.
std::string comparable(std::string state) {
  if (state[0] != 3) {
    const std::size_t head = state.size() % 8;
    std::vector<std::string> hashes;
    for (std::size_t at = head; at < state.size(); at += 8) {
      hashes.push_back(state.substr(at, 8));
    }
    std::ranges::sort(hashes);
    state.resize(head);
    for (const std::string& hash : hashes) {
      state += hash;
    }
  }
  return state;
}

class LiveSketches : public Live {};

TEST_P(LiveSketches, AreWhatTheEngineWouldHaveMade) {
  for (const unsigned precision : {12U, kSessionPrecision, kUserPrecision}) {
    for (const std::uint64_t count :
         {0U, 1U, 2U, 16U, 17U, 127U, 128U, 129U, 255U, 256U, 257U, 511U, 512U, 513U, 3'000U, 200'000U}) {
      UniqueSketch sketch(precision);
      for (std::uint64_t value = 0; value < 2 * count; ++value) {
        sketch.add(value * 10'007 % count);  // each twice
      }
      std::string state;
      sketch.append_state(state);
      const Rows rows = select(
          fmt::format("SELECT hex(toString(uniqCombined64State({})(number))) FROM numbers({}) SETTINGS max_threads = 1",
                      precision,
                      count));
      const auto theirs = base::from_hex(rows.text(0, 0));
      ASSERT_TRUE(theirs) << theirs.error().message;
      EXPECT_TRUE(comparable(state) == comparable(std::string(base::as_text(*theirs))))
          << precision << " bits, " << count << " values";
    }
  }
}

TALLY_OVER_BOTH(LiveSketches);

}  // namespace
}  // namespace tallystick::warehouse
