#pragma once
// What the commands about records share: lists as tables, CSV or JSON, one record as lines or JSON, and changes with
// their reason and version. One thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/error.h"
#include "cli/command_line.h"
#include "cli/context.h"

namespace tallystick::cli {

// Text as it is, lists with spaces between, null as nothing, anything else as JSON; absent: "".
[[nodiscard]] std::string member_text(const boost::json::value& record, std::string_view member);

struct ListOptions {
  std::int64_t limit = 1'000;
  bool is_csv = false;

  void add_to(Command command);
};

struct ChangeOptions {
  std::string reason;
  std::int64_t version = 0;  // 0: whatever it is

  // Only `with_version` commands can say which version they change.
  void add_to(Command command, bool with_version);
};

// "/api/partners/a%20b" of {"api", "partners", "a b"}.
[[nodiscard]] std::string make_path(std::initializer_list<std::string_view> segments);

// Follows the pages of `path`, which has its filters already. `columns` are members; `empty_hint` is what people read
// when nothing is there.
[[nodiscard]] base::Result<int> list_records(Context& context,
                                             const std::string& path,
                                             const std::vector<std::string>& columns,
                                             const ListOptions& options,
                                             std::string_view empty_hint);
[[nodiscard]] base::Result<int> show_record(Context& context, const std::string& path);

enum class ChangeMethod : std::uint8_t { kPost, kPatch, kDelete };
// `done` is the sentence for people, in front of the record's name: "Created".
[[nodiscard]] base::Result<int> change_record(Context& context,
                                              ChangeMethod method,
                                              const std::string& path,
                                              const boost::json::object& body,
                                              const ChangeOptions& options,
                                              std::string_view done);

// A record as lines "member  value".
void print_record(Context& context, const boost::json::value& record);

}  // namespace tallystick::cli
