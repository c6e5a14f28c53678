#include "crypto/ed25519.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/encoding.h"
#include "tests/crypto/temporary_directory.h"

namespace tallystick::crypto {
namespace {

template <std::size_t kSize>
std::array<std::uint8_t, kSize> array_of(std::string_view hex) {
  std::array<std::uint8_t, kSize> out{};
  const auto bytes = base::from_hex(hex);
  std::copy_n(bytes->begin(), kSize, out.begin());
  return out;
}

unsigned mode_of(const std::filesystem::path& file) {
  struct stat status {};
  EXPECT_EQ(::stat(file.c_str(), &status), 0);
  return status.st_mode & 0777U;
}

// RFC 8032 section 7.1, tests 1, 2 and 3.
TEST(Ed25519, AgreesWithTheVectorsOfRfc8032) {
  struct Case {
    std::string_view seed;
    std::string_view public_key;
    std::string_view message;
    std::string_view signature;
  };
  const std::vector<Case> cases = {
      {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
       "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe2"
       "4655141438e7a100b"},
      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
       "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302ae"
       "eb00d291612bb0c00"},
      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
       "af82",
       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28"
       "dc027beceea1ec40a"},
  };
  for (const Case& c : cases) {
    const Ed25519Key key(array_of<32>(c.seed));
    const auto message = *base::from_hex(c.message);
    EXPECT_EQ(base::to_hex(key.public_key()), c.public_key);
    EXPECT_EQ(base::to_hex(key.sign(message)), c.signature);
    EXPECT_TRUE(verify_ed25519(key.public_key(), message, *base::from_hex(c.signature)));
  }
}

TEST(Ed25519, RefusesEveryFlippedBit) {
  const Ed25519Key key(Ed25519Seed{1, 2, 3});
  const std::string text = "checkpoint";
  std::vector<std::uint8_t> message(text.begin(), text.end());
  Ed25519Signature signature = key.sign(message);
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    signature[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(verify_ed25519(key.public_key(), message, signature)) << "signature bit " << bit;
    signature[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    message[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(verify_ed25519(key.public_key(), message, signature)) << "message bit " << bit;
    message[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
  EXPECT_FALSE(verify_ed25519(key.public_key(), message, std::span(signature).first(63)));
  EXPECT_FALSE(verify_ed25519(key.public_key(), message, {}));
  EXPECT_FALSE(verify_ed25519(Ed25519PublicKey{}, message, signature));
  EXPECT_TRUE(verify_ed25519(key.public_key(), message, signature));
}

TEST(SeedFile, IsMadeOnceWithAModeOfItsOwnerOnly) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "log.seed";
  base::SeededRandom random(1);
  const auto made = load_or_make_seed(file, random);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "log.seed.new"));
  const auto again = load_or_make_seed(file, random);
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, *made);
}

TEST(SeedFile, RefusesAFileThatOthersMayRead) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "log.seed";
  base::SeededRandom random(1);
  ASSERT_TRUE(load_or_make_seed(file, random));
  for (const mode_t mode : {0640U, 0604U, 0620U, 0601U, 0644U}) {
    ASSERT_EQ(::chmod(file.c_str(), mode), 0);
    const auto result = load_or_make_seed(file, random);
    ASSERT_FALSE(result) << mode;
    EXPECT_EQ(result.error().code, "key_file_mode");
    EXPECT_EQ(result.error().kind, base::ErrorKind::kForbidden);
  }
  ASSERT_EQ(::chmod(file.c_str(), 0400), 0);
  EXPECT_TRUE(load_or_make_seed(file, random));
}

TEST(SeedFile, NeverReplacesAFileThatItCannotRead) {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "log.seed";
  base::SeededRandom random(1);
  const std::string good(64, 'a');
  for (const std::string& text : {std::string(),
                                  std::string("\n"),
                                  good.substr(1),
                                  good + "a",
                                  good + "\n\n",
                                  " " + good,
                                  std::string(64, 'g')}) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    const auto result = load_or_make_seed(file, random);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, "key_file_bad");
    EXPECT_EQ(std::filesystem::file_size(file), text.size());
  }
}

TEST(SeedFile, ReportsADirectoryThatIsNotThere) {
  const TemporaryDirectory directory;
  base::SeededRandom random(1);
  const auto result = load_or_make_seed(directory.path() / "missing" / "log.seed", random);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "key_file_io");
}

}  // namespace
}  // namespace tallystick::crypto
