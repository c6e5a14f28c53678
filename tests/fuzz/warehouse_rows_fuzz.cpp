// rooms: warehouse base
// What a ClickHouse server answers: a table of values, or no table. A value is what it is asked for, or refused.

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "warehouse/rows.h"

namespace {

using tallystick::warehouse::Rows;

template <typename Read>
void read_or_refuse(Read read) {
  try {
    read();
  } catch (const std::logic_error&) {  // NOLINT(bugprone-empty-catch): it is of another type
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto rows = Rows::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!rows) {
    return 0;
  }
  if (rows->columns().size() != rows->types().size()) {
    std::abort();
  }
  for (std::size_t row = 0; row < rows->size(); ++row) {
    for (std::size_t column = 0; column < rows->columns().size(); ++column) {
      read_or_refuse([&] { (void)rows->text(row, column); });
      read_or_refuse([&] { (void)rows->integer(row, column); });
      read_or_refuse([&] { (void)rows->unsigned_integer(row, column); });
      read_or_refuse([&] { (void)rows->number(row, column); });
      read_or_refuse([&] { (void)rows->time(row, column); });
      read_or_refuse([&] { (void)rows->uuid(row, column); });
      read_or_refuse([&] { (void)rows->texts(row, column); });
      if (rows->is_null(row, column) && !rows->text(row, column).empty()) {
        std::abort();
      }
    }
  }
  return 0;
}
