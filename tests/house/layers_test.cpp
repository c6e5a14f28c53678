// Arrows only downwards: a room includes only rooms on lower floors (docs/architecture.md, "Rooms").
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const fs::path kSource = fs::path(TALLYSTICK_SOURCE_DIR) / "src";

// Lowest first. Within a floor rooms do not know each other, but for the pairs below.
const std::map<std::string, int> kFloors = {{"base", 0},      {"crypto", 0},     {"journal", 1},  {"records", 1},
                                            {"http", 1},      {"tabular", 1},    {"access", 2},   {"engine", 2},
                                            {"warehouse", 2}, {"jobs", 3},       {"alerts", 4},   {"reconcile", 5},
                                            {"capture", 6},   {"quality", 6},    {"partners", 6}, {"exposure", 6},
                                            {"insights", 6},  {"settlement", 6}, {"server", 7},   {"cli", 8}};

// crypto stands on base's errors and clock; capture asks quality for a verdict on its way to the journal.
const std::set<std::pair<std::string, std::string>> kAllowedSideways = {{"crypto", "base"}, {"capture", "quality"}};

struct Include {
  fs::path file;
  std::string from_room;
  std::string to_room;
};

std::vector<Include> collect_includes() {
  static const std::regex kInclude(R"re(^\s*#\s*include\s+"([a-z_]+)/[^"]+")re");
  std::vector<Include> found;
  for (const auto& entry : fs::recursive_directory_iterator(kSource)) {
    const auto extension = entry.path().extension();
    if (extension != ".h" && extension != ".cpp") {
      continue;
    }
    const std::string room = fs::relative(entry.path(), kSource).begin()->string();
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (std::regex_search(line, match, kInclude) && match[1] != "embedded") {
        found.push_back({fs::relative(entry.path(), kSource), room, match[1]});
      }
    }
  }
  return found;
}

TEST(Layers, EveryRoomHasAFloor) {
  for (const auto& entry : fs::directory_iterator(kSource)) {
    if (entry.is_directory()) {
      EXPECT_TRUE(kFloors.contains(entry.path().filename().string())) << entry.path();
    }
  }
}

TEST(Layers, IncludesPointDownwards) {
  const auto includes = collect_includes();
  ASSERT_GT(includes.size(), 40U) << "the scan found too little to mean anything";
  for (const Include& include : includes) {
    ASSERT_TRUE(kFloors.contains(include.to_room)) << include.file << " includes unknown room " << include.to_room;
    if (include.from_room == include.to_room || kAllowedSideways.contains({include.from_room, include.to_room})) {
      continue;
    }
    EXPECT_GT(kFloors.at(include.from_room), kFloors.at(include.to_room))
        << include.file << " includes " << include.to_room << ", which is not below " << include.from_room;
  }
}

// A domain room may use a lower room's types, never another domain room's store or service.
TEST(Layers, VendorHeadersStayInTheirRooms) {
  const std::map<std::string, std::set<std::string>> homes = {
      {"openssl/", {"crypto", "http"}},
      {"soci/",
       {"records", "access", "jobs", "alerts", "reconcile", "partners", "exposure", "settlement", "capture", "server"}},
      {"boost/asio", {"http"}},
      {"boost/beast", {"http"}},
      {"curl/", {"http"}},
      {"zstd.h", {"warehouse"}},
      {"csv.h", {"tabular"}},
      {"iconv.h", {"tabular"}},
      {"hs/", {"quality"}},
      {"maxminddb", {"quality"}},
      {"libpsl", {"partners"}},
      {"simdjson", {"capture"}},
      {"spdlog/", {"base"}},
      {"prometheus/", {"base"}},
      {"toml++/", {"base", "quality"}},
      {"date/", {"base"}},
      {"CLI/", {"cli"}},
      {"sqlite3.h", {"records"}},
      {"libpq-fe.h", {"records"}}};
  static const std::regex kInclude(R"re(^\s*#\s*include\s+<([^>]+)>)re");
  for (const auto& entry : fs::recursive_directory_iterator(kSource)) {
    if (!entry.is_regular_file()) {
      continue;
    }
    const std::string room = fs::relative(entry.path(), kSource).begin()->string();
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      std::smatch match;
      if (!std::regex_search(line, match, kInclude)) {
        continue;
      }
      const std::string header = match[1];
      for (const auto& [prefix, rooms] : homes) {
        if (header.starts_with(prefix)) {
          EXPECT_TRUE(rooms.contains(room)) << entry.path() << " includes <" << header << ">";
        }
      }
    }
  }
}

}  // namespace
