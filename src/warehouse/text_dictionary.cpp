#include "warehouse/text_dictionary.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "base/random.h"
#include "warehouse/native_format.h"

namespace tallystick::warehouse {

namespace {

constexpr std::size_t kFirstPlaces = 64;

// Up to eight bytes; no two texts of one size of up to eight have the same.
std::uint64_t first_bytes(std::string_view text) {
  const auto load = [&text]<typename Number>(Number number, std::size_t at) {
    std::memcpy(&number, text.data() + at, sizeof(number));
    return std::uint64_t{number};
  };
  const std::size_t size = text.size();
  if (size >= 8) {
    return load(std::uint64_t{}, 0);
  }
  if (size >= 4) {
    return load(std::uint32_t{}, 0) << 32 | load(std::uint32_t{}, size - 4);
  }
  if (size >= 2) {
    return load(std::uint16_t{}, 0) << 16 | load(std::uint16_t{}, size - 2);
  }
  return size == 1 ? static_cast<std::uint8_t>(text[0]) : 0;
}

std::uint64_t eight_bytes(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Both halves of the product: every bit of both factors moves every bit of what comes out.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{a} * b;
  return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
}

const std::uint64_t kSeed = base::SystemRandom().next_u64();

// Some of the texts come from outside: whoever does not know the seed cannot choose texts that collide. Eight bytes at
// a time; the last eight overlap those before.
std::uint64_t hash_of(std::uint64_t first, std::string_view text) {
  std::uint64_t hash = mix(first ^ kSeed, text.size() ^ 0xBF58476D1CE4E5B9ULL);
  if (text.size() > sizeof(first)) {
    const char* const last = text.data() + text.size() - sizeof(first);
    for (const char* at = text.data() + sizeof(first); at < last; at += sizeof(first)) {
      hash = mix(hash ^ eight_bytes(at), 0x94D049BB133111EBULL);
    }
    hash = mix(hash ^ eight_bytes(last), 0x94D049BB133111EBULL);
  }
  return hash;
}

// Of two texts of one size, more than eight bytes, that begin with the same eight.
bool are_equal(const char* a, const char* b, std::size_t size) {
  const std::size_t last = size - sizeof(std::uint64_t);
  std::uint64_t difference = eight_bytes(a + last) ^ eight_bytes(b + last);
  for (std::size_t at = sizeof(std::uint64_t); at < last; at += sizeof(std::uint64_t)) {
    difference |= eight_bytes(a + at) ^ eight_bytes(b + at);
  }
  return difference == 0;
}

}  // namespace

bool TextDictionary::is_at(std::uint32_t number, std::uint64_t first, std::string_view text) const {
  const Entry& entry = entries_[number];
  return entry.first == first && entry.size == text.size() &&
         (text.size() <= sizeof(first) || are_equal(bytes_.data() + entry.begin, text.data(), text.size()));
}

std::uint32_t TextDictionary::number_of(std::string_view text) {
  const std::uint64_t first = first_bytes(text);
  if (last_ < entries_.size() && is_at(last_, first, text)) {
    return last_;
  }
  if (entries_.size() * 2 >= places_.size()) {
    grow();
  }
  const std::size_t mask = places_.size() - 1;
  std::size_t at = static_cast<std::size_t>(hash_of(first, text)) & mask;
  while (places_[at] != 0) {
    if (is_at(places_[at] - 1, first, text)) {
      last_ = places_[at] - 1;
      return last_;
    }
    at = (at + 1) & mask;
  }
  if (std::cmp_greater_equal(entries_.size(), UINT32_MAX)) {
    throw std::length_error("too many texts for one dictionary");
  }
  last_ = static_cast<std::uint32_t>(entries_.size());
  append_text(bytes_, text);
  entries_.push_back({first, text.size(), bytes_.size() - text.size()});
  places_[at] = last_ + 1;
  return last_;
}

void TextDictionary::grow() {
  std::vector<std::uint32_t> places(places_.empty() ? kFirstPlaces : places_.size() * 2);
  const std::size_t mask = places.size() - 1;
  for (std::size_t number = 0; number < entries_.size(); ++number) {
    const std::string_view text = std::string_view(bytes_).substr(entries_[number].begin, entries_[number].size);
    std::size_t at = static_cast<std::size_t>(hash_of(entries_[number].first, text)) & mask;
    while (places[at] != 0) {
      at = (at + 1) & mask;
    }
    places[at] = static_cast<std::uint32_t>(number) + 1;
  }
  places_ = std::move(places);
}

void TextDictionary::clear() {
  bytes_.clear();
  entries_.clear();
  std::ranges::fill(places_, 0U);
  last_ = 0;
}

}  // namespace tallystick::warehouse
