#include <algorithm>
#include <bit>
#include <stdexcept>

#include "base/prefetch.h"
#include "warehouse/block.h"
#include "warehouse/native_format.h"

// How a block leaves: ClickHouse's Native format.
namespace tallystick::warehouse {

namespace {

static_assert(std::endian::native == std::endian::little, "the Native format is little-endian");

// How ClickHouse writes a column of LowCardinality: dictionaries come with their block.
constexpr std::uint64_t kDictionaryPerBlock = 1;
constexpr std::uint64_t kHasKeys = 1ULL << 9;
constexpr std::uint64_t kReplacesDictionary = 1ULL << 10;
constexpr std::size_t kLowCardinalityNumbers = 4;  // of 64 bits, beside keys and indices

bool is_low_cardinality(ColumnType type) {
  return type == ColumnType::kLowCardinality || type == ColumnType::kLowCardinality16;
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

// Numbers of texts, from as wide as they stand in rows to as wide as they leave.
template <typename Number, typename Index>
char* gather_indices(std::span<const char* const> rows, std::size_t begin, char* out) {
  for (const char* const row : rows) {
    const auto index = static_cast<Index>(load<Number>(row + begin));
    std::memcpy(out, &index, sizeof(index));
    out += sizeof(index);
  }
  return out;
}

template <typename Number>
char* gather_indices(std::span<const char* const> rows, std::size_t begin, std::size_t texts, char* out) {
  switch (index_type_of(texts)) {
    case 0:
      return gather_indices<Number, std::uint8_t>(rows, begin, out);
    case 1:
      return gather_indices<Number, std::uint16_t>(rows, begin, out);
    default:
      return gather_indices<Number, std::uint32_t>(rows, begin, out);
  }
}

char* gather_uuids(std::span<const char* const> rows, std::size_t begin, const UuidDictionary& uuids, char* out) {
  for (const char* const row : rows) {
    const StoredUuid& id = uuids.id_of(load<std::uint16_t>(row + begin));
    std::memcpy(out, &id, sizeof(id));
    out += sizeof(id);
  }
  return out;
}

}  // namespace

std::string_view Block::wire_name(ColumnType type) {
  switch (type) {
    case ColumnType::kUInt8:
      return "UInt8";
    case ColumnType::kUInt16:
      return "UInt16";
    case ColumnType::kUInt32:
    case ColumnType::kUInt32Constant:
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
    case ColumnType::kUuid16:
      return "UUID";
    case ColumnType::kLowCardinality:
    case ColumnType::kLowCardinality16:
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
  if (!is_low_cardinality(column.spec.type) || rows_ == 0) {
    return names;
  }
  return names + kLowCardinalityNumbers * sizeof(std::uint64_t) + column.texts.bytes().size();
}

std::size_t Block::body_bytes(const Column& column) const {
  if (is_low_cardinality(column.spec.type)) {
    return rows_ << index_type_of(column.texts.size());
  }
  return rows_ * serialised_width_of(column.spec.type) + column.bytes.size();
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
  if (is_low_cardinality(column.spec.type) && rows_ > 0) {
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
  switch (column.spec.type) {
    case ColumnType::kLowCardinality:
      return gather_indices<std::uint32_t>(rows, column.begin, column.texts.size(), out);
    case ColumnType::kLowCardinality16:
      return gather_indices<std::uint16_t>(rows, column.begin, column.texts.size(), out);
    case ColumnType::kUuid16:
      return gather_uuids(rows, column.begin, column.uuids, out);
    case ColumnType::kUInt32Constant:
      for (std::size_t i = 0; i < rows.size(); ++i) {
        std::memcpy(out, &column.constant, sizeof(column.constant));
        out += sizeof(column.constant);
      }
      return out;
    default:
      break;
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
