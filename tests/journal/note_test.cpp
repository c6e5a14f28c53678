#include "journal/note.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "journal/checkpoint.h"

namespace tallystick::journal {
namespace {

const crypto::Ed25519Key& key() {
  static const crypto::Ed25519Key one(crypto::Ed25519Seed{1});
  return one;
}
const crypto::Ed25519Key& other_key() {
  static const crypto::Ed25519Key one(crypto::Ed25519Seed{2});
  return one;
}
VerifierKey verifier() {
  return make_verifier_key("example.org/log", key().public_key());
}

std::string signature_line(const std::string& note) {
  return note.substr(note.rfind("\n\n") + 2);
}

// The verifier key and note in the documentation of golang.org/x/mod/sumdb/note.
TEST(Note, OpensTheExampleOfTheGoChecksumDatabase) {
  const std::string_view text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  const auto peter = parse_verifier_key(text);
  ASSERT_TRUE(peter);
  EXPECT_EQ(peter->name, "PeterNeumann");
  EXPECT_EQ(peter->hash, 0xc74f20a3U);
  EXPECT_EQ(format_verifier_key(*peter), text);
  const std::string message =
      "If you think cryptography is the answer to your problem,\n"
      "then you don't know what your problem is.\n";
  const std::string note =
      message +
      "\n"
      "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
  const auto opened = open_note(note, *peter);
  ASSERT_TRUE(opened) << opened.error().code;
  EXPECT_EQ(opened->text, message);
}

TEST(Note, WhatIsSignedOpens) {
  const std::string note = sign_note("hello\n\nworld \xc3\xbc\n", "example.org/log", key());
  const auto opened = open_note(note, verifier());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->text, "hello\n\nworld \xc3\xbc\n");
  ASSERT_EQ(opened->signatures.size(), 1U);
  EXPECT_EQ(opened->signatures[0].name, "example.org/log");
}

TEST(Note, SignaturesOfOthersAreNotLookedAt) {
  const std::string note = sign_note("text\n", "example.org/log", key());
  const std::string other = sign_note("text\n", "witness", other_key());
  EXPECT_TRUE(open_note(note + signature_line(other), verifier()));
  EXPECT_TRUE(open_note(other + signature_line(note), verifier()));
  EXPECT_EQ(open_note(other, verifier()).error().code, "note_not_signed");
  // The same name with another key is another signer.
  const std::string impostor = sign_note("text\n", "example.org/log", other_key());
  EXPECT_EQ(open_note(impostor, verifier()).error().code, "note_not_signed");
}

TEST(Note, FindsEveryFlippedBit) {
  const std::string note = sign_note("text\nof two lines\n", "example.org/log", key());
  for (std::size_t bit = 0; bit < note.size() * 8; ++bit) {
    std::string changed = note;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(open_note(changed, verifier())) << bit;
  }
}

TEST(Note, RefusesMalformedNotes) {
  const std::string good = sign_note("text\n", "example.org/log", key());
  const std::string line = signature_line(good);
  std::string many = "text\n\n";
  for (std::size_t i = 0; i <= kMaxNoteSignatures; ++i) {
    many += sign_note("text\n", "w" + std::to_string(i), other_key()).substr(6);
  }
  const std::vector<std::string> cases = {
      "",
      "\n",
      "\n\n",
      "text",
      "text\n",
      "text\n\n",
      "text\n" + line,
      good.substr(0, good.size() - 1),
      good + "\n",
      good + " ",
      good + line,
      "te\rxt\n\n" + line,
      std::string("te\0xt\n\n", 7) + line,
      "te\xc3xt\n\n" + line,
      "te\xed\xa0\x80xt\n\n" + line,
      "te\xc0\x80xt\n\n" + line,
      "te\xf5\x80\x80\x80xt\n\n" + line,
      "text\n\n- example.org/log AAAAAAA=\n",
      "text\n\n— example.org/log\n",
      "text\n\n— example.org/log \n",
      "text\n\n—  AAAAAAA=\n",
      "text\n\n— example.org/log AAAA\n",
      "text\n\n— example.org/log AAAAAA==\n",
      "text\n\n— example.org/log !!!!!!!=\n",
      "text\n\n— exam+ple AAAAAAA=\n",
      many,
      std::string(kMaxNoteBytes, 'a') + good,
  };
  for (const std::string& text : cases) {
    const auto opened = open_note(text, verifier());
    ASSERT_FALSE(opened) << text.substr(0, 100);
    EXPECT_EQ(opened.error().code, "bad_note") << text.substr(0, 100);
  }
}

TEST(VerifierKey, RefusesMalformedKeys) {
  const std::string good = format_verifier_key(verifier());
  ASSERT_TRUE(parse_verifier_key(good));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    const auto parsed = parse_verifier_key(changed);
    // Hex digits may be of either case: that is the same key.
    EXPECT_TRUE(!parsed || format_verifier_key(*parsed) == good) << changed;
  }
  for (const std::string_view text : {"", "+", "++", "a+b", "a+00000000+", "+00000000+AQ==", "a b+00000000+AQ=="}) {
    EXPECT_EQ(parse_verifier_key(text).error().code, "bad_verifier_key") << text;
  }
}

TEST(Checkpoint, HasTheFormOfTlogCheckpoint) {
  crypto::Digest root{};
  root[0] = 0xff;
  EXPECT_EQ(format_checkpoint({"example.org/log", 42, root}),
            "example.org/log\n42\n/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
  const std::string note = make_checkpoint_note("example.org/log", 42, root, key());
  const auto opened = open_checkpoint_note(note, verifier());
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(*opened, (Checkpoint{"example.org/log", 42, root}));
  EXPECT_TRUE(open_checkpoint_note(note, format_verifier_key(verifier())));
  EXPECT_EQ(open_checkpoint_note(note, "x").error().code, "bad_verifier_key");
}

TEST(Checkpoint, IsReadStrictly) {
  const std::string root = "/wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  EXPECT_TRUE(parse_checkpoint("o\n0\n" + root + "\n"));
  EXPECT_TRUE(parse_checkpoint("o\n9223372036854775807\n" + root + "\n"));
  EXPECT_TRUE(parse_checkpoint("o\n1\n" + root + "\nextension\n"));
  for (const std::string& text : std::vector<std::string>{"",
                                                          "o\n1\n",
                                                          "o\n1\n" + root,
                                                          "\n1\n" + root + "\n",
                                                          "o\n\n" + root + "\n",
                                                          "o\n01\n" + root + "\n",
                                                          "o\n-1\n" + root + "\n",
                                                          "o\n+1\n" + root + "\n",
                                                          "o\n1 \n" + root + "\n",
                                                          "o\n9223372036854775808\n" + root + "\n",
                                                          "o\n99999999999999999999\n" + root + "\n",
                                                          "o\n1\n" + root.substr(4) + "\n",
                                                          "o\n1\n" + root + "AAAA\n",
                                                          "o\n1\n" + root + "\n\n",
                                                          "o\n1\n" + root + "\nextension"}) {
    const auto parsed = parse_checkpoint(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, "bad_checkpoint");
  }
}

TEST(Checkpoint, OfAnotherLogIsRefusedThoughTheKeyIsRight) {
  const std::string note = sign_note(format_checkpoint({"other.org/log", 1, {}}), "example.org/log", key());
  EXPECT_EQ(open_checkpoint_note(note, verifier()).error().code, "checkpoint_origin");
}

}  // namespace
}  // namespace tallystick::journal
