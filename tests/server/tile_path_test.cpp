#include "server/tile_path.h"

#include <gtest/gtest.h>

namespace tallystick::server {
namespace {

TEST(TilePath, ReadsTheFormsOfTlogTiles) {
  // Examples of the specification: N = 1234067 is x001/x234/067.
  const auto full = parse_tile_path("0/x001/x234/067");
  ASSERT_TRUE(full);
  EXPECT_FALSE(full->is_entries);
  EXPECT_EQ(full->level, 0U);
  EXPECT_EQ(full->index, 1'234'067U);
  EXPECT_EQ(full->width, 256U);
  const auto partial = parse_tile_path("63/000.p/255");
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->level, 63U);
  EXPECT_EQ(partial->index, 0U);
  EXPECT_EQ(partial->width, 255U);
  const auto entries = parse_tile_path("entries/x001/000.p/1");
  ASSERT_TRUE(entries);
  EXPECT_TRUE(entries->is_entries);
  EXPECT_EQ(entries->index, 1'000U);
  EXPECT_EQ(entries->width, 1U);
}

TEST(TilePath, RefusesEveryOtherSpelling) {
  for (const char* text : {"",
                           "0",
                           "0/",
                           "/000",
                           "0/0",
                           "0/00",
                           "0/0000",
                           "0/x000",
                           "0/x000/001",
                           "0/001/002",
                           "64/000",
                           "00/000",
                           "-1/000",
                           "0/000.p/0",
                           "0/000.p/256",
                           "0/000.p/",
                           "0/000.p/01",
                           "0/000.p/1.p/1",
                           "entry/000",
                           "entries/../000",
                           "0/x001/x002/x003",
                           "0/x001/x001/x001/x001/x001/x001/001",
                           "0/0a0"}) {
    EXPECT_FALSE(parse_tile_path(text)) << text;
  }
}

}  // namespace
}  // namespace tallystick::server
