#include "quality/rules_loader.h"

#include <optional>

#include <fmt/format.h>

#include "base/file.h"
#include "quality/toml_reader.h"

namespace tallystick::quality {

namespace {

using journal::Reason;

constexpr std::int64_t kMaxWindowMs = 24 * 3'600'000;
constexpr std::int64_t kMaxRate = 60'000;  // a slice of a window counts to 65,535
constexpr std::int64_t kMaxEntries = 1'000'000'000;

std::optional<Reason> find_reason(std::string_view name) {
  for (std::size_t i = 0; i < journal::kReasonCount; ++i) {
    if (journal::name_of(static_cast<Reason>(i)) == name) {
      return static_cast<Reason>(i);
    }
  }
  return std::nullopt;
}

struct ListFiles {
  std::vector<TomlString> datacenters;
  std::vector<TomlString> block_lists;
  std::optional<std::string> geo;
};

void read_ms(TomlTable& table, std::string_view key, std::int64_t min_ms, std::int64_t& out_us) {
  if (const auto value = table.find_integer(key, min_ms, kMaxWindowMs)) {
    out_us = *value * base::kMicrosPerMilli;
  }
}

void read_count(TomlTable& table, std::string_view key, std::int64_t max, std::uint32_t& out) {
  if (const auto value = table.find_integer(key, 0, max)) {
    out = static_cast<std::uint32_t>(*value);
  }
}

void read_rate(TomlTable& parent, std::string_view key, bool is_partner, RateLimit& out) {
  parent.with_table(key, [&](TomlTable& table) {
    out.is_per_partner = is_partner && table.has("window_ms");
    read_ms(table, "window_ms", 1'000, out.window_us);
    read_count(table, "clicks", kMaxRate, out.clicks);
    read_count(table, "impressions", kMaxRate, out.impressions);
  });
}

// `limits` come with the values to fall back on.
void read_limits(TomlTable& table, bool is_partner, Limits& limits) {
  read_ms(table, "duplicate_window_ms", 0, limits.duplicate_window_us);
  read_ms(table, "too_fast_ms", 0, limits.too_fast_us);
  read_rate(table, "rate_ip", is_partner, limits.rate_ip);
  read_rate(table, "rate_session", is_partner, limits.rate_session);
  table.with_table("session_partner", [&](TomlTable& pair) {
    read_ms(pair, "window_ms", 1'000, limits.session_partner_window_us);
    read_count(pair, "clicks", kMaxSessionPartnerClicks, limits.session_partner_clicks);
  });
  if (!table.has("disabled")) {
    (void)table.find_strings("disabled", 0);
    return;
  }
  limits.disabled = 0;
  for (const TomlString& name : table.find_strings("disabled", journal::kReasonCount)) {
    if (const auto reason = find_reason(name.text)) {
      limits.disabled |= 1U << static_cast<unsigned>(*reason);
    } else {
      table.report_line(name.line, fmt::format("there is no rule '{}'", name.text));
    }
  }
}

void read_memory(TomlTable& table, MemoryLimits& memory) {
  const auto read = [&](std::string_view key, std::size_t& out) {
    if (const auto value = table.find_integer(key, 1'000, kMaxEntries)) {
      out = static_cast<std::size_t>(*value);
    }
  };
  const auto read_hours = [&](std::string_view key, std::int64_t& out_us) {
    if (const auto value = table.find_integer(key, 1, std::int64_t{24} * 366)) {
      out_us = *value * base::kMicrosPerHour;
    }
  };
  read("impressions", memory.impressions);
  read_hours("impression_hours", memory.impression_us);
  read("used_impressions", memory.claims);
  read_hours("used_impression_hours", memory.claim_us);
  read("clicks", memory.clicks);
  read("addresses", memory.addresses);
  read("sessions", memory.sessions);
  read("watched_clicks", memory.watched_clicks);
  read("agents", memory.agents);
}

void read_agents(TomlTable& table, RuleSetContent& content) {
  for (TomlString& prefix : table.find_strings("own_apps", RuleSetLoader::kMaxAgentEntries)) {
    if (prefix.text.size() < 3) {
      table.report_line(prefix.line, "a prefix of fewer than three characters fits too much");
    }
    content.app_prefixes.push_back(std::move(prefix.text));
  }
  std::vector<Pattern> people;
  for (TomlString& entry : table.find_strings("not_crawlers", RuleSetLoader::kMaxAgentEntries)) {
    people.push_back({std::move(entry.text)});
    if (auto alone = PatternSet::make({&people.back(), 1}); !alone) {
      table.report_line(entry.line, alone.error().message);
      people.pop_back();
    }
  }
  if (!people.empty()) {
    if (auto set = PatternSet::make(people)) {
      content.people = *std::move(set);
    } else {
      table.report("not_crawlers", set.error().message);
    }
  }
}

base::Result<ListFiles> read_config(std::string_view text, const std::string& name, RuleSetContent& content) {
  TALLY_ASSIGN(TomlReader reader, TomlReader::parse(text, name));
  TomlTable& root = reader.root();
  ListFiles files;
  root.with_table("limits", [&](TomlTable& table) { read_limits(table, false, content.limits); });
  if (const auto grace_ms = root.find_integer("no_impression_grace_ms", 1'000, kMaxWindowMs)) {
    content.no_impression_grace_us = *grace_ms * base::kMicrosPerMilli;
  }
  root.with_table("memory", [&](TomlTable& table) { read_memory(table, content.memory); });
  root.with_table("lists", [&](TomlTable& table) {
    files.datacenters = table.find_strings("datacenter_networks", RuleSetLoader::kMaxListFiles);
    files.block_lists = table.find_strings("block_list", 1);
  });
  root.with_table("geo", [&](TomlTable& table) { files.geo = table.find_string("database"); });
  root.with_table("agents", [&](TomlTable& table) { read_agents(table, content); });
  root.for_each_named_table("partners", RuleSetLoader::kMaxPartners, [&](const std::string& partner, TomlTable& table) {
    Limits limits = content.limits;
    read_limits(table, true, limits);
    if (!limits.is_on(Reason::kNoImpression) && content.limits.is_on(Reason::kNoImpression)) {
      table.report("disabled", "'no_impression' can only be disabled for all partners, under [limits]");
    }
    base::Uuid id;
    if (base::parse_uuid_into(partner, id)) {
      content.by_id.emplace(id, limits);
    } else {
      content.by_slug.emplace(partner, limits);
    }
  });
  TALLY_TRY(reader.finish("bad_quality_config"));
  return files;
}

}  // namespace

RuleSetLoader::RuleSetLoader(std::shared_ptr<const CrawlerMatcher> crawlers, std::filesystem::path config)
    : crawlers_(std::move(crawlers)), config_(std::move(config)) {}

base::Result<std::string> RuleSetLoader::load_file(const std::filesystem::path& path) {
  files_.push_back(path);
  auto text = base::read_file(path, kMaxFileBytes);
  if (!text) {
    text.error().code = "quality_file_unreadable";
  }
  return text;
}

base::Result<std::shared_ptr<const RuleSet>> RuleSetLoader::load() {
  files_.clear();
  if (config_.empty()) {
    return make_default_rules(crawlers_);
  }
  RuleSetContent content;
  crypto::Sha256 digest;
  digest.update("tallystick quality rules 1\n");
  if (crawlers_ != nullptr) {
    digest.update(crawlers_->digest());
  }
  const auto add = [&digest](std::string_view role, const crypto::Digest& part) {
    digest.update(role).update(part);
  };
  const std::filesystem::path folder = config_.parent_path();
  TALLY_ASSIGN(const std::string text, load_file(config_));
  add("config\n", crypto::sha256(text));
  TALLY_ASSIGN(const ListFiles lists, read_config(text, config_.filename().string(), content));

  std::string networks;
  for (const TomlString& file : lists.datacenters) {
    TALLY_ASSIGN(const std::string list, load_file(folder / file.text));
    add("datacenters\n", crypto::sha256(list));
    // Each file is checked by itself, so that errors have its own line numbers.
    TALLY_ASSIGN(content.datacenters, NetworkList::parse(list, file.text));
    networks.append(list).append("\n");
  }
  if (lists.datacenters.size() > 1) {
    TALLY_ASSIGN(content.datacenters, NetworkList::parse(networks, "all lists of datacenter networks together"));
  }
  content.has_datacenters = !lists.datacenters.empty();
  for (const TomlString& file : lists.block_lists) {
    TALLY_ASSIGN(const std::string list, load_file(folder / file.text));
    add("block_list\n", crypto::sha256(list));
    TALLY_ASSIGN(content.block_list, BlockList::parse(list, file.text));
  }
  if (lists.geo) {
    const std::filesystem::path path = folder / *lists.geo;
    files_.push_back(path);
    auto geo = GeoDatabase::load(path.string());
    if (geo) {
      content.geo = *std::move(geo);
      add("geo\n", content.geo->digest());
    } else if (geo.error().code == "geo_database_unreadable") {
      content.geo_problem = geo.error().message;
    } else {
      return std::unexpected(std::move(geo).error());
    }
  }
  content.crawlers = crawlers_;
  content.digest = digest.finish();
  return std::make_shared<const RuleSet>(std::move(content));
}

}  // namespace tallystick::quality
