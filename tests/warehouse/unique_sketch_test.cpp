#include "warehouse/unique_sketch.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace tallystick::warehouse {
namespace {

std::string state_of(UniqueSketch& sketch) {
  std::string state;
  sketch.append_state(state);
  return state;
}

UniqueSketch sketch_of(unsigned precision, std::uint64_t first, std::uint64_t end) {
  UniqueSketch sketch(precision);
  for (std::uint64_t value = first; value < end; ++value) {
    sketch.add(value);
  }
  return sketch;
}

// What ClickHouse 26.5 answers to SELECT hex(toString(uniqCombined64State(12)(number))) FROM numbers(2).
TEST(UniqueSketch, AFewHashesAreAList) {
  UniqueSketch sketch = sketch_of(12, 0, 2);
  sketch.add(1);
  EXPECT_EQ(base::to_hex(base::as_bytes(state_of(sketch))), "010200000000000000002ccbc234fcbc56b4");
  UniqueSketch none(14);
  EXPECT_TRUE(none.is_empty());
  EXPECT_EQ(base::to_hex(base::as_bytes(state_of(none))), "0100");
}

// The sizes of the engine's own states at the bounds between a list, a set and registers.
TEST(UniqueSketch, GrowsFromAListToASetToRegisters) {
  const auto size = [](unsigned precision, std::uint64_t count) {
    UniqueSketch sketch = sketch_of(precision, 0, count);
    return state_of(sketch).size();
  };
  EXPECT_EQ(size(12, 16), 130U);
  EXPECT_EQ(size(12, 17), 138U);
  EXPECT_EQ(size(12, 128), 1'027U);
  EXPECT_EQ(size(12, 129), 3'291U);
  EXPECT_EQ(size(14, 512), 4'099U);
  EXPECT_EQ(size(14, 513), 12'499U);
  EXPECT_EQ(size(14, 100'000), 12'499U);
}

TEST(UniqueSketch, TheSameValuesAreTheSameStateHoweverTheyCome) {
  UniqueSketch whole = sketch_of(12, 0, 3'000);
  UniqueSketch parts = sketch_of(12, 0, 100);  // a set
  parts.add_all(sketch_of(12, 50, 120));       // a set
  parts.add_all(sketch_of(12, 100, 2'900));    // registers
  parts.add_all(sketch_of(12, 2'850, 3'000));  // a set into registers
  for (int repetition = 0; repetition < 3; ++repetition) {
    for (std::uint64_t value = 0; value < 3'000; ++value) {
      parts.add(value * 7 % 3'000);
    }
  }
  EXPECT_TRUE(state_of(whole) == state_of(parts));
}

TEST(UniqueSketch, ForgetsEverythingWhenCleared) {
  for (const std::uint64_t count : {5U, 5'000U}) {
    UniqueSketch sketch = sketch_of(12, 0, count);
    sketch.clear();
    EXPECT_TRUE(sketch.is_empty());
    sketch.add(1);
    UniqueSketch one = sketch_of(12, 1, 2);
    EXPECT_EQ(state_of(sketch), state_of(one));
  }
}

TEST(UniqueSketch, RefusesPrecisionsWhoseStatesLookDifferent) {
  EXPECT_THROW(UniqueSketch(11), std::invalid_argument);
  EXPECT_THROW(UniqueSketch(16), std::invalid_argument);
}

}  // namespace
}  // namespace tallystick::warehouse
