#include "crypto/key_ring.h"

#include <atomic>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/crypto/temporary_directory.h"

namespace tallystick::crypto {
namespace {

constexpr std::int64_t kHour = base::kMicrosPerHour;

class KeyRingTest : public testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return directory_.path() / "keys.json"; }
  [[nodiscard]] base::Result<std::unique_ptr<KeyRing>> open() { return KeyRing::open(file(), clock_, random_); }
  [[nodiscard]] std::string read() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void write(const std::string& text) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << text;
    ASSERT_EQ(::chmod(file().c_str(), 0600), 0);
  }

  TemporaryDirectory directory_;
  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};
  base::SystemRandom random_;
};

TEST_F(KeyRingTest, IsMadeWithOneKeyPerPurpose) {
  const auto ring = open();
  ASSERT_TRUE(ring) << ring.error().message;
  const auto keys = (*ring)->list();
  ASSERT_EQ(keys.size(), 3U);
  std::set<KeyPurpose> purposes;
  std::set<std::string> ids;
  for (const KeyInfo& key : keys) {
    purposes.insert(key.purpose);
    ids.insert(key.id);
    EXPECT_EQ(key.id.size(), 9U);
    EXPECT_EQ(key.id[0], 'k');
    EXPECT_EQ(key.created_at, clock_.now());
    EXPECT_FALSE(key.retired_at);
  }
  EXPECT_EQ(purposes.size(), 3U);
  EXPECT_EQ(ids.size(), 3U);
  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(KeyRingTest, SignsTheSameAfterARestart) {
  const auto first = (*open())->signer(KeyPurpose::kLink);
  const auto second = (*open())->signer(KeyPurpose::kLink);
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(first.key->sign("message"), second.key->sign("message"));
}

TEST_F(KeyRingTest, ARetiredKeyVerifiesUntilTheOverlapEnds) {
  const auto ring = *open();
  const auto old = ring->signer(KeyPurpose::kLink);
  clock_.advance_us(kHour);
  const auto made = ring->rotate(KeyPurpose::kLink, 24 * kHour);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_NE(made->id, old.id);
  EXPECT_EQ(ring->signer(KeyPurpose::kLink).id, made->id);
  EXPECT_NE(ring->signer(KeyPurpose::kLink).key->sign("m"), old.key->sign("m"));
  const base::Timestamp end = clock_.now() + 24 * kHour;
  const auto verifier = ring->find_verifier(KeyPurpose::kLink, old.id, end - 1);
  ASSERT_NE(verifier, nullptr);
  EXPECT_EQ(verifier->sign("m"), old.key->sign("m"));
  EXPECT_EQ(ring->find_verifier(KeyPurpose::kLink, old.id, end), nullptr);
  EXPECT_NE(ring->find_verifier(KeyPurpose::kLink, made->id, end + 1000 * kHour), nullptr);
  for (const KeyInfo& key : ring->list()) {
    if (key.id == old.id) {
      EXPECT_EQ(key.retired_at, clock_.now());
      EXPECT_EQ(key.verifies_until, end);
    }
  }
}

TEST_F(KeyRingTest, SeveralRetiredKeysVerifyAtOnceAndSurviveARestart) {
  std::vector<KeyRing::Signer> signers;
  {
    const auto ring = *open();
    for (int i = 0; i < 5; ++i) {
      signers.push_back(ring->signer(KeyPurpose::kLink));
      ASSERT_TRUE(ring->rotate(KeyPurpose::kLink, 24 * kHour));
      clock_.advance_us(kHour);
    }
  }
  const auto ring = *open();
  for (const auto& signer : signers) {
    const auto verifier = ring->find_verifier(KeyPurpose::kLink, signer.id, clock_.now());
    ASSERT_NE(verifier, nullptr);
    EXPECT_EQ(verifier->sign("m"), signer.key->sign("m"));
  }
}

TEST_F(KeyRingTest, AKeyThatVerifiesNothingAnyMoreIsForgottenAtTheNextRotation) {
  const auto ring = *open();
  const std::string old = ring->signer(KeyPurpose::kLink).id;
  ASSERT_TRUE(ring->rotate(KeyPurpose::kLink, kHour));
  EXPECT_NE(read().find(old), std::string::npos);
  clock_.advance_us(kHour);
  ASSERT_TRUE(ring->rotate(KeyPurpose::kLink, kHour));
  EXPECT_EQ(read().find(old), std::string::npos);
}

TEST_F(KeyRingTest, AKeyVerifiesOnlyForItsPurpose) {
  const auto ring = *open();
  const std::string id = ring->signer(KeyPurpose::kLink).id;
  EXPECT_NE(ring->find_verifier(KeyPurpose::kLink, id, clock_.now()), nullptr);
  EXPECT_EQ(ring->find_verifier(KeyPurpose::kImpressionToken, id, clock_.now()), nullptr);
  EXPECT_EQ(ring->find_verifier(KeyPurpose::kLink, "kaaaaaaaa", clock_.now()), nullptr);
  EXPECT_EQ(ring->find_verifier(KeyPurpose::kLink, "", clock_.now()), nullptr);
}

TEST_F(KeyRingTest, ThePepperIsFixedAndOverlapsAreBounded) {
  const auto ring = *open();
  const auto pepper = ring->rotate(KeyPurpose::kPepper, kHour);
  ASSERT_FALSE(pepper);
  EXPECT_EQ(pepper.error().code, "pepper_fixed");
  for (const std::int64_t overlap_us : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    const auto rotated = ring->rotate(KeyPurpose::kLink, overlap_us);
    ASSERT_FALSE(rotated);
    EXPECT_EQ(rotated.error().code, "bad_overlap");
  }
  EXPECT_TRUE(ring->rotate(KeyPurpose::kImpressionToken, 0));
}

TEST_F(KeyRingTest, ReloadSeesARotationByAnotherProcess) {
  const auto server = *open();
  const auto command_line = *open();
  EXPECT_FALSE(*server->reload());
  const auto made = command_line->rotate(KeyPurpose::kLink, kHour);
  ASSERT_TRUE(made);
  EXPECT_NE(server->signer(KeyPurpose::kLink).id, made->id);
  EXPECT_TRUE(*server->reload());
  EXPECT_EQ(server->signer(KeyPurpose::kLink).id, made->id);
  EXPECT_FALSE(*server->reload());
}

TEST_F(KeyRingTest, RotationsOfTwoProcessesLoseNoKey) {
  const auto a = *open();
  const auto b = *open();
  std::set<std::string> ids = {a->signer(KeyPurpose::kLink).id};
  for (int i = 0; i < 3; ++i) {
    ids.insert(a->rotate(KeyPurpose::kLink, kHour)->id);
    ids.insert(b->rotate(KeyPurpose::kLink, kHour)->id);
  }
  const auto fresh = *open();
  for (const std::string& id : ids) {
    EXPECT_NE(fresh->find_verifier(KeyPurpose::kLink, id, clock_.now()), nullptr) << id;
  }
}

TEST_F(KeyRingTest, ACrashDuringReplacementLeavesTheOldKeys) {
  const std::string id = (*open())->signer(KeyPurpose::kLink).id;
  const auto unfinished = directory_.path() / "keys.json.new";
  std::ofstream(unfinished) << "{\"version\": 1, \"ke";
  const auto ring = open();
  ASSERT_TRUE(ring) << ring.error().message;
  EXPECT_EQ((*ring)->signer(KeyPurpose::kLink).id, id);
  ASSERT_TRUE((*ring)->rotate(KeyPurpose::kLink, kHour));
  EXPECT_FALSE(std::filesystem::exists(unfinished));
  EXPECT_NE((*open())->find_verifier(KeyPurpose::kLink, id, clock_.now()), nullptr);
}

TEST_F(KeyRingTest, AFailedReplacementKeepsTheOldSigner) {
  const auto ring = *open();
  const std::string id = ring->signer(KeyPurpose::kLink).id;
  // A directory in the way of the new file: it can be neither removed nor opened.
  std::filesystem::create_directories(directory_.path() / "keys.json.new" / "x");
  const auto rotated = ring->rotate(KeyPurpose::kLink, kHour);
  ASSERT_FALSE(rotated);
  EXPECT_EQ(rotated.error().code, "key_file_io");
  EXPECT_EQ(ring->signer(KeyPurpose::kLink).id, id);
  EXPECT_EQ((*open())->signer(KeyPurpose::kLink).id, id);
}

TEST_F(KeyRingTest, RefusesAFileThatOthersMayRead) {
  ASSERT_TRUE(open());
  ASSERT_EQ(::chmod(file().c_str(), 0640), 0);
  const auto ring = open();
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().code, "key_file_mode");
}

TEST_F(KeyRingTest, AddsAPurposeThatTheFileLacks) {
  const std::string secret(43, 'A');
  write(
      R"({"version": 1, "keys": [{"id": "kaaaaaaaa", "purpose": "pepper", "created_at": "2026-01-01T00:00:00Z", "secret": ")" +
      secret + "\"}]}");
  const auto ring = open();
  ASSERT_TRUE(ring) << ring.error().message;
  EXPECT_EQ((*ring)->signer(KeyPurpose::kPepper).id, "kaaaaaaaa");
  EXPECT_EQ((*ring)->list().size(), 3U);
  EXPECT_EQ((*ring)->signer(KeyPurpose::kPepper).key->sign("m"), HmacKey(std::vector<std::uint8_t>(32, 0)).sign("m"));
}

TEST_F(KeyRingTest, RefusesAFileThatDoesNotParseAndLeavesItAlone) {
  const std::string secret(43, 'A');
  const auto key = [&](const std::string& id, const std::string& rest) {
    return "{\"id\": \"" + id + "\", \"secret\": \"" + secret + "\", " + rest + "}";
  };
  const auto ring_of = [](const std::string& keys) {
    return "{\"version\": 1, \"keys\": [" + keys + "]}";
  };
  const std::string good = R"("purpose": "link", "created_at": "2026-01-01T00:00:00Z")";
  const std::vector<std::string> cases = {
      "",
      "{",
      "[]",
      "{}",
      R"({"version": 2, "keys": []})",
      R"({"version": 1, "keys": {}})",
      R"({"version": 1, "keys": [], "more": 1})",
      ring_of("1"),
      ring_of("{}"),
      ring_of(key("", good)),
      ring_of(key("k1aaaaaaa", good)),
      ring_of(key("kaaaaaaaaa", good)),
      ring_of(key("kaaaaaaaa", R"("purpose": "other", "created_at": "2026-01-01T00:00:00Z")")),
      ring_of(key("kaaaaaaaa", R"("purpose": "link", "created_at": "yesterday")")),
      ring_of(key("kaaaaaaaa", R"("purpose": "link")")),
      ring_of(key("kaaaaaaaa", good + R"(, "retired_at": "2026-01-01T00:00:00Z")")),
      ring_of(key("kaaaaaaaa", good + R"(, "note": "mine")")),
      ring_of(key("kaaaaaaaa", good) + "," + key("kaaaaaaaa", good)),
      ring_of(key("kaaaaaaaa", good) + "," + key("kaaaaaaab", good)),
      ring_of(key(
          "kaaaaaaaa",
          R"("purpose": "pepper", "created_at": "2026-01-01T00:00:00Z", "retired_at": "2026-01-01T00:00:00Z", "verifies_until": "2026-01-01T00:00:00Z")")),
      ring_of(R"({"id": "kaaaaaaaa", "secret": "AAAA", )" + good + "}"),
      ring_of(R"({"id": "kaaaaaaaa", )" + good + "}"),
      ring_of(R"({"id": "kaaaaaaaa", "secret": 5, )" + good + "}"),
  };
  for (const std::string& text : cases) {
    write(text);
    const auto ring = open();
    ASSERT_FALSE(ring) << text;
    EXPECT_EQ(ring.error().code, "key_file_bad") << text;
    EXPECT_EQ(read(), text);
  }
}

TEST_F(KeyRingTest, ABadFileFailsReloadAndKeepsTheKeysInUse) {
  const auto ring = *open();
  const std::string id = ring->signer(KeyPurpose::kLink).id;
  write("{}");
  const auto bad = ring->reload();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, "key_file_bad");
  EXPECT_EQ(ring->signer(KeyPurpose::kLink).id, id);
  EXPECT_FALSE(ring->rotate(KeyPurpose::kLink, kHour));
  std::filesystem::remove(file());
  EXPECT_FALSE(ring->reload());
  EXPECT_EQ(ring->signer(KeyPurpose::kLink).id, id);
}

TEST_F(KeyRingTest, NoErrorShowsASecret) {
  const std::string secret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";
  write(R"({"version": 1, "keys": [{"id": "kaaaaaaaa", "purpose": ")" + secret +
        R"(", "created_at": "x", "secret": ")" + secret + "\"}]}");
  const auto ring = open();
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().message.find(secret), std::string::npos);
}

TEST_F(KeyRingTest, SignersAndVerifiersAreUsableDuringRotation) {
  const auto ring = *open();
  std::atomic<bool> is_done{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!is_done) {
        const auto signer = ring->signer(KeyPurpose::kLink);
        const auto verifier = ring->find_verifier(KeyPurpose::kLink, signer.id, clock_.now());
        ASSERT_NE(verifier, nullptr);
        ASSERT_EQ(verifier->sign("m"), signer.key->sign("m"));
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(ring->rotate(KeyPurpose::kLink, kHour));
    ASSERT_TRUE(ring->reload());
  }
  is_done = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace tallystick::crypto
