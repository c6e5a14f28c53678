#pragma once
// In which encoding a file is written, and its text as UTF-8 whatever that is. Exporters say so seldom and wrongly, so
// the bytes decide: a byte order mark, the zeros that UTF-16 is full of, or else whether the whole of it is UTF-8. One
// thread.

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tabular/byte_source.h"

namespace tallystick::tabular {

enum class Encoding : std::uint8_t { kUtf8, kUtf16Le, kUtf16Be, kWindows1252 };
[[nodiscard]] std::string_view name_of(Encoding encoding);  // "UTF-8", "UTF-16LE", ...

struct EncodingFinding {
  Encoding encoding = Encoding::kUtf8;
  bool has_mark = false;
  std::int64_t odd_line = 0;  // of Windows-1252: the first line that is no UTF-8, which is why
};

// Reads the source as far as needed, and rewinds it. Error codes: "not_text" (a workbook, an archive, a picture),
// "file_read_failed".
[[nodiscard]] base::Result<EncodingFinding> detect_encoding(ByteSource& source);

// The text as UTF-8, without byte order mark. What the encoding does not have becomes U+FFFD; of a file that claims to
// be UTF-8 the bytes are handed on as they are.
class TextStream {
 public:
  // `source` must outlive it and stand at its beginning.
  TextStream(ByteSource& source, const EncodingFinding& finding);
  ~TextStream();
  TextStream(const TextStream&) = delete;
  TextStream& operator=(const TextStream&) = delete;

  // At most `out.size()` bytes (4 or more), one at least until the end; then 0.
  [[nodiscard]] base::Result<std::size_t> read(std::span<char> out);

 private:
  struct Converter;
  [[nodiscard]] base::Result<bool> fill();
  [[nodiscard]] base::Result<void> skip_mark();

  ByteSource& source_;
  const EncodingFinding finding_;
  std::unique_ptr<Converter> converter_;  // null: the bytes are UTF-8
  std::vector<char> raw_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool is_at_end_ = false;
  bool is_mark_skipped_ = false;
};

}  // namespace tallystick::tabular
