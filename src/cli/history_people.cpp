#include "cli/history_people.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/encoding.h"
#include "capture/identity.h"
#include "cli/demo_agents.h"

namespace tallystick::cli {
namespace {

constexpr std::uint64_t kPeopleStream = 1ULL << 62;  // apart from the generators of visits
constexpr auto kCountries = std::to_array<std::string_view>(
    {"DE", "DE", "DE", "GB", "GB", "US", "US", "US", "SG", "SG", "FR", "NL", "AT", "JP", "SE", "ES"});

// 198.18.0.0/15 is set aside for load tests (RFC 2544); kept to the /24, as the server does.
base::IpAddress make_ip(HistoryRandom& random) {
  base::IpAddress ip;
  ip.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 198, 18, 0, 0};
  ip.bytes[13] = static_cast<std::uint8_t>(18 + random.below(2));
  ip.bytes[14] = static_cast<std::uint8_t>(random.below(256));
  return ip;
}

HistoryNature pick_nature(HistoryRandom& random) {
  const std::uint64_t point = random.below(1'000);
  return point < 45    ? HistoryNature::kCrawler
         : point < 63  ? HistoryNature::kDatacenter
         : point < 86  ? HistoryNature::kFlood
         : point < 100 ? HistoryNature::kElsewhere
                       : HistoryNature::kPerson;
}

journal::Consent pick_consent(HistoryRandom& random) {
  const std::uint64_t point = random.below(100);
  if (point < 40) {
    return {true, true, journal::ConsentBasis::kExplicit};
  }
  if (point < 55) {
    return {true, true, journal::ConsentBasis::kTcf};
  }
  if (point < 66) {
    return {true, false, journal::ConsentBasis::kExplicit};
  }
  return point < 76   ? journal::Consent{false, false, journal::ConsentBasis::kExplicit}
         : point < 84 ? journal::Consent{false, false, journal::ConsentBasis::kGpc}
         : point < 92 ? journal::Consent{false, false, journal::ConsentBasis::kTcf}
                      : journal::Consent{};
}

struct Device {
  AgentGroup group;
  journal::AgentClass klass;
  std::string_view platform;
};
constexpr Device kCrawlerDevice = {AgentGroup::kCrawler, journal::AgentClass::kCrawler, "web"};

Device pick_device(HistoryRandom& random) {
  constexpr std::array<Device, 4> kDevices = {{{AgentGroup::kDesktop, journal::AgentClass::kDesktop, "web"},
                                               {AgentGroup::kMobile, journal::AgentClass::kMobile, "web"},
                                               {AgentGroup::kInApp, journal::AgentClass::kInApp, "ios"},
                                               {AgentGroup::kInApp, journal::AgentClass::kInApp, "android"}}};
  const std::uint64_t point = random.below(100);
  return kDevices[point < 40 ? 0 : point < 78 ? 1 : point < 90 ? 2 : 3];
}

void give_device(const Device& device, HistoryRandom& random, HistoryVisitor& visitor) {
  const auto agents = demo_agents(device.group);
  visitor.user_agent = agents[random.below(agents.size())];
  visitor.agent_class = device.klass;
  visitor.platform = device.platform;
}

}  // namespace

std::string HistoryPeople::user_id(std::uint64_t user) const {
  return base::to_hex(crypto::sha256(fmt::format("history {} user {}", seed_, user)));
}

HistoryPeople::Person HistoryPeople::make_person(std::uint64_t user) const {
  HistoryRandom traits(seed_, kPeopleStream + user);
  Person person;
  person.visitor.country = kCountries[traits.below(kCountries.size())];
  person.visitor.ip = make_ip(traits);
  give_device(pick_device(traits), traits, person.visitor);
  person.visitor.consent = pick_consent(traits);
  person.has_account = traits.happens(65, 100);
  return person;
}

std::uint64_t HistoryPeople::find_known_user() const {
  for (std::uint64_t user = 0; user < users_; ++user) {
    const Person person = make_person(user);
    if (person.has_account && person.visitor.consent.has_analytics) {
      return user;
    }
  }
  return 0;
}

HistoryPeople::Visitor HistoryPeople::make_visitor(std::uint64_t visit, HistoryRandom& random) const {
  const HistoryNature nature = pick_nature(random);
  // Of two people the earlier one: some come often, many seldom.
  const std::uint64_t user = std::min(random.below(users_), random.below(users_));
  const Person person = make_person(user);
  Visitor result{nature, person.visitor};
  HistoryVisitor& visitor = result.visitor;
  if (nature == HistoryNature::kCrawler) {
    give_device(kCrawlerDevice, random, visitor);
    visitor.consent = {};
  }
  if (nature != HistoryNature::kPerson) {
    visitor.ip = make_ip(random);
  }
  if (!visitor.consent.has_analytics) {
    visitor.ip = {};
    visitor.user_agent = {};
    return result;
  }
  if (person.has_account && nature != HistoryNature::kDatacenter) {
    visitor.user = capture::hash_user(pepper_, user_id(user));
  }
  visitor.session = capture::hash_session(pepper_, fmt::format("history-{}-{}", seed_, visit));
  return result;
}

}  // namespace tallystick::cli
