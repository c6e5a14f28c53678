#include "capture/link_signature.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <random>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::capture {
namespace {

constexpr std::string_view kPath = "/go/acme/shoes/0192f0c1-1111-7000-8000-000000000001";
// Of docs/api/signed-links.md: 32 bytes 00 01 ... 1f.
crypto::HmacKey vector_key() {
  std::array<std::uint8_t, 32> key{};
  for (std::size_t i = 0; i < key.size(); ++i) {
    key[i] = static_cast<std::uint8_t>(i);
  }
  return crypto::HmacKey(key);
}

std::string canonical_of(std::string_view query) {
  ParameterList parameters;
  EXPECT_EQ(parameters.parse(query, {}), ParameterFault::kNone) << query;
  std::string scratch;
  std::string out;
  append_canonical(kPath, parameters, scratch, out);
  return out.substr(kPath.size());
}

TEST(LinkSignature, CanonicalFormIsSortedAndEncodedOneWay) {
  EXPECT_EQ(canonical_of("b=2&a=1&sig=x"), "?a=1&b=2");
  EXPECT_EQ(canonical_of("a=x+y"), "?a=x%20y");
  EXPECT_EQ(canonical_of("a=x%20y"), "?a=x%20y");
  EXPECT_EQ(canonical_of("%61=%7e%2B"), "?a=~%2B");
  EXPECT_EQ(canonical_of("a=!'()*"), "?a=%21%27%28%29%2A");
  EXPECT_EQ(canonical_of("a=%c3%a9"), "?a=%C3%A9");
  EXPECT_EQ(canonical_of("a&b="), "?a=&b=");
  EXPECT_EQ(canonical_of("a-b=1&a=2"), "?a-b=1&a=2");  // whole pairs are compared: '-' comes before '='
  EXPECT_EQ(canonical_of(""), "");
}

TEST(LinkSignature, AgreesWithTheVectorsOfTheReference) {
  const std::string canonical =
      std::string(kPath) + "?campaign=spring%20sale&exp=1790003600&kid=kabcdefgh&sub=a%26b%2Fc~d";
  std::array<char, kSignatureCharacters> signature{};
  write_signature(vector_key().sign(canonical), signature.data());
  const std::string_view text(signature.data(), signature.size());
  EXPECT_EQ(text, base::to_base64url(vector_key().sign(canonical)));
  std::ifstream file(TALLYSTICK_SOURCE_DIR "/docs/api/signed-links.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_NE(page.find(canonical), std::string::npos) << canonical;
  EXPECT_NE(page.find(text), std::string::npos) << text;
}

TEST(LinkSignature, EveryBitOfTheSignatureCounts) {
  const crypto::Digest digest = vector_key().sign("x");
  std::array<char, kSignatureCharacters> good{};
  write_signature(digest, good.data());
  const std::string text(good.data(), good.size());
  EXPECT_TRUE(is_signature_of(digest, text));
  EXPECT_FALSE(is_signature_of(digest, text.substr(0, 42)));
  EXPECT_FALSE(is_signature_of(digest, text + "A"));
  EXPECT_FALSE(is_signature_of(digest, text + "="));
  EXPECT_FALSE(is_signature_of(digest, ""));
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'A', 'B', 'z', '-', '_', '+', '/'}) {
      std::string changed = text;
      changed[i] = c;
      EXPECT_EQ(is_signature_of(digest, changed), changed == text) << changed;
    }
  }
}

TEST(LinkReader, RefusesWhatItCannotTrust) {
  struct Case {
    std::string query;
    LinkFault fault;
  };
  std::string many;
  for (int i = 0; i < 30; ++i) {
    many += "p" + std::to_string(i) + "=1&";
  }
  const Case cases[] = {
      {"", LinkFault::kMissingParameter},
      {"exp=1&kid=k", LinkFault::kMissingParameter},
      {"exp=1&sig=s", LinkFault::kMissingParameter},
      {"kid=k&sig=s", LinkFault::kMissingParameter},
      {"exp=1&kid=k&sig=s&kid=k", LinkFault::kBadParameters},
      {"exp=1&kid=k&sig=s&a=%g0", LinkFault::kBadParameters},
      {"exp=1&kid=k&sig=s&a=%4", LinkFault::kBadParameters},
      {"exp=1&kid=k&sig=s&" + many, LinkFault::kBadParameters},
      {"exp=1&kid=k&sig=s&a=" + std::string(5000, 'x'), LinkFault::kBadParameters},
      {"exp=&kid=k&sig=s", LinkFault::kBadExpiry},
      {"exp=-1&kid=k&sig=s", LinkFault::kBadExpiry},
      {"exp=1x&kid=k&sig=s", LinkFault::kBadExpiry},
      {"exp=99999999999999999999&kid=k&sig=s", LinkFault::kBadExpiry},
      {"exp=1&kid=k&sig=s", LinkFault::kNone},
  };
  LinkReader reader;
  for (const Case& c : cases) {
    EXPECT_EQ(reader.parse(c.query), c.fault) << c.query.substr(0, 60);
  }
}

class LinkKeys : public ::testing::Test {
 protected:
  support::TemporaryDirectory directory_;
  base::ManualClock clock_{base::Timestamp{1'790'000'000'000'000}};
  base::SystemRandom random_;
  std::unique_ptr<crypto::KeyRing> keys_ = crypto::KeyRing::open(directory_.path() / "keys", clock_, random_).value();

  [[nodiscard]] SignedLink make(std::int64_t lifetime_us = base::kMicrosPerDay) {
    return make_signed_link({.partner = "acme",
                             .link = "shoes",
                             .event_id = {},
                             .expires_at = clock_.now() + lifetime_us,
                             .parameters = {{"sub", "a b+c"}, {"campaign", "é"}}},
                            *keys_,
                            clock_.now(),
                            random_)
        .value();
  }
  [[nodiscard]] LinkFault check(const std::string& target) {
    LinkReader reader;
    const std::size_t mark = target.find('?');
    return reader.check(target.substr(0, mark), target.substr(mark + 1), *keys_, clock_.now());
  }
};

TEST_F(LinkKeys, ARotatedKeyVerifiesUntilItsLinksHaveExpired) {
  const SignedLink link = make();
  EXPECT_EQ(check(link.target), LinkFault::kNone);
  ASSERT_TRUE(keys_->rotate(crypto::KeyPurpose::kLink, 2 * base::kMicrosPerDay).has_value());
  EXPECT_NE(make().key_id, link.key_id);
  EXPECT_EQ(check(link.target), LinkFault::kNone);
  clock_.advance_us(base::kMicrosPerDay);
  EXPECT_EQ(check(link.target), LinkFault::kExpired);
  clock_.advance_us(2 * base::kMicrosPerDay);
  EXPECT_EQ(check(link.target), LinkFault::kUnknownKey);
}

TEST_F(LinkKeys, SigningRefusesWhatItWouldNotVerify) {
  const auto code_of = [&](LinkRequest request) {
    request.expires_at = clock_.now() + 1;
    const auto link = make_signed_link(request, *keys_, clock_.now(), random_);
    return link ? std::string() : link.error().code;
  };
  EXPECT_EQ(code_of({.partner = "Acme", .link = "x", .event_id = {}, .expires_at = {}, .parameters = {}}), "bad_slug");
  EXPECT_EQ(code_of({.partner = "a", .link = "../x", .event_id = {}, .expires_at = {}, .parameters = {}}), "bad_slug");
  EXPECT_EQ(code_of({.partner = "a", .link = "x", .event_id = {}, .expires_at = {}, .parameters = {{"exp", "1"}}}),
            "reserved_parameter");
  EXPECT_EQ(
      code_of({.partner = "a", .link = "x", .event_id = {}, .expires_at = {}, .parameters = {{"a", "1"}, {"a", "2"}}}),
      "bad_parameters");
}

// Random parameters, signed by the documented recipe in another language.
TEST(LinkRecipe, InJavaScriptMakesLinksThatVerify) {
  constexpr int kLinks = 200;
  support::TemporaryDirectory directory;
  std::mt19937 engine(7);
  const auto below = [&](unsigned n) {
    return static_cast<unsigned>(engine() % n);
  };
  const std::array<std::string, 12> pieces{"a", "Z", "9", " ", "+", "&", "=", "é", "'()*!", "~-._", "%41", "/?#"};
  {
    std::ofstream input(directory.path() / "in");
    for (int i = 0; i < kLinks; ++i) {
      boost::json::object parameters{{"exp", "1790003600"}, {"kid", "k"}};
      for (unsigned p = below(6); p > 0; --p) {
        std::string name = "n" + pieces[below(12)];
        std::string value;
        for (unsigned length = below(8); length > 0; --length) {
          value += pieces[below(12)];
        }
        parameters[name] = value;
      }
      std::array<std::uint8_t, 32> key{};
      for (std::size_t k = 0; k < key.size(); ++k) {
        key[k] = static_cast<std::uint8_t>(k);
      }
      input << boost::json::serialize(
                   boost::json::object{{"path", kPath}, {"parameters", parameters}, {"key", base::to_hex(key)}})
            << "\n";
    }
  }
  const std::string command = "node " TALLYSTICK_SOURCE_DIR "/tests/capture/link_recipe.mjs < " +
                              (directory.path() / "in").string() + " > " + (directory.path() / "out").string();
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream output(directory.path() / "out");
  int verified = 0;
  LinkReader reader;
  for (std::string target; std::getline(output, target); ++verified) {
    const std::size_t mark = target.find('?');
    ASSERT_EQ(reader.parse(target.substr(mark + 1)), LinkFault::kNone) << target;
    EXPECT_EQ(reader.verify(target.substr(0, mark), vector_key()), LinkFault::kNone) << target;
  }
  EXPECT_EQ(verified, kLinks);
}

}  // namespace
}  // namespace tallystick::capture
