#include "journal/tile_path.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace tallystick::journal {
namespace {

TEST(TilePath, ReadsAndWritesTheFormsOfTlogTiles) {
  struct Case {
    std::string_view text;
    TilePath path;
  };
  const std::vector<Case> cases = {
      {"tile/0/000", {0U, 0, 256}},
      {"tile/0/x001/x234/067", {0U, 1'234'067, 256}},
      {"tile/0/x001/x234/067.p/1", {0U, 1'234'067, 1}},
      {"tile/1/999.p/255", {1U, 999, 255}},
      {"tile/63/x001/000", {63U, 1'000, 256}},
      {"tile/entries/000", {std::nullopt, 0, 256}},
      {"tile/entries/x123/456.p/42", {std::nullopt, 123'456, 42}},
  };
  for (const Case& c : cases) {
    const auto path = parse_tile_path(c.text);
    ASSERT_TRUE(path) << c.text;
    EXPECT_EQ(*path, c.path) << c.text;
    EXPECT_EQ(format_tile_path(c.path), c.text);
  }
}

TEST(TilePath, RefusesEveryOtherSpelling) {
  for (const std::string_view text : {"",
                                      "tile",
                                      "tile/",
                                      "tile/0",
                                      "tile/0/",
                                      "/tile/0/000",
                                      "tile/0/000/",
                                      "tile/00/000",
                                      "tile/64/000",
                                      "tile/-1/000",
                                      "tile/+1/000",
                                      "tile/0x1/000",
                                      "tile/data/000",
                                      "tile//000",
                                      "tile/0/0",
                                      "tile/0/0000",
                                      "tile/0/1000",
                                      "tile/0/x000/001",
                                      "tile/0/x001",
                                      "tile/0/x001/",
                                      "tile/0/001/002",
                                      "tile/0/xx001/002",
                                      "tile/0/x001x002/003",
                                      "tile/0/x001/x002",
                                      "tile/0/00a",
                                      "tile/0/000.p",
                                      "tile/0/000.p/",
                                      "tile/0/000.p/0",
                                      "tile/0/000.p/256",
                                      "tile/0/000.p/01",
                                      "tile/0/000.p/1/",
                                      "tile/0/000.p/1.p/2",
                                      "tile/0/000.q/1",
                                      "tile/0/.p/1",
                                      "tile/0/x036/x028/x797/x018/x963/968",
                                      "tile/0/x001/x001/x001/x001/x001/x001/x001/x001/x001/x001/x001/x001/001"}) {
    const auto path = parse_tile_path(text);
    ASSERT_FALSE(path) << text;
    EXPECT_EQ(path.error().code, "bad_tile_path");
  }
}

TEST(TilePath, WhatIsWrittenIsRead) {
  EXPECT_TRUE(rc::check([] {
    TilePath path;
    if (*rc::gen::arbitrary<bool>()) {
      path.level = *rc::gen::inRange(0U, 64U);
    }
    path.index = *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << *rc::gen::inRange(1, 56));
    path.width = *rc::gen::inRange(1U, 257U);
    const auto parsed = parse_tile_path(format_tile_path(path));
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == path);
  }));
}

}  // namespace
}  // namespace tallystick::journal
