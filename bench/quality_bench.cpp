// rooms: quality journal crypto base
// The inline verdict on repeat traffic and its parts, beside what they could be compared with: the same patterns
// through std::regex, and one memmem over the agent as the least that any look at it costs.
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <boost/json.hpp>

#include "embedded/crawler_user_agents.h"
#include "quality/agent_cache.h"
#include "quality/crawler_matcher.h"
#include "quality/judge.h"
#include "quality/network_list.h"
#include "quality/rules.h"
#include "tests/quality/mmdb_writer.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::quality {
namespace {

constexpr base::Timestamp kStart{1'763'697'600'000'000};

const std::shared_ptr<const CrawlerMatcher>& crawlers() {
  static const auto instance = CrawlerMatcher::make_embedded();
  return instance;
}

// 200 agents as one site sees them.
std::vector<std::string> make_agents() {
  std::vector<std::string> agents;
  for (int i = 0; i < 200; ++i) {
    const std::string version = std::to_string(100 + i % 43) + ".0." + std::to_string(7000 + i) + ".102";
    agents.push_back(
        i % 2 == 0 ? "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" +
                         version + " Safari/537.36"
                   : "Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, "
                     "like Gecko) Version/4.0 Chrome/" +
                         version + " Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/537.0.0.47.76;IABMV/1;]");
  }
  return agents;
}

std::vector<base::IpNetwork> make_networks(std::size_t count) {
  std::vector<base::IpNetwork> networks;
  for (std::size_t i = 0; i < count; ++i) {
    base::IpNetwork network;
    network.address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    const auto value = static_cast<std::uint32_t>(i * 80'021U) & 0xFFFF'FF00U;  // spread, apart from each other
    for (std::size_t byte = 0; byte < 4; ++byte) {
      network.address.bytes[12 + byte] = static_cast<std::uint8_t>(value >> (24 - 8 * byte));
    }
    network.prefix_bits = 120;
    networks.push_back(network);
  }
  return networks;
}

base::IpAddress make_address(std::uint32_t value) {
  base::IpAddress address;
  address.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  std::memcpy(address.bytes.data() + 12, &value, 4);
  return address;
}

std::shared_ptr<const GeoDatabase> make_geo() {
  MmdbWriter writer;
  for (int i = 0; i < 250; ++i) {
    writer.add(std::to_string(i) + ".0.0.0/12", i % 2 == 0 ? "DE" : "FR");
  }
  const support::TemporaryDirectory folder;
  const std::string path = (folder.path() / "geo.mmdb").string();
  const std::string content = writer.write();
  std::ofstream(path, std::ios::binary).write(content.data(), static_cast<std::streamsize>(content.size()));
  return GeoDatabase::load(path).value();
}

std::shared_ptr<const RuleSet> make_rules() {
  RuleSetContent content;
  content.crawlers = crawlers();
  content.datacenters = NetworkList(make_networks(50'000));
  content.has_datacenters = true;
  content.geo = make_geo();
  content.block_list =
      *BlockList::parse("agents = ['badapp']\nreferrers = ['*.spam.example']\nnetworks = ['192.0.2.0/24']", "block");
  return std::make_shared<const RuleSet>(std::move(content));
}

std::uint64_t next(std::uint64_t& state) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return state >> 16U;
}

// A click with everything: a new event, a known impression, one of 10,000 sessions and addresses, one of 200 agents.
void JudgeClick(benchmark::State& bench) {
  static Judge judge(1);
  static const auto agents = make_agents();
  if (bench.thread_index() == 0) {
    judge.set_rules(make_rules());
  }
  std::uint64_t state = 1 + static_cast<std::uint64_t>(bench.thread_index());
  std::vector<crypto::Digest> sessions(10'000);
  for (auto& session : sessions) {
    session = crypto::sha256(std::to_string(next(state)));
  }
  Evidence evidence;
  evidence.kind = bench.range(0) == 0 ? EventKind::kClick : EventKind::kImpression;
  evidence.now = kStart;
  evidence.referrer_host = "news.publisher.example";
  evidence.partner_slug = "acme";
  evidence.partner_id.bytes[3] = 7;
  const auto judge_next = [&] {
    const std::uint64_t number = next(state);
    std::memcpy(evidence.event_id.bytes.data(), &number, 8);
    std::memcpy(evidence.impression_id.bytes.data() + 4, &number, 8);
    evidence.now = evidence.now + 100;
    evidence.ip = make_address(static_cast<std::uint32_t>(number % 10'000) * 7919U);
    evidence.user_agent = agents[number % agents.size()];
    evidence.session = sessions[number % sessions.size()];
    benchmark::DoNotOptimize(judge.judge(evidence));
  };
  for (int i = 0; i < 300'000; ++i) {
    judge_next();  // the memories as full as on a busy day
  }
  for (auto _ : bench) {
    judge_next();
  }
  bench.SetItemsProcessed(bench.iterations());
}
BENCHMARK(JudgeClick)->ArgName("impression")->Arg(0)->Arg(1)->Iterations(400'000)->Threads(1)->UseRealTime();
BENCHMARK(JudgeClick)->ArgName("impression")->Arg(0)->Iterations(200'000)->Threads(2)->UseRealTime();

void AgentCacheHit(benchmark::State& bench) {
  static AgentCache cache(1, 32'768);
  const auto agents = make_agents();
  const auto make = [](std::string_view agent) {
    AgentProfile profile;
    profile.is_crawler = crawlers()->is_crawler(agent);
    return profile;
  };
  std::size_t i = 0;
  for (auto _ : bench) {
    benchmark::DoNotOptimize(cache.get(agents[i++ % agents.size()], make));
  }
}
BENCHMARK(AgentCacheHit);

void AgentHyperscan(benchmark::State& bench) {
  const auto agents = make_agents();
  std::size_t i = 0;
  for (auto _ : bench) {
    benchmark::DoNotOptimize(crawlers()->is_crawler(agents[i++ % agents.size()]));
  }
}
BENCHMARK(AgentHyperscan);

void PeerStdRegex(benchmark::State& bench) {
  std::vector<std::regex> expressions;
  const boost::json::value list = boost::json::parse(std::string_view(embedded::crawler_user_agents()));
  for (const auto& entry : list.as_array()) {
    expressions.emplace_back(std::string(entry.at("pattern").as_string()), std::regex::optimize);
  }
  const auto agents = make_agents();
  std::size_t i = 0;
  for (auto _ : bench) {
    const std::string& agent = agents[i++ % agents.size()];
    bool is_crawler = false;
    for (const std::regex& expression : expressions) {
      is_crawler = is_crawler || std::regex_search(agent, expression);
    }
    benchmark::DoNotOptimize(is_crawler);
  }
}
BENCHMARK(PeerStdRegex)->Iterations(20)->Unit(benchmark::kMicrosecond);

void PeerOneMemmem(benchmark::State& bench) {
  const auto agents = make_agents();
  std::size_t i = 0;
  for (auto _ : bench) {
    const std::string& agent = agents[i++ % agents.size()];
    benchmark::DoNotOptimize(::memmem(agent.data(), agent.size(), "Googlebot/", 10));
  }
}
BENCHMARK(PeerOneMemmem);

void NetworkLookup(benchmark::State& bench) {
  const NetworkList list(make_networks(50'000));
  std::uint64_t state = 1;
  for (auto _ : bench) {
    benchmark::DoNotOptimize(list.contains(make_address(static_cast<std::uint32_t>(next(state)))));
  }
  bench.counters["ranges"] = static_cast<double>(list.range_count());
}
BENCHMARK(NetworkLookup);

void GeoLookup(benchmark::State& bench) {
  const auto geo = make_geo();
  std::uint64_t state = 1;
  for (auto _ : bench) {
    benchmark::DoNotOptimize(geo->find_country(make_address(static_cast<std::uint32_t>(next(state)))));
  }
}
BENCHMARK(GeoLookup);

void CompileCrawlerList(benchmark::State& bench) {
  for (auto _ : bench) {
    benchmark::DoNotOptimize(CrawlerMatcher::make_embedded());
  }
}
BENCHMARK(CompileCrawlerList)->Iterations(2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tallystick::quality

BENCHMARK_MAIN();
