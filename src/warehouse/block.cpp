#include "warehouse/block.h"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

#include "base/prefetch.h"
#include "warehouse/native_format.h"

namespace tallystick::warehouse {

namespace {

static_assert(std::endian::native == std::endian::little, "the Native format is little-endian");

constexpr std::size_t kFirstRows = 16;
constexpr std::size_t kManyRows = 1UZ << 16;  // from here on a batch may become as large as any: no more copying

// How ClickHouse writes a column of LowCardinality: dictionaries come with their block.
constexpr std::uint64_t kDictionaryPerBlock = 1;
constexpr std::uint64_t kHasKeys = 1ULL << 9;
constexpr std::uint64_t kReplacesDictionary = 1ULL << 10;
constexpr std::size_t kLowCardinalityNumbers = 4;  // of 64 bits, beside keys and indices

std::string_view wire_name(ColumnType type) {
  switch (type) {
    case ColumnType::kUInt8:
      return "UInt8";
    case ColumnType::kUInt16:
      return "UInt16";
    case ColumnType::kUInt32:
      return "UInt32";
    case ColumnType::kUInt64:
      return "UInt64";
    case ColumnType::kInt32:
      return "Int32";
    case ColumnType::kInt64:
      return "Int64";
    case ColumnType::kBool:
      return "Bool";
    case ColumnType::kEnum8:
      return "Int8";  // the table's Enum8 takes its numbers
    case ColumnType::kDateTime64:
      return "DateTime64(6, 'UTC')";
    case ColumnType::kDateTime:
      return "DateTime('UTC')";
    case ColumnType::kDate:
      return "Date";
    case ColumnType::kUuid:
      return "UUID";
    case ColumnType::kLowCardinality:
      return "LowCardinality(String)";
    case ColumnType::kString:
      return "String";
    case ColumnType::kDateArray:
      return "Array(Date)";
    case ColumnType::kSketch13:
      return "AggregateFunction(uniqCombined64(13), UInt64)";
    case ColumnType::kSketch14:
      return "AggregateFunction(uniqCombined64(14), UInt64)";
  }
  throw std::logic_error("a column of no type");
}

// Values of no width, which lie in the column's bytes.
bool has_bytes(ColumnType type) {
  return type == ColumnType::kString || type == ColumnType::kDateArray || type == ColumnType::kSketch13 ||
         type == ColumnType::kSketch14;
}

std::size_t length_bytes(std::uint64_t value) {
  return std::max<std::size_t>((static_cast<std::size_t>(std::bit_width(value)) + 6) / 7, 1);
}

char* write_length(std::uint64_t value, char* out) {
  for (; value >= 0x80; value >>= 7) {
    *out++ = static_cast<char>((value & 0x7F) | 0x80);
  }
  *out++ = static_cast<char>(value);
  return out;
}

char* write_bytes(std::string_view bytes, char* out) {
  return std::ranges::copy(bytes, out).out;
}

char* write_number(std::uint64_t value, char* out) {
  std::memcpy(out, &value, sizeof(value));
  return out + sizeof(value);
}

// Whether a dictionary's numbers go out as bytes, 16 or 32 bits: ClickHouse's number of the type, its width two to the
// power of it.
unsigned index_type_of(std::size_t texts) {
  if (texts <= 1UZ << 8) {
    return 0;
  }
  return texts <= 1UZ << 16 ? 1 : 2;
}

template <std::size_t Width>
char* gather(std::span<const char* const> rows, std::size_t begin, char* out) {
  for (const char* const row : rows) {
    std::memcpy(out, row + begin, Width);
    out += Width;
  }
  return out;
}

template <typename Number>
Number load(const char* from) {
  Number number;
  std::memcpy(&number, from, sizeof(number));
  return number;
}

// Numbers of texts.
template <typename Index>
char* gather_indices(std::span<const char* const> rows, std::size_t begin, char* out) {
  for (const char* const row : rows) {
    const auto index = static_cast<Index>(load<std::uint32_t>(row + begin));
    std::memcpy(out, &index, sizeof(index));
    out += sizeof(index);
  }
  return out;
}

}  // namespace

std::size_t Block::width_of(ColumnType type) {
  switch (type) {
    case ColumnType::kUInt8:
    case ColumnType::kBool:
    case ColumnType::kEnum8:
      return 1;
    case ColumnType::kUInt16:
    case ColumnType::kDate:
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

Block::Block(std::span<const BlockColumn> columns) {
  std::size_t width = 0;
  for (const BlockColumn& spec : columns) {
    Column& column = columns_.emplace_back();
    column.spec = spec;
    column.width = width_of(spec.type);
    column.begin = width;
    width += column.width;
    row_width_ += has_bytes(spec.type) && spec.type != ColumnType::kDateArray ? 0 : column.width;
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

std::size_t Block::begin_of(std::string_view column, std::size_t width) const {
  const auto found = std::ranges::find(columns_, column, [](const Column& each) { return each.spec.name; });
  if (found == columns_.end() || found->width != width) {
    throw std::logic_error("there is no such column: " + std::string(column));
  }
  return found->begin;
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
  }
  order_.clear();
  has_open_row_ = false;
  rows_ = 0;
}

std::string_view Block::bytes_of(const Column& column, std::size_t row) const {
  const auto begin = load<std::uint64_t>(place_of(row) + column.begin);
  const auto end =
      row + 1 < rows_ ? load<std::uint64_t>(place_of(row + 1) + column.begin) : std::uint64_t{column.bytes.size()};
  return std::string_view(column.bytes).substr(begin, end - begin);
}

std::size_t Block::head_bytes(const Column& column) const {
  const std::string_view type = wire_name(column.spec.type);
  const std::size_t names =
      length_bytes(column.spec.name.size()) + column.spec.name.size() + length_bytes(type.size()) + type.size();
  if (column.spec.type != ColumnType::kLowCardinality || rows_ == 0) {
    return names;
  }
  return names + kLowCardinalityNumbers * sizeof(std::uint64_t) + column.texts.bytes().size();
}

std::size_t Block::body_bytes(const Column& column) const {
  switch (column.spec.type) {
    case ColumnType::kString:
    case ColumnType::kSketch13:
    case ColumnType::kSketch14:
      return column.bytes.size();
    case ColumnType::kDateArray:
      return rows_ * sizeof(std::uint64_t) + column.bytes.size();
    case ColumnType::kLowCardinality:
      return rows_ << index_type_of(column.texts.size());
    default:
      return rows_ * column.width;
  }
}

std::size_t Block::serialised_bytes() const {
  std::size_t sum = length_bytes(columns_.size()) + length_bytes(rows_);
  for (const Column& column : columns_) {
    sum += head_bytes(column) + body_bytes(column);
  }
  return sum;
}

char* Block::serialise_head(const Column& column, char* out) const {
  const std::string_view type = wire_name(column.spec.type);
  out = write_bytes(column.spec.name, write_length(column.spec.name.size(), out));
  out = write_bytes(type, write_length(type.size(), out));
  if (column.spec.type == ColumnType::kLowCardinality && rows_ > 0) {
    out = write_number(kDictionaryPerBlock, out);
    out = write_number(kHasKeys | kReplacesDictionary | index_type_of(column.texts.size()), out);
    out = write_number(column.texts.size(), out);
    out = write_bytes(column.texts.bytes(), out);
    out = write_number(rows_, out);
  }
  return out;
}

void Block::serialise_bytes(const Column& column, char* out) const {
  if (column.spec.type == ColumnType::kDateArray) {
    std::uint64_t end = 0;
    for (std::size_t i = 0; i < rows_; ++i) {
      end += bytes_of(column, row_at(i)).size() / sizeof(std::uint16_t);
      out = write_number(end, out);
    }
  }
  for (std::size_t i = 0; i < rows_; ++i) {
    out = write_bytes(bytes_of(column, row_at(i)), out);
  }
}

char* Block::serialise_values(const Column& column, std::span<const char* const> rows, char* out) {
  if (column.spec.type == ColumnType::kLowCardinality) {
    switch (index_type_of(column.texts.size())) {
      case 0:
        return gather_indices<std::uint8_t>(rows, column.begin, out);
      case 1:
        return gather_indices<std::uint16_t>(rows, column.begin, out);
      default:
        return gather_indices<std::uint32_t>(rows, column.begin, out);
    }
  }
  switch (column.width) {
    case 1:
      return gather<1>(rows, column.begin, out);
    case 2:
      return gather<2>(rows, column.begin, out);
    case 4:
      return gather<4>(rows, column.begin, out);
    case 8:
      return gather<8>(rows, column.begin, out);
    default:
      return gather<16>(rows, column.begin, out);
  }
}

// `outs`: where the values of each column go; null for a column with `bytes`.
void Block::serialise_rows(std::vector<char*>& outs) const {
  RowPlaces places{};
  for (std::size_t first = 0; first < rows_; first += kRowsAtATime) {
    const std::size_t count = std::min(kRowsAtATime, rows_ - first);
    for (std::size_t i = 0; i < count; ++i) {
      places[i] = place_of(row_at(first + i));
    }
    // The next ones are on their way meanwhile.
    for (std::size_t next = first + count; next < std::min(first + count + kRowsAtATime, rows_); ++next) {
      prefetch(row_at(next), stride_ / sizeof(CacheLine));
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (outs[i] != nullptr) {
        outs[i] = serialise_values(columns_[i], std::span(places).first(count), outs[i]);
      }
    }
  }
}

// Columns, rows, then name, type and values of each column.
void Block::serialise(std::span<char> out) const {
  if (has_open_row_) {
    throw std::logic_error("the last row has not ended");
  }
  if (!order_.empty() && order_.size() != rows_) {
    throw std::logic_error("the order is not one of these rows");
  }
  if (out.size() != serialised_bytes()) {
    throw std::logic_error("the place for the block has another size");
  }
  char* at = write_length(rows_, write_length(columns_.size(), out.data()));
  std::vector<char*> outs;
  for (const Column& column : columns_) {
    at = serialise_head(column, at);
    const bool is_without_width = has_bytes(column.spec.type);
    if (is_without_width) {
      serialise_bytes(column, at);
    }
    outs.push_back(is_without_width ? nullptr : at);
    at += body_bytes(column);
  }
  serialise_rows(outs);
}

}  // namespace tallystick::warehouse
