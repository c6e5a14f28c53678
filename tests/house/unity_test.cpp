// The presets of sanitizers and of release compile a folder's files together (CMAKE_UNITY_BUILD): what an anonymous
// namespace holds needs a name that no other file of the folder gives to another thing.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

// Programs of one file each are never compiled together; a room may say in its CMakeLists.txt that it does not want to.
bool is_compiled_together(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (name == "fuzz" || name == "crash") {
    return false;
  }
  std::ifstream in(folder / "CMakeLists.txt");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return text.find("UNITY_BUILD OFF") == std::string::npos;
}

// Definitions that stand at the left margin inside an anonymous namespace.
std::set<std::string> names_in_anonymous_namespaces(const fs::path& file) {
  static const std::regex kConstant(R"(^(?:static )?(?:constexpr|const) .*?\b(k[A-Z]\w*)(?:\[|\{|\(| =))");
  static const std::regex kType(R"(^(?:struct|class|enum class) (\w+)\b)");
  // With its parameters: functions of one name may differ in them.
  static const std::regex kFunction(R"(^[A-Za-z][\w:<>,&* ]*[ &*](\w+\(.*\))(?: noexcept)? \{)");
  std::set<std::string> names;
  std::ifstream in(file);
  bool is_inside = false;
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (line == "namespace {") {
      is_inside = true;
    } else if (line == "}  // namespace") {
      is_inside = false;
    } else if (is_inside && (std::regex_search(line, match, kConstant) || std::regex_search(line, match, kType) ||
                             std::regex_search(line, match, kFunction))) {
      names.insert(match[1]);
    }
  }
  return names;
}

TEST(Unity, FilesOfAFolderCanBeCompiledTogether) {
  std::size_t seen = 0;
  for (const char* top : {"src", "tests"}) {
    for (const auto& folder : fs::recursive_directory_iterator(fs::path(TALLYSTICK_SOURCE_DIR) / top)) {
      if (!folder.is_directory() || !is_compiled_together(folder.path())) {
        continue;
      }
      std::map<std::string, fs::path> owners;
      for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() != ".cpp") {
          continue;
        }
        for (const std::string& name : names_in_anonymous_namespaces(entry.path())) {
          ++seen;
          const auto [owner, is_new] = owners.emplace(name, entry.path());
          EXPECT_TRUE(is_new) << name << " is in " << owner->second << " and in " << entry.path()
                              << ": give one another name";
        }
      }
    }
  }
  EXPECT_GT(seen, 200U) << "the scan found too little to mean anything";
}

}  // namespace
