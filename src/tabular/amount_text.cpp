#include "tabular/amount_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace tallystick::tabular {
namespace {

struct Spelling {
  std::string_view text;
  char meaning;
};

// What stands for one of ours: U+00A0, U+202F, U+2009 and tab are spaces, U+2019 an apostrophe, U+2212 a minus.
constexpr auto kSpellings = std::to_array<Spelling>({{"\xC2\xA0", ' '},
                                                     {"\xE2\x80\xAF", ' '},
                                                     {"\xE2\x80\x89", ' '},
                                                     {"\t", ' '},
                                                     {"\xE2\x80\x99", '\''},
                                                     {"\xE2\x88\x92", '-'}});

constexpr auto kSymbols = std::to_array<std::pair<std::string_view, std::string_view>>({{"\xE2\x82\xAC", "EUR"},
                                                                                        {"\xC2\xA3", "GBP"},
                                                                                        {"\xE2\x82\xB9", "INR"},
                                                                                        {"\xE2\x82\xA9", "KRW"},
                                                                                        {"\xE2\x82\xBD", "RUB"},
                                                                                        {"z\xC5\x82", "PLN"}});
// Of several currencies: they say nothing. U+00A5 is the yen and the yuan.
constexpr auto kVagueSymbols = std::to_array<std::string_view>({"$", "\xC2\xA5", "kr", "US$", "C$", "A$"});

std::string simplify(std::string_view text) {
  const bool is_plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
  if (is_plain) {
    return std::string(text);
  }
  std::string out;
  while (!text.empty()) {
    const auto* found =
        std::ranges::find_if(kSpellings, [&](const Spelling& spelling) { return text.starts_with(spelling.text); });
    out += found == kSpellings.end() ? text.front() : found->meaning;
    text.remove_prefix(found == kSpellings.end() ? 1 : found->text.size());
  }
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

bool take_front(std::string_view& text, char c) {
  const bool is_there = text.starts_with(c);
  text.remove_prefix(is_there ? 1 : 0);
  return is_there;
}

bool take_back(std::string_view& text, char c) {
  const bool is_there = text.ends_with(c);
  text.remove_suffix(is_there ? 1 : 0);
  return is_there;
}

bool is_core(char c) {
  return (c >= '0' && c <= '9') || c == '.' || c == ',';
}

// False: it is no currency.
bool read_currency(std::string_view text, AmountText& out) {
  if (text.empty() || std::ranges::find(kVagueSymbols, text) != kVagueSymbols.end()) {
    return true;
  }
  const auto* symbol = std::ranges::find(kSymbols, text, &std::pair<std::string_view, std::string_view>::first);
  std::string code(symbol == kSymbols.end() ? text : symbol->second);
  std::ranges::transform(code, code.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto currency = base::parse_currency(code);
  if (!currency || out.currency) {
    return false;
  }
  out.currency = *currency;
  return true;
}

// One minus before or behind the text, or a plus before it. False: more than that.
bool take_sign(std::string_view& text, AmountText& out) {
  const bool is_before = take_front(text, '-');
  const bool is_plus = !is_before && take_front(text, '+');
  const bool is_behind = take_back(text, '-');
  const int signs = (is_before ? 1 : 0) + (is_plus ? 1 : 0) + (is_behind ? 1 : 0) + (out.is_negative ? 1 : 0);
  out.is_negative = out.is_negative || is_before || is_behind;
  text = trim(text);
  return signs <= 1;
}

}  // namespace

std::optional<AmountText> split_amount(std::string_view given) {
  if (given.size() > kMaxAmountBytes) {
    return std::nullopt;
  }
  const std::string simple = simplify(given);
  AmountText out;
  std::string_view text = trim(simple);
  if (text.starts_with('(') && text.ends_with(')') && text.size() > 2) {
    out.is_negative = true;
    text = trim(text.substr(1, text.size() - 2));
  }
  if (!take_sign(text, out)) {
    return std::nullopt;
  }
  const auto first = std::ranges::find_if(text, is_core);
  const auto last = std::find_if(text.rbegin(), text.rend(), is_core).base();
  if (first == text.end()) {
    return std::nullopt;
  }
  std::string_view before = trim({text.begin(), first});
  std::string_view behind = trim({last, text.end()});
  // "$-5.00", "USD -5.00", "5.00- EUR".
  if (take_back(before, '-') || take_front(behind, '-')) {
    if (out.is_negative) {
      return std::nullopt;
    }
    out.is_negative = true;
  }
  if (!read_currency(trim(before), out) || !read_currency(trim(behind), out)) {
    return std::nullopt;
  }
  out.core.assign(first, last);
  return out;
}

}  // namespace tallystick::tabular
