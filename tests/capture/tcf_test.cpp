// The oracle is npm @iabtcf/core; docs/consent.md says where this decoder is stricter than it, and why.
#include "capture/tcf.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace tallystick::capture {
namespace {

namespace json = boost::json;

constexpr int kStrings = 600;  // and as many broken ones

std::vector<json::value> ask_oracle(unsigned seed) {
  const std::string command = "node " TALLYSTICK_SOURCE_DIR "/tests/capture/tcf_oracle.mjs " + std::to_string(seed) +
                              " " + std::to_string(kStrings);
  std::vector<json::value> lines;
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) {
    return lines;
  }
  std::string text;
  char buffer[65536];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
    text.append(buffer, got);
  }
  ::pclose(pipe);
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    lines.push_back(json::parse(text.substr(at, end - at)));
  }
  return lines;
}

std::uint32_t mask_of(const json::value& line, const char* member) {
  return static_cast<std::uint32_t>(line.at(member).to_number<std::int64_t>());
}

bool holds(const json::array& ids, unsigned vendor) {
  return std::ranges::any_of(ids, [&](const json::value& id) { return id.to_number<unsigned>() == vendor; });
}

void expect_same(const json::value& line, const json::array& probes) {
  const std::string text(line.at("text").as_string());
  for (const json::value& probe : probes) {
    const auto vendor = probe.to_number<unsigned>();
    const auto tcf = parse_tcf(text, vendor);
    ASSERT_TRUE(tcf.has_value()) << text;
    EXPECT_EQ(tcf->purpose_consents, mask_of(line, "consents")) << text;
    EXPECT_EQ(tcf->purpose_interests, mask_of(line, "interests")) << text;
    EXPECT_EQ(tcf->special_features, mask_of(line, "features")) << text;
    EXPECT_EQ(tcf->policy_version, mask_of(line, "policy")) << text;
    EXPECT_EQ(tcf->has_vendor_consent, holds(line.at("vendors").as_array(), vendor)) << text << " " << vendor;
    EXPECT_EQ(tcf->has_vendor_interest, holds(line.at("vendorInterests").as_array(), vendor)) << text << " " << vendor;
    std::array<std::optional<TcfRestriction>, kTcfPurposes> restrictions{};
    for (const json::value& entry : line.at("restrictions").as_array()) {
      if (entry.at(0).to_number<unsigned>() == vendor) {
        restrictions.at(entry.at(1).to_number<std::size_t>() - 1) =
            static_cast<TcfRestriction>(entry.at(2).to_number<int>());
      }
    }
    EXPECT_EQ(tcf->restrictions, restrictions) << text << " " << vendor;
  }
}

TEST(Tcf, AgreesWithTheReferenceLibraryAndIsNeverMoreLenient) {
  const unsigned seed = 20'261'121;
  const auto lines = ask_oracle(seed);
  ASSERT_EQ(lines.size(), 2U * kStrings + 1) << "node data/node_modules/@iabtcf/core is needed (npm ci in data/)";
  const json::array& probes = lines[0].at("probes").as_array();
  std::map<std::string, int> stricter;
  int agreed = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const json::value& line = lines[i];
    const std::string text(line.at("text").as_string());
    const std::string kind(line.at("kind").as_string());
    const bool is_malformed = line.as_object().contains("malformed");
    const bool is_read = parse_tcf(text, 1).has_value();
    if (is_malformed) {
      EXPECT_FALSE(is_read) << kind << " " << text;
    } else if (is_read) {
      expect_same(line, probes);
      ++agreed;
    } else {
      ++stricter[kind];
    }
  }
  EXPECT_EQ(stricter["good"], 0) << "seed " << seed;
  EXPECT_GE(agreed, kStrings);
}

TEST(Tcf, RefusesWhatIsNoConsentString) {
  for (const char* text : {"",
                           ".",
                           "C",
                           "CAAA",
                           "BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA",
                           "CO xx",
                           "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAA=",
                           "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA..",
                           "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA.AAAA.AAAA"}) {
    EXPECT_FALSE(parse_tcf(text, 1).has_value()) << text;
  }
  EXPECT_FALSE(parse_tcf(std::string(kTcfMaxCharacters + 1, 'C'), 1).has_value());
}

TEST(Tcf, ReadsEveryPrefixAndNoiseWithoutHarm) {
  std::string text = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    (void)parse_tcf(std::string_view(text).substr(0, size), 65'535);
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string noisy = text;
    noisy[i] = static_cast<char>(0x80 + i);
    EXPECT_FALSE(parse_tcf(noisy, 1).has_value());
  }
}

}  // namespace
}  // namespace tallystick::capture
