#include "settlement/upload_form.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace tallystick::settlement {
namespace {

constexpr std::string_view kFormType = "multipart/form-data";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::size_t kMaxBoundaryBytes = 70;  // RFC 2046, section 5.1.1
constexpr std::size_t kMaxPartHeadBytes = 4'096;
constexpr std::size_t kMaxNameBytes = 300;

std::unexpected<base::Error> bad_form(std::string detail) {
  return base::fail(base::ErrorKind::kInvalid, "bad_form", "the form cannot be read: " + std::move(detail));
}

bool equals_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trim_blanks(std::string_view text) {
  const auto is_blank = [](char c) {
    return c == ' ' || c == '\t';
  };
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// Takes a parameter's value from the front, with or without quotes, and what follows it up to the next semicolon.
std::string take_value(std::string_view& rest) {
  std::string value;
  std::size_t i = 0;
  if (rest.starts_with('"')) {
    for (i = 1; i < rest.size() && rest[i] != '"'; ++i) {
      const bool is_escaped = rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\');
      i += is_escaped ? 1 : 0;
      value += rest[i];
    }
  } else {
    i = std::min(rest.find(';'), rest.size());
    value = trim_blanks(rest.substr(0, i));
  }
  rest.remove_prefix(std::min(rest.find(';', i), rest.size()));
  return value;
}

// The value behind `name=`; inside quotes a backslash stands before a quote or another one.
std::optional<std::string> find_parameter(std::string_view header, std::string_view name) {
  std::string_view rest = header.substr(std::min(header.find(';'), header.size()));
  while (rest.starts_with(';')) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find_first_of("=;"), rest.size());
    const bool is_wanted = equals_without_case(trim_blanks(rest.substr(0, end)), name);
    rest.remove_prefix(end);
    if (rest.starts_with('=')) {
      rest.remove_prefix(1);
      std::string value = take_value(rest);
      if (is_wanted) {
        return value;
      }
    }
  }
  return std::nullopt;
}

base::Result<FormPart> parse_part(std::string_view head, std::string_view content) {
  FormPart part;
  part.content = content;
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find(kLineEnd));
    head.remove_prefix(std::min(head.size(), line.size() + kLineEnd.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos ||
        !equals_without_case(trim_blanks(line.substr(0, colon)), "Content-Disposition")) {
      continue;
    }
    part.name = find_parameter(line, "name").value_or("");
    part.file_name = find_parameter(line, "filename").value_or("");
  }
  if (part.name.empty() || part.name.size() > kMaxNameBytes || part.file_name.size() > kMaxNameBytes) {
    return bad_form("a part has no name, or too long a one");
  }
  return part;
}

}  // namespace

bool is_form(std::string_view content_type) {
  const std::string_view type = trim_blanks(content_type.substr(0, content_type.find(';')));
  return equals_without_case(type, kFormType);
}

base::Result<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body) {
  const auto boundary = find_parameter(content_type, "boundary");
  if (!is_form(content_type) || !boundary || boundary->empty() || boundary->size() > kMaxBoundaryBytes) {
    return bad_form("its Content-Type names no boundary");
  }
  const std::string first = "--" + *boundary;
  const std::string delimiter = std::string(kLineEnd) + first;
  if (!body.starts_with(first)) {
    const std::size_t at = body.find(delimiter);
    if (at == std::string_view::npos) {
      return bad_form("its boundary does not occur");
    }
    body.remove_prefix(at + kLineEnd.size());
  }
  body.remove_prefix(first.size());
  std::vector<FormPart> parts;
  while (!body.starts_with("--")) {
    while (body.starts_with(' ') || body.starts_with('\t')) {
      body.remove_prefix(1);
    }
    if (!body.starts_with(kLineEnd)) {
      return bad_form("something follows a boundary");
    }
    const std::string_view rest = body.substr(kLineEnd.size());
    // A part without headers begins with the blank line itself.
    const std::size_t head_end = body.find("\r\n\r\n");
    if (head_end > kMaxPartHeadBytes || parts.size() == kMaxFormParts) {
      return bad_form("a part has no end to its headers, or there are too many parts");
    }
    const std::string_view head = head_end == 0 ? std::string_view() : rest.substr(0, head_end - kLineEnd.size());
    const std::string_view after = body.substr(head_end + 4);
    const std::size_t end = after.find(delimiter);
    if (end == std::string_view::npos) {
      return bad_form("its last boundary is missing: the request was cut short");
    }
    TALLY_ASSIGN(FormPart part, parse_part(head, after.substr(0, end)));
    parts.push_back(std::move(part));
    body = after.substr(end + delimiter.size());
  }
  return parts;
}

}  // namespace tallystick::settlement
