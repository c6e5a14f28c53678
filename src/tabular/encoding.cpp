#include "tabular/encoding.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <iconv.h>

#include "tabular/utf8_check.h"

namespace tallystick::tabular {
namespace {

constexpr std::size_t kRawBytes = 64UZ * 1024;
constexpr std::size_t kSampleBytes = 4'096;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16LeMark = "\xFF\xFE";
constexpr std::string_view kUtf16BeMark = "\xFE\xFF";

std::string_view mark_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8:
      return kUtf8Mark;
    case Encoding::kUtf16Le:
      return kUtf16LeMark;
    case Encoding::kUtf16Be:
      return kUtf16BeMark;
    case Encoding::kWindows1252:
      return {};
  }
  return {};
}

base::Result<std::size_t> read_full(ByteSource& source, std::span<char> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    TALLY_ASSIGN(const std::size_t bytes, source.read(out.subspan(filled)));
    if (bytes == 0) {
      break;
    }
    filled += bytes;
  }
  return filled;
}

// Western text in UTF-16 has a zero in nearly every pair, always on the same side.
std::optional<Encoding> guess_utf16(std::string_view sample) {
  std::array<std::size_t, 2> zeros{};
  for (std::size_t i = 0; i < sample.size(); ++i) {
    zeros[i % 2] += sample[i] == '\0' ? 1 : 0;
  }
  const std::size_t pairs = sample.size() / 2;
  const auto is_many = [&](std::size_t count) {
    return pairs >= 2 && count * 10 >= pairs * 4;
  };
  const auto is_few = [&](std::size_t count) {
    return count * 20 <= pairs;
  };
  if (is_many(zeros[1]) && is_few(zeros[0])) {
    return Encoding::kUtf16Le;
  }
  if (is_many(zeros[0]) && is_few(zeros[1])) {
    return Encoding::kUtf16Be;
  }
  return std::nullopt;
}

base::Result<void> expect_text(std::string_view sample) {
  if (sample.starts_with("PK\x03\x04")) {
    return base::fail(base::ErrorKind::kInvalid,
                      "not_text",
                      "this is an archive or an .xlsx workbook; save the report as CSV and import that");
  }
  if (sample.find('\0') != std::string_view::npos) {
    return base::fail(base::ErrorKind::kInvalid,
                      "not_text",
                      "the file holds binary data; a report is text: CSV, or columns parted by tabs");
  }
  return {};
}

}  // namespace

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8:
      return "UTF-8";
    case Encoding::kUtf16Le:
      return "UTF-16LE";
    case Encoding::kUtf16Be:
      return "UTF-16BE";
    case Encoding::kWindows1252:
      return "WINDOWS-1252";
  }
  return "UTF-8";
}

base::Result<EncodingFinding> detect_encoding(ByteSource& source) {
  std::vector<char> buffer(kRawBytes);
  TALLY_TRY(source.rewind());
  TALLY_ASSIGN(std::size_t bytes, read_full(source, buffer));
  const std::string_view sample(buffer.data(), std::min(bytes, kSampleBytes));
  for (const Encoding encoding : {Encoding::kUtf8, Encoding::kUtf16Le, Encoding::kUtf16Be}) {
    if (sample.starts_with(mark_of(encoding))) {
      TALLY_TRY(source.rewind());
      return EncodingFinding{encoding, true, 0};
    }
  }
  if (const auto utf16 = guess_utf16(sample)) {
    TALLY_TRY(source.rewind());
    return EncodingFinding{*utf16, false, 0};
  }
  TALLY_TRY(expect_text(sample));
  Utf8Check check;
  while (bytes > 0 && check.is_good()) {
    check.take({buffer.data(), bytes});
    TALLY_ASSIGN(bytes, read_full(source, buffer));
  }
  check.finish();
  TALLY_TRY(source.rewind());
  if (check.is_good()) {
    return EncodingFinding{};
  }
  return EncodingFinding{Encoding::kWindows1252, false, check.line()};
}

struct TextStream::Converter {
  explicit Converter(Encoding encoding) : handle(::iconv_open("UTF-8", std::string(name_of(encoding)).c_str())) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): iconv's own way to say no
    if (handle == reinterpret_cast<iconv_t>(-1)) {
      throw std::runtime_error(fmt::format("the C library converts no {}", name_of(encoding)));
    }
    unit_bytes = encoding == Encoding::kWindows1252 ? 1 : 2;
  }
  ~Converter() { ::iconv_close(handle); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  iconv_t handle;
  std::size_t unit_bytes = 1;
};

TextStream::TextStream(ByteSource& source, const EncodingFinding& finding)
    : source_(source), finding_(finding), raw_(kRawBytes) {
  if (finding.encoding != Encoding::kUtf8) {
    converter_ = std::make_unique<Converter>(finding.encoding);
  }
}

TextStream::~TextStream() = default;

// More bytes behind those that are left; false at the end.
base::Result<bool> TextStream::fill() {
  if (is_at_end_) {
    return false;
  }
  std::memmove(raw_.data(), raw_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  TALLY_ASSIGN(const std::size_t bytes, source_.read({raw_.data() + end_, raw_.size() - end_}));
  end_ += bytes;
  is_at_end_ = bytes == 0;
  return !is_at_end_;
}

base::Result<void> TextStream::skip_mark() {
  is_mark_skipped_ = true;
  if (!finding_.has_mark) {
    return {};
  }
  const std::string_view mark = mark_of(finding_.encoding);
  while (end_ - begin_ < mark.size()) {
    TALLY_ASSIGN(const bool has_more, fill());
    if (!has_more) {
      break;
    }
  }
  begin_ += std::min(mark.size(), end_ - begin_);
  return {};
}

base::Result<std::size_t> TextStream::read(std::span<char> out) {
  if (!is_mark_skipped_) {
    TALLY_TRY(skip_mark());
  }
  while (true) {
    if (begin_ == end_) {
      TALLY_ASSIGN(const bool has_more, fill());
      if (!has_more) {
        return 0UZ;
      }
    }
    if (!converter_) {
      const std::size_t bytes = std::min(out.size(), end_ - begin_);
      std::memcpy(out.data(), raw_.data() + begin_, bytes);
      begin_ += bytes;
      return bytes;
    }
    char* from = raw_.data() + begin_;
    std::size_t left = end_ - begin_;
    char* to = out.data();
    std::size_t room = out.size();
    const std::size_t result = ::iconv(converter_->handle, &from, &left, &to, &room);
    const int error = result == static_cast<std::size_t>(-1) ? errno : 0;
    begin_ = end_ - left;
    std::size_t written = out.size() - room;
    bool is_odd = error == EILSEQ;
    if (error == EINVAL) {  // half a character
      TALLY_ASSIGN(const bool has_more, fill());
      is_odd = !has_more;
    }
    if (is_odd && room >= kReplacement.size()) {
      std::memcpy(to, kReplacement.data(), kReplacement.size());
      written += kReplacement.size();
      begin_ += std::min(converter_->unit_bytes, end_ - begin_);
    }
    if (written > 0) {
      return written;
    }
  }
}

}  // namespace tallystick::tabular
