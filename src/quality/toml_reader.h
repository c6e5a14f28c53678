#pragma once
// Reads TOML strictly: unknown keys, wrong types and values out of range are errors with file and line,
// gathered so that an operator sees them all at once. One thread; a table's view lives as long as its reader.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tallystick::quality {

class TomlReader;

// A string of a list, with the line it stands on.
struct TomlString {
  std::string text;
  std::uint32_t line = 0;
};

class TomlTable {
 public:
  [[nodiscard]] bool has(std::string_view key) const;
  // A required string.
  [[nodiscard]] std::string get_string(std::string_view key);
  [[nodiscard]] std::optional<std::string> find_string(std::string_view key);
  [[nodiscard]] std::optional<std::int64_t> find_integer(std::string_view key, std::int64_t min, std::int64_t max);
  // Empty when absent. At most `max_count` strings, none empty.
  [[nodiscard]] std::vector<TomlString> find_strings(std::string_view key, std::size_t max_count);
  // Runs `read` on the table of that key, if present.
  void with_table(std::string_view key, const std::function<void(TomlTable&)>& read);
  // Runs `read` on each named sub-table of the table of that key: [partners.acme], [partners.bolt].
  void for_each_named_table(std::string_view key,
                            std::size_t max_count,
                            const std::function<void(const std::string& name, TomlTable&)>& read);
  // An error at that key's line.
  void report(std::string_view key, std::string message);
  void report_line(std::uint32_t line, std::string message);

 private:
  friend class TomlReader;
  TomlTable(TomlReader& reader, const void* table, std::string path)
      : reader_(reader), table_(table), path_(std::move(path)) {}
  void refuse_unknown();

  TomlReader& reader_;
  const void* table_;  // toml::table: the vendor's header stays in the source file
  std::string path_;
  std::vector<std::string> used_;
};

class TomlReader {
 public:
  static constexpr std::size_t kMaxBytes = 4U << 20U;
  static constexpr std::size_t kMaxErrors = 20;

  // `name` is the file's name as errors give it. Error code: "bad_toml".
  [[nodiscard]] static base::Result<TomlReader> parse(std::string_view text, std::string name);
  TomlReader(TomlReader&&) noexcept;
  ~TomlReader();

  [[nodiscard]] TomlTable& root() { return *root_; }
  // Runs `read` on each table of an array of tables: [[exception]].
  void for_each_table(std::string_view key, std::size_t max_count, const std::function<void(TomlTable&)>& read);
  // All errors so far and unknown keys at the root, as one error with that code.
  [[nodiscard]] base::Result<void> finish(std::string code);

 private:
  friend class TomlTable;
  struct Document;
  TomlReader(std::unique_ptr<Document> document, std::string name);
  void report(std::uint32_t line, std::string message);

  std::unique_ptr<Document> document_;
  std::string name_;
  std::vector<std::string> errors_;
  std::unique_ptr<TomlTable> root_;
};

}  // namespace tallystick::quality
