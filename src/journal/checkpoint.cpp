#include "journal/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/encoding.h"

namespace tallystick::journal {
namespace {

constexpr std::uint64_t kMaxTreeSize = (std::uint64_t{1} << 63U) - 1;

std::unexpected<base::Error> bad_checkpoint(std::string_view what) {
  return base::fail(base::ErrorKind::kInvalid, "bad_checkpoint", fmt::format("not a checkpoint: {}", what));
}

// Takes a line with its newline off the front; nothing when there is no whole line.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool has_leading_zero = text.size() > 1 && text[0] == '0';
  if (error != std::errc() || end != text.data() + text.size() || has_leading_zero || value > kMaxTreeSize) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

std::string format_checkpoint(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size, base::to_base64(checkpoint.root));
}

base::Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = take_line(text);
  const auto size_line = take_line(text);
  const auto root_line = take_line(text);
  if (!origin || origin->empty() || !size_line || !root_line) {
    return bad_checkpoint("expected the lines origin, size and root");
  }
  const auto size = parse_size(*size_line);
  if (!size) {
    return bad_checkpoint("the size is not a decimal number");
  }
  const auto root = base::from_base64(*root_line);
  Checkpoint out{std::string(*origin), *size, {}};
  if (!root || root->size() != out.root.size()) {
    return bad_checkpoint("the root is not 32 bytes in base64");
  }
  std::copy(root->begin(), root->end(), out.root.begin());
  while (!text.empty()) {
    const auto extension = take_line(text);
    if (!extension || extension->empty()) {
      return bad_checkpoint("an extension line is empty");
    }
  }
  return out;
}

std::string make_checkpoint_note(std::string_view origin,
                                 std::uint64_t size,
                                 const crypto::Digest& root,
                                 const crypto::Ed25519Key& key) {
  return sign_note(format_checkpoint({std::string(origin), size, root}), origin, key);
}

base::Result<Checkpoint> open_checkpoint_note(std::string_view note, const VerifierKey& key) {
  TALLY_ASSIGN(const Note opened, open_note(note, key));
  TALLY_ASSIGN(Checkpoint out, parse_checkpoint(opened.text));
  if (out.origin != key.name) {
    return base::fail(base::ErrorKind::kUnprocessable,
                      "checkpoint_origin",
                      fmt::format("the checkpoint is of another log than {}", key.name));
  }
  return out;
}

base::Result<Checkpoint> open_checkpoint_note(std::string_view note, std::string_view verifier_key) {
  TALLY_ASSIGN(const VerifierKey key, parse_verifier_key(verifier_key));
  return open_checkpoint_note(note, key);
}

}  // namespace tallystick::journal
