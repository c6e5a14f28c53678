#include "quality/toml_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/toml_parser.h"

namespace tallystick::quality {

struct TomlReader::Document {
  toml::table table;
};

namespace {

const toml::table& as_table(const void* table) {
  return *static_cast<const toml::table*>(table);
}

}  // namespace

base::Result<TomlReader> TomlReader::parse(std::string_view text, std::string name) {
  if (text.size() > kMaxBytes) {
    return base::fail(base::ErrorKind::kTooLarge, "bad_toml", fmt::format("{}: larger than {} bytes", name, kMaxBytes));
  }
  toml::parse_result parsed = base::parse_toml_document(text, name);
  if (!parsed) {
    const auto& error = parsed.error();
    return base::fail(base::ErrorKind::kInvalid,
                      "bad_toml",
                      fmt::format("{}:{}: {}", name, error.source().begin.line, error.description()));
  }
  return TomlReader(std::make_unique<Document>(Document{std::move(parsed).table()}), std::move(name));
}

TomlReader::TomlReader(std::unique_ptr<Document> document, std::string name)
    : document_(std::move(document)), name_(std::move(name)), root_(new TomlTable(*this, &document_->table, "")) {}

// The root table refers to its reader: a moved reader makes its own anew. Without memory for it the process ends.
// NOLINTNEXTLINE(bugprone-unhandled-exception-at-new)
TomlReader::TomlReader(TomlReader&& other) noexcept
    : document_(std::move(other.document_)),
      name_(std::move(other.name_)),
      errors_(std::move(other.errors_)),
      root_(new TomlTable(*this, &document_->table, "")) {}

TomlReader::~TomlReader() = default;

void TomlReader::report(std::uint32_t line, std::string message) {
  if (errors_.size() < kMaxErrors) {
    errors_.push_back(fmt::format("{}:{}: {}", name_, line, message));
  }
}

void TomlReader::for_each_table(std::string_view key,
                                std::size_t max_count,
                                const std::function<void(TomlTable&)>& read) {
  root_->used_.emplace_back(key);
  const toml::node* node = document_->table.get(key);
  if (node == nullptr) {
    return;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr || array->size() > max_count || !array->is_homogeneous(toml::node_type::table)) {
    report(node->source().begin.line, fmt::format("'{}' must be at most {} tables", key, max_count));
    return;
  }
  for (const toml::node& item : *array) {
    TomlTable table(*this, item.as_table(), fmt::format("{}.", key));
    read(table);
    table.refuse_unknown();
  }
}

base::Result<void> TomlReader::finish(std::string code) {
  root_->refuse_unknown();
  if (errors_.empty()) {
    return {};
  }
  return base::fail(base::ErrorKind::kInvalid, std::move(code), fmt::format("{}", fmt::join(errors_, "\n")));
}

bool TomlTable::has(std::string_view key) const {
  return as_table(table_).contains(key);
}

std::string TomlTable::get_string(std::string_view key) {
  auto value = find_string(key);
  if (!value) {
    if (!has(key)) {
      reader_.report(as_table(table_).source().begin.line, fmt::format("'{}{}' is missing", path_, key));
    }
    return {};
  }
  return *std::move(value);
}

std::optional<std::string> TomlTable::find_string(std::string_view key) {
  used_.emplace_back(key);
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto* value = node->as_string();
  if (value == nullptr || value->get().empty()) {
    report(key, fmt::format("'{}{}' must be a string that is not empty", path_, key));
    return std::nullopt;
  }
  return value->get();
}

std::optional<std::int64_t> TomlTable::find_integer(std::string_view key, std::int64_t min, std::int64_t max) {
  used_.emplace_back(key);
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return std::nullopt;
  }
  const auto* value = node->as_integer();
  if (value == nullptr || value->get() < min || value->get() > max) {
    report(key, fmt::format("'{}{}' must be an integer from {} to {}", path_, key, min, max));
    return std::nullopt;
  }
  return value->get();
}

std::vector<TomlString> TomlTable::find_strings(std::string_view key, std::size_t max_count) {
  used_.emplace_back(key);
  std::vector<TomlString> strings;
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return strings;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr || array->size() > max_count) {
    report(key, fmt::format("'{}{}' must be a list of at most {} strings", path_, key, max_count));
    return strings;
  }
  for (const toml::node& item : *array) {
    const auto* value = item.as_string();
    if (value == nullptr || value->get().empty()) {
      reader_.report(item.source().begin.line, fmt::format("'{}{}' must hold strings that are not empty", path_, key));
      continue;
    }
    strings.push_back({value->get(), item.source().begin.line});
  }
  return strings;
}

void TomlTable::with_table(std::string_view key, const std::function<void(TomlTable&)>& read) {
  used_.emplace_back(key);
  const toml::node* node = as_table(table_).get(key);
  if (node == nullptr) {
    return;
  }
  if (node->as_table() == nullptr) {
    report(key, fmt::format("'{}{}' must be a table", path_, key));
    return;
  }
  TomlTable table(reader_, node->as_table(), fmt::format("{}{}.", path_, key));
  read(table);
  table.refuse_unknown();
}

void TomlTable::for_each_named_table(std::string_view key,
                                     std::size_t max_count,
                                     const std::function<void(const std::string& name, TomlTable&)>& read) {
  with_table(key, [&](TomlTable& parent) {
    const toml::table& tables = as_table(parent.table_);
    if (tables.size() > max_count) {
      report(key, fmt::format("'{}{}' must have at most {} tables", path_, key, max_count));
    }
    for (const auto& [name, node] : tables) {
      parent.with_table(name.str(), [&](TomlTable& table) { read(std::string(name.str()), table); });
    }
  });
}

void TomlTable::report(std::string_view key, std::string message) {
  const toml::node* node = as_table(table_).get(key);
  const auto& source = node != nullptr ? node->source() : as_table(table_).source();
  reader_.report(source.begin.line, std::move(message));
}

void TomlTable::report_line(std::uint32_t line, std::string message) {
  reader_.report(line, std::move(message));
}

void TomlTable::refuse_unknown() {
  for (const auto& [key, node] : as_table(table_)) {
    if (std::find(used_.begin(), used_.end(), key.str()) == used_.end()) {
      reader_.report(key.source().begin.line, fmt::format("unknown key '{}{}'", path_, key.str()));
    }
  }
}

}  // namespace tallystick::quality
