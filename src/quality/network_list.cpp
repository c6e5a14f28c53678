#include "quality/network_list.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace tallystick::quality {

namespace {

constexpr std::uint64_t kMappedV4 = 0xFFFF'0000'0000ULL;  // the low half of ::ffff:0.0.0.0

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlanks);
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::uint64_t load_be(const std::uint8_t* bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i) {
    value = value << 8U | bytes[i];
  }
  return value;
}

// The last of the sorted `firsts` that is not above `value`, or npos. Without branches: the data decides nothing
// that a processor could guess wrong.
template <typename T>
std::size_t find_floor(const std::vector<T>& firsts, const T& value) {
  if (firsts.empty() || value < firsts.front()) {
    return static_cast<std::size_t>(-1);
  }
  const T* base = firsts.data();
  std::size_t length = firsts.size();
  while (length > 1) {
    const std::size_t half = length / 2;
    base += static_cast<std::size_t>(!(value < base[half])) * half;
    length -= half;
  }
  return static_cast<std::size_t>(base - firsts.data());
}

}  // namespace

NetworkList::Wide NetworkList::to_wide(const base::IpAddress& address) {
  return {load_be(address.bytes.data()), load_be(address.bytes.data() + 8)};
}

NetworkList::NetworkList(std::span<const base::IpNetwork> networks) : network_count_(networks.size()) {
  struct Range {
    Wide first;
    Wide last;
  };
  std::vector<Range> ranges;
  ranges.reserve(networks.size());
  for (const auto& network : networks) {
    const Wide first = to_wide(network.address);
    const unsigned host_bits = 128U - network.prefix_bits;
    const std::uint64_t high_mask = host_bits <= 64 ? 0 : host_bits == 128 ? ~0ULL : (1ULL << (host_bits - 64)) - 1;
    const std::uint64_t low_mask = host_bits >= 64 ? ~0ULL : (1ULL << host_bits) - 1;
    ranges.push_back({first, {first.high | high_mask, first.low | low_mask}});
  }
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.first < b.first; });
  std::vector<Range> merged;
  for (const Range& range : ranges) {
    if (merged.empty()) {
      merged.push_back(range);
      continue;
    }
    Range& back = merged.back();
    const bool is_full = back.last == Wide{~0ULL, ~0ULL};
    const Wide next = {back.last.high + (back.last.low == ~0ULL ? 1 : 0), back.last.low + 1};
    if (is_full || range.first <= next) {
      back.last = std::max(back.last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  const Wide v4_first{0, kMappedV4};
  const Wide v4_last{0, kMappedV4 | 0xFFFF'FFFFULL};
  for (const Range& range : merged) {
    first_v6_.push_back(range.first);
    last_v6_.push_back(range.last);
    if (range.first <= v4_last && range.last >= v4_first) {
      first_v4_.push_back(static_cast<std::uint32_t>(std::max(range.first, v4_first).low));
      last_v4_.push_back(static_cast<std::uint32_t>(std::min(range.last, v4_last).low));
    }
  }
  // Ranges wholly inside the mapped block are looked up in their short form only.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < first_v6_.size(); ++i) {
    if (first_v6_[i] < v4_first || last_v6_[i] > v4_last) {
      first_v6_[kept] = first_v6_[i];
      last_v6_[kept] = last_v6_[i];
      ++kept;
    }
  }
  first_v6_.resize(kept);
  last_v6_.resize(kept);
}

base::Result<NetworkList> NetworkList::parse(std::string_view text, std::string_view name) {
  std::vector<base::IpNetwork> networks;
  std::string errors;
  std::size_t error_count = 0;
  std::size_t number = 0;
  while (!text.empty() && error_count < kMaxErrors) {
    const std::size_t end = text.find('\n');
    const std::string_view whole = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    ++number;
    const std::string_view line = trim(whole.substr(0, whole.find('#')));
    if (line.empty()) {
      continue;
    }
    std::string problem;
    if (networks.size() == kMaxNetworks) {
      problem = fmt::format("more than {} networks", kMaxNetworks);
      error_count = kMaxErrors;
    } else if (auto network = base::parse_cidr(line)) {
      networks.push_back(*network);
      continue;
    } else {
      problem = network.error().message;
    }
    errors += fmt::format("{}{}:{}: {}", errors.empty() ? "" : "\n", name, number, problem);
    ++error_count;
  }
  if (!errors.empty()) {
    return base::fail(base::ErrorKind::kInvalid, "bad_network_list", std::move(errors));
  }
  return NetworkList(networks);
}

bool NetworkList::contains(const base::IpAddress& address) const {
  const Wide wide = to_wide(address);
  if (wide.high == 0 && (wide.low & ~0xFFFF'FFFFULL) == kMappedV4) {
    const auto value = static_cast<std::uint32_t>(wide.low);
    const std::size_t at = find_floor(first_v4_, value);
    return at != static_cast<std::size_t>(-1) && value <= last_v4_[at];
  }
  const std::size_t at = find_floor(first_v6_, wide);
  return at != static_cast<std::size_t>(-1) && wide <= last_v6_[at];
}

}  // namespace tallystick::quality
