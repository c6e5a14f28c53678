#include "warehouse/block.h"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

#include "base/prefetch.h"
#include "warehouse/native_format.h"

namespace tallystick::warehouse {

namespace {

constexpr std::size_t kFirstRows = 16;
constexpr std::size_t kManyRows = 1UZ << 16;  // from here on a batch may become as large as any: no more copying

}  // namespace

std::size_t Block::width_of(ColumnType type) {
  switch (type) {
    case ColumnType::kUInt32Constant:
      return 0;
    case ColumnType::kUInt8:
    case ColumnType::kBool:
    case ColumnType::kEnum8:
      return 1;
    case ColumnType::kUInt16:
    case ColumnType::kDate:
    case ColumnType::kLowCardinality16:
    case ColumnType::kUuid16:
      return 2;
    case ColumnType::kUInt32:
    case ColumnType::kInt32:
    case ColumnType::kDateTime:
    case ColumnType::kLowCardinality:
      return 4;
    case ColumnType::kUInt64:
    case ColumnType::kInt64:
    case ColumnType::kDateTime64:
    case ColumnType::kString:
    case ColumnType::kDateArray:
    case ColumnType::kSketch13:
    case ColumnType::kSketch14:
      return 8;  // where it begins in `bytes`
    case ColumnType::kUuid:
      return 16;
  }
  throw std::logic_error("a column of no type");
}

std::size_t Block::serialised_width_of(ColumnType type) {
  switch (type) {
    case ColumnType::kString:
    case ColumnType::kSketch13:
    case ColumnType::kSketch14:
      return 0;
    case ColumnType::kUuid16:
      return sizeof(StoredUuid);
    case ColumnType::kUInt32Constant:
      return sizeof(Column::constant);
    default:
      return width_of(type);
  }
}

Block::Block(std::span<const BlockColumn> columns) {
  std::size_t width = 0;
  for (const BlockColumn& spec : columns) {
    Column& column = columns_.emplace_back();
    column.spec = spec;
    column.width = width_of(spec.type);
    column.begin = width;
    width += column.width;
    row_width_ += serialised_width_of(spec.type);
    column_list_.append(column_list_.empty() ? "`" : ", `").append(spec.name).append("`");
  }
  stride_ = (width + sizeof(CacheLine) - 1) / sizeof(CacheLine) * sizeof(CacheLine);
  for (Column& column : columns_) {
    cells_.push_back({&column, static_cast<std::uint8_t>(column.spec.type)});
  }
  cells_.emplace_back();
}

void Block::refuse(const Cell& cell, ColumnType type) {
  if (cell.column == nullptr) {
    throw std::logic_error("the row has no further column");
  }
  throw std::logic_error("column " + std::string(cell.column->spec.name) + " is not of the type " +
                         std::string(wire_name(type)));
}

void Block::refuse_number(const Cell& cell) {
  throw std::length_error("too many different values for column " + std::string(cell.column->spec.name));
}

void Block::refuse_constant(const Cell& cell) {
  if (cell.type != static_cast<std::uint8_t>(ColumnType::kUInt32Constant)) {
    refuse(cell, ColumnType::kUInt32Constant);
  }
  throw std::logic_error("column " + std::string(cell.column->spec.name) + " has another value in the rows before");
}

void Block::refuse_second_row() {
  throw std::logic_error("the row before has not ended");
}

void Block::refuse_end(const Cell& cell) {
  throw std::logic_error("a row ends before column " + std::string(cell.column->spec.name));
}

void Block::grow() {
  capacity_ = capacity_ < kManyRows ? std::max(kFirstRows, capacity_ * 2) : capacity_ * 16;
  base::HugeVector<CacheLine> bigger;
  bigger.resize(capacity_ * stride_ / sizeof(CacheLine));
  std::copy_n(memory_.data(), rows_ * stride_ / sizeof(CacheLine), bigger.data());
  memory_ = std::move(bigger);
}

std::uint64_t Block::append_text(const Cell& cell, std::string_view value) {
  if (cell.type != static_cast<std::uint8_t>(ColumnType::kString)) {
    refuse(cell, ColumnType::kString);
  }
  const std::uint64_t begin = cell.column->bytes.size();
  warehouse::append_text(cell.column->bytes, value);
  return begin;
}

std::uint64_t Block::append_dates(const Cell& cell, std::span<const std::uint16_t> days) {
  if (cell.type != static_cast<std::uint8_t>(ColumnType::kDateArray)) {
    refuse(cell, ColumnType::kDateArray);
  }
  const std::uint64_t begin = cell.column->bytes.size();
  for (const std::uint16_t day : days) {
    char bytes[sizeof(day)];
    std::memcpy(bytes, &day, sizeof(day));
    cell.column->bytes.append(bytes, sizeof(day));
  }
  return begin;
}

std::uint64_t Block::append_state(const Cell& cell, UniqueSketch& sketch) {
  const ColumnType type = sketch.precision() == 13 ? ColumnType::kSketch13 : ColumnType::kSketch14;
  if (cell.type != static_cast<std::uint8_t>(type) || (sketch.precision() != 13 && sketch.precision() != 14)) {
    refuse(cell, type);
  }
  const std::uint64_t begin = cell.column->bytes.size();
  sketch.append_state(cell.column->bytes);
  return begin;
}

const Block::Column& Block::find(std::string_view column, std::size_t width) const {
  const auto found = std::ranges::find(columns_, column, [](const Column& each) { return each.spec.name; });
  if (found == columns_.end() || found->width != width) {
    throw std::logic_error("there is no such column: " + std::string(column));
  }
  return *found;
}

const UuidDictionary& Block::uuids(std::string_view column) const {
  const Column& found = find(column, sizeof(std::uint16_t));
  if (found.spec.type != ColumnType::kUuid16) {
    throw std::logic_error("column " + std::string(column) + " has no dictionary of UUIDs");
  }
  return found.uuids;
}

bool Block::has_room_for(std::size_t rows) const {
  return std::ranges::all_of(columns_, [rows](const Column& column) {
    const std::size_t taken = column.spec.type == ColumnType::kLowCardinality16 ? column.texts.size()
                              : column.spec.type == ColumnType::kUuid16         ? column.uuids.size()
                                                                                : 0;
    return taken + rows <= kMaxDifferent;
  });
}

void Block::prefetch(std::size_t row, std::size_t lines) const {
  const char* const place = place_of(row);
  for (std::size_t line = 0; line < lines; ++line) {
    base::prefetch(place + line * sizeof(CacheLine));
  }
}

void Block::replace_uint16(std::size_t row, std::size_t column, std::uint16_t value) {
  if (row >= rows_ || columns_.at(column).spec.type != ColumnType::kUInt16) {
    throw std::logic_error("there is no such value");
  }
  std::memcpy(place_of(row) + columns_[column].begin, &value, sizeof(value));
}

std::size_t Block::bytes() const {
  std::size_t sum = rows_ * row_width_;
  for (const Column& column : columns_) {
    sum += column.bytes.size() + column.texts.bytes().size();
  }
  return sum;
}

void Block::clear() {
  for (Column& column : columns_) {
    column.bytes.clear();
    column.texts.clear();
    column.uuids.clear();
  }
  order_.clear();
  has_open_row_ = false;
  rows_ = 0;
}

}  // namespace tallystick::warehouse
