#include "quality/block_list.h"

#include <algorithm>

#include <fmt/format.h>

#include "quality/toml_reader.h"

namespace tallystick::quality {

namespace {

constexpr std::size_t kMaxHostBytes = 253;  // RFC 1035 section 2.3.4

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_host(std::string_view host) {
  if (host.empty() || host.size() > kMaxHostBytes || host.front() == '.' || host.back() == '.') {
    return false;
  }
  return host.find("..") == host.npos && std::all_of(host.begin(), host.end(), [](char c) {
           const char lower = to_lower(c);
           return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

template <typename T, typename U>
bool has_sorted(const std::vector<T>& sorted, const U& value) {
  return std::binary_search(sorted.begin(), sorted.end(), value, std::less<>());
}

std::vector<Pattern> read_agents(TomlTable& root) {
  std::vector<Pattern> agents;
  for (TomlString& entry : root.find_strings("agents", BlockList::kMaxAgents)) {
    if (entry.text.size() > PatternSet::kMaxExpressionBytes / 4) {
      root.report_line(entry.line,
                       fmt::format("the text is longer than {} bytes", PatternSet::kMaxExpressionBytes / 4));
      continue;
    }
    agents.push_back({std::move(entry.text), true, true});
  }
  for (TomlString& entry : root.find_strings("agent_patterns", BlockList::kMaxAgents)) {
    Pattern pattern{std::move(entry.text), true, false};
    if (auto alone = PatternSet::make({&pattern, 1}); !alone) {
      root.report_line(entry.line, alone.error().message);
      continue;
    }
    agents.push_back(std::move(pattern));
  }
  return agents;
}

}  // namespace

base::Result<BlockList> BlockList::parse(std::string_view text, const std::string& name) {
  TALLY_ASSIGN(TomlReader reader, TomlReader::parse(text, name));
  TomlTable& root = reader.root();
  BlockList list;
  std::vector<base::IpNetwork> networks;
  for (const TomlString& entry : root.find_strings("networks", kMaxEntries)) {
    if (auto network = base::parse_cidr(entry.text)) {
      networks.push_back(*network);
    } else {
      root.report_line(entry.line, fmt::format("'{}' is no network: {}", entry.text, network.error().message));
    }
  }
  for (const TomlString& entry : root.find_strings("referrers", kMaxEntries)) {
    const bool is_parent = entry.text.starts_with("*.");
    std::string host = is_parent ? entry.text.substr(2) : entry.text;
    if (!is_host(host)) {
      root.report_line(entry.line, fmt::format("'{}' is no host: write spam.example or *.spam.example", entry.text));
      continue;
    }
    std::transform(host.begin(), host.end(), host.begin(), to_lower);
    (is_parent ? list.parent_hosts_ : list.hosts_).push_back(std::move(host));
  }
  const std::vector<Pattern> agents = read_agents(root);
  for (const TomlString& entry : root.find_strings("countries", kMaxEntries)) {
    const auto is_upper = [](char c) {
      return c >= 'A' && c <= 'Z';
    };
    if (entry.text.size() != 2 || !is_upper(entry.text[0]) || !is_upper(entry.text[1])) {
      root.report_line(entry.line, fmt::format("'{}' is no country: two upper-case letters of ISO 3166-1", entry.text));
      continue;
    }
    list.countries_.push_back({entry.text[0], entry.text[1]});
  }
  for (TomlString& entry : root.find_strings("partners", kMaxEntries)) {
    base::Uuid id;
    if (base::parse_uuid_into(entry.text, id)) {
      list.partner_ids_.push_back(id);
    } else {
      list.partner_slugs_.push_back(std::move(entry.text));
    }
  }
  TALLY_TRY(reader.finish("bad_block_list"));
  list.entry_count_ = networks.size() + list.hosts_.size() + list.parent_hosts_.size() + agents.size() +
                      list.countries_.size() + list.partner_ids_.size() + list.partner_slugs_.size();
  list.networks_ = NetworkList(networks);
  if (!agents.empty()) {
    auto set = PatternSet::make(agents);
    if (!set) {
      return base::fail(base::ErrorKind::kInvalid, "bad_block_list", fmt::format("{}: {}", name, set.error().message));
    }
    list.agents_ = *std::move(set);
  }
  std::sort(list.hosts_.begin(), list.hosts_.end());
  std::sort(list.parent_hosts_.begin(), list.parent_hosts_.end());
  std::sort(list.countries_.begin(), list.countries_.end());
  std::sort(list.partner_ids_.begin(), list.partner_ids_.end());
  std::sort(list.partner_slugs_.begin(), list.partner_slugs_.end());
  return list;
}

bool BlockList::blocks_referrer(std::string_view host) const {
  if (host.empty() || host.size() > kMaxHostBytes || (hosts_.empty() && parent_hosts_.empty())) {
    return false;
  }
  std::array<char, kMaxHostBytes> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
  std::transform(host.begin(), host.end(), buffer.begin(), to_lower);
  std::string_view lower(buffer.data(), host.size());
  if (lower.ends_with('.')) {
    lower.remove_suffix(1);
  }
  if (has_sorted(hosts_, lower)) {
    return true;
  }
  if (parent_hosts_.empty()) {
    return false;
  }
  for (std::size_t dot = lower.find('.'); dot != lower.npos; dot = lower.find('.', dot + 1)) {
    if (has_sorted(parent_hosts_, lower.substr(dot + 1))) {
      return true;
    }
  }
  return false;
}

bool BlockList::blocks_agent(std::string_view user_agent) const {
  return agents_ && agents_->matches_any(user_agent);
}

bool BlockList::blocks_country(const std::array<char, 2>& country) const {
  return country[0] != 0 && has_sorted(countries_, country);
}

bool BlockList::blocks_partner(const base::Uuid& id, std::string_view slug) const {
  return (!partner_ids_.empty() && has_sorted(partner_ids_, id)) ||
         (!partner_slugs_.empty() && has_sorted(partner_slugs_, slug));
}

}  // namespace tallystick::quality
