#include "crypto/sha256.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace tallystick::crypto {
namespace {

std::vector<std::uint8_t> bytes_of(std::string_view hex) {
  return *base::from_hex(hex);
}

// FIPS 180-4 examples (NIST "Examples with Intermediate Values") and the empty message.
TEST(Sha256, AgreesWithTheVectorsOfFips180) {
  struct Case {
    std::string message;
    std::string_view digest;
  };
  const std::vector<Case> cases = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrst"
       "u",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(base::to_hex(sha256(c.message)), c.digest) << c.message.substr(0, 60);
  }
}

TEST(Sha256, PiecesHashLikeTheWhole) {
  const std::string message(300, 'x');
  for (std::size_t cut = 0; cut <= message.size(); ++cut) {
    Sha256 hash;
    hash.update(message.substr(0, cut)).update(message.substr(cut));
    EXPECT_EQ(hash.finish(), sha256(message)) << cut;
  }
}

// RFC 4231, test cases 1 to 7 (5 asks for a truncated digest).
TEST(Hmac, AgreesWithTheVectorsOfRfc4231) {
  struct Case {
    std::string key;
    std::string message;
    std::string_view digest;
  };
  const std::vector<Case> cases = {
      {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
       "4869205468657265",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"4a656665",
       "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
       "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {"0102030405060708090a0b0c0d0e0f10111213141516171819",
       "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {"0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
       "546573742057697468205472756e636174696f6e",
       "a3b6167473100ee06e0c796c2955552b"},
      {base::to_hex(std::vector<std::uint8_t>(131, 0xaa)),
       "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {base::to_hex(std::vector<std::uint8_t>(131, 0xaa)),
       "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e6420612"
       "0"
       "6c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f206265206861736865642"
       "06265"
       "666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (const Case& c : cases) {
    const HmacKey key(bytes_of(c.key));
    const std::string digest = base::to_hex(key.sign(bytes_of(c.message)));
    EXPECT_EQ(digest.substr(0, c.digest.size()), c.digest);
    EXPECT_EQ(base::to_hex(key.sign(bytes_of(c.message))), digest) << "a key signs any number of times";
  }
}

TEST(Hmac, AnEmptyKeyIsAllowed) {
  EXPECT_EQ(base::to_hex(HmacKey({}).sign("")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
  const auto equal = [](std::string_view a, std::string_view b) {
    return constant_time_equal(base::as_bytes(a), base::as_bytes(b));
  };
  EXPECT_TRUE(equal("", ""));
  EXPECT_TRUE(equal("secret", "secret"));
  EXPECT_FALSE(equal("secret", "secreT"));
  EXPECT_FALSE(equal("Secret", "secret"));
  EXPECT_FALSE(equal("secret", "secret1"));
  EXPECT_FALSE(equal("secret", ""));
}

}  // namespace
}  // namespace tallystick::crypto
