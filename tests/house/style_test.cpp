// The style rules that a machine can check (docs/contributing.md, "Style").
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TALLYSTICK_SOURCE_DIR;
constexpr std::size_t kMaxLines = 450;

struct Source {
  fs::path path;
  std::string text;
  std::size_t lines = 0;
};

std::vector<Source> load_sources(std::initializer_list<const char*> folders) {
  std::vector<Source> sources;
  for (const char* folder : folders) {
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp") {
        continue;
      }
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      Source source{fs::relative(entry.path(), kRoot), text.str()};
      source.lines = static_cast<std::size_t>(std::count(source.text.begin(), source.text.end(), '\n'));
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

TEST(Style, FilesCanBeReadInOneSitting) {
  const auto sources = load_sources({"src", "tests", "bench"});
  ASSERT_FALSE(sources.empty());
  for (const Source& source : sources) {
    EXPECT_LE(source.lines, kMaxLines) << source.path;
  }
}

TEST(Style, HeadersOpenWithPragmaOnceAndAPurpose) {
  for (const Source& source : load_sources({"src"})) {
    if (source.path.extension() != ".h") {
      continue;
    }
    EXPECT_TRUE(source.text.starts_with("#pragma once\n//")) << source.path;
  }
}

TEST(Style, NoUnfinishedMarks) {
  const std::vector<std::string> marks = {std::string("TO") + "DO",
                                          std::string("FIX") + "ME",
                                          std::string("XX") + "X:",
                                          "using namespace std;",
                                          "std::cout <<"};
  for (const Source& source : load_sources({"src"})) {
    for (const std::string& mark : marks) {
      const bool is_cli_output = mark == "std::cout <<" && source.path.string().starts_with("src/cli/");
      if (!is_cli_output) {
        EXPECT_EQ(source.text.find(mark), std::string::npos) << source.path << " has " << mark;
      }
    }
  }
}

TEST(Style, NamespaceIsTheRoom) {
  for (const Source& source : load_sources({"src"})) {
    if (source.path.extension() != ".h") {
      continue;
    }
    const std::string room = (++source.path.begin())->string();
    EXPECT_NE(source.text.find("namespace tallystick::" + room), std::string::npos) << source.path;
  }
}

}  // namespace
