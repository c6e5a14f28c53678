#include "journal/receipt.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/encoding.h"
#include "journal/codec.h"
#include "journal/frame.h"
#include "journal/merkle.h"
#include "journal/proof.h"
#include "tests/journal/reference_tree.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::journal {
namespace {

std::string make_entry(RecordKind kind, std::string_view fields) {
  Entry entry;
  entry.kind = kind;
  entry.received_at = {1'700'000'000'000'000};
  entry.event_id = *base::parse_uuid("0190b2a4-6f5e-7cc1-8a56-1d2f3b4c5d6e");
  entry.commitment[0] = 1;
  std::string bytes(kEntryHeaderBytes, '\0');
  write_entry_header(entry, reinterpret_cast<std::uint8_t*>(bytes.data()));
  return bytes + std::string(fields);
}

std::string make_click(std::string_view campaign, std::string_view sub = "") {
  Click click;
  click.campaign = campaign;
  click.sub = sub;
  click.country = "DE";
  click.verdict.klass = VerdictClass::kSuspect;
  click.verdict.add(Reason::kRateIp);
  std::string fields;
  encode(click, fields);
  return make_entry(RecordKind::kClick, fields);
}

class ReceiptTest : public testing::Test {
 protected:
  static constexpr std::uint64_t kIndex = 321;

  // A log of 1000 entries in which `entry` is the one at kIndex.
  std::string make(const std::string& entry) {
    auto leaves = make_leaves(1'000);
    leaves[kIndex] = leaf_hash(entry);
    const auto tree = *TileStore::open(temporary_.path());
    EXPECT_TRUE(tree->truncate(0));
    EXPECT_TRUE(tree->append(leaves));
    const auto proof = make_inclusion_proof(*tree, kIndex, 1'000);
    const auto note = make_checkpoint_note("example.org/log", 1'000, tree->root(1'000), key_);
    const auto receipt = make_receipt(entry, kIndex, *proof, note);
    EXPECT_TRUE(receipt) << receipt.error().message;
    return *receipt;
  }
  std::string code_of(const std::string& text) {
    const auto result = verify_receipt(text, verifier_);
    return result ? "verified" : result.error().code;
  }

  support::TemporaryDirectory temporary_;
  crypto::Ed25519Key key_{crypto::Ed25519Seed{7}};
  VerifierKey verifier_ = make_verifier_key("example.org/log", key_.public_key());
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST_F(ReceiptTest, VerifiesWithTheKeyAlone) {
  const std::string text = make(make_click("spring"));
  const auto result = verify_receipt(text, format_verifier_key(verifier_));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(base::format_uuid(result->event_id), "0190b2a4-6f5e-7cc1-8a56-1d2f3b4c5d6e");
  EXPECT_EQ(result->kind, RecordKind::kClick);
  EXPECT_EQ(result->index, kIndex);
  EXPECT_EQ(result->checkpoint.size, 1'000U);
  EXPECT_EQ(result->received_at.us, 1'700'000'000'000'000);
  EXPECT_TRUE(result->has_personal);
  const auto field = [&](const std::string& name) {
    const auto found =
        std::find_if(result->fields.begin(), result->fields.end(), [&](const auto& f) { return f.first == name; });
    return found == result->fields.end() ? std::string() : found->second;
  };
  EXPECT_EQ(field("campaign"), "spring");
  EXPECT_EQ(field("country"), "DE");
  EXPECT_EQ(field("verdict"), "suspect");
  EXPECT_EQ(field("reasons"), "rate_ip");
  EXPECT_EQ(field("article_slug"), "");
}

TEST_F(ReceiptTest, EveryKindOfRecordHasOne) {
  std::vector<std::pair<RecordKind, std::string>> all;
  const auto add = [&](RecordKind kind, const auto& event) {
    std::string fields;
    encode(event, fields);
    all.emplace_back(kind, fields);
  };
  const std::vector<std::uint64_t> sequences = {3, 9};
  add(RecordKind::kImpression, Impression{});
  add(RecordKind::kConversion, Conversion{});
  add(RecordKind::kVerdictRevision, VerdictRevision{});
  add(RecordKind::kForwarding, Forwarding{ForwardingState::kForwarded, sequences});
  add(RecordKind::kDeadLetter, DeadLetter{});
  add(RecordKind::kSecurityEvent, SecurityEvent{});
  add(RecordKind::kAudit, DigestRecord{});
  add(RecordKind::kLedgerPosting, DigestRecord{});
  add(RecordKind::kErasure, Erasure{ErasureCause::kPerson, sequences, 0});
  add(RecordKind::kErasureDone, Erasure{});
  for (const auto& [kind, fields] : all) {
    EXPECT_EQ(code_of(make(make_entry(kind, fields))), "verified") << name_of(kind);
  }
}

TEST_F(ReceiptTest, AnInventedDescriptionOfATrueEntryIsFound) {
  const std::string text = make(make_click("spring"));
  EXPECT_EQ(code_of(replaced(text, "\"spring\"", "\"summer\"")), "receipt_summary");
  EXPECT_EQ(code_of(replaced(text, "\"suspect\"", "\"valid\"")), "receipt_summary");
  EXPECT_EQ(code_of(replaced(text, "0190b2a4", "0190b2a5")), "receipt_summary");
  EXPECT_EQ(code_of(replaced(text, "\"country\"", "\"city\"")), "receipt_summary");
}

TEST_F(ReceiptTest, AnotherEntryPlaceOrCheckpointIsFound) {
  const std::string text = make(make_click("spring"));
  EXPECT_EQ(code_of(replaced(text, "\"index\":321", "\"index\":320")), "receipt_not_included");
  EXPECT_EQ(code_of(replaced(text, "\"index\":321", "\"index\":1000")), "receipt_not_included");
  const std::string forged = make_click("sprinG");
  EXPECT_EQ(code_of(replaced(
                text, base::to_base64(base::as_bytes(make_click("spring"))), base::to_base64(base::as_bytes(forged)))),
            "receipt_not_included");
  EXPECT_EQ(code_of(replaced(text, "log\\n1000", "log\\n1001")), "bad_note_signature");
  const crypto::Ed25519Key other(crypto::Ed25519Seed{8});
  EXPECT_EQ(verify_receipt(text, make_verifier_key("example.org/log", other.public_key())).error().code,
            "note_not_signed");
}

TEST_F(ReceiptTest, RefusesMalformedReceipts) {
  const std::string text = make(make_click("spring"));
  const std::vector<std::string> cases = {
      "",
      "{",
      "[]",
      "{}",
      "null",
      text.substr(0, text.size() / 2),
      text + "x",
      replaced(text, "tallystick-receipt/1", "tallystick-receipt/2"),
      replaced(text, "\"index\":321", "\"index\":\"321\""),
      replaced(text, "\"index\":321", "\"index\":-1"),
      replaced(text, "\"index\":321", "\"index\":321.0"),
      replaced(text, "\"index\":321", "\"index\":99999999999999999999"),
      replaced(text, "\"index\":321", "\"indeks\":321"),
      replaced(text, "\"index\":321", "\"index\":321,\"more\":1"),
      replaced(text, "\"inclusion_proof\":[", "\"inclusion_proof\":[1,"),
      replaced(text, "\"inclusion_proof\":[", "\"inclusion_proof\":[\"AAAA\","),
      replaced(text, "\"entry\":\"", "\"entry\":\"*"),
      replaced(text, "\"summary\":{", "\"summary\":1,\"other\":{"),
      std::string(kMaxReceiptBytes + 1, ' '),
      std::string(100'000, '['),
  };
  for (const std::string& bad : cases) {
    EXPECT_EQ(code_of(bad), "bad_receipt") << bad.substr(0, 200);
  }
  EXPECT_EQ(code_of(replaced(text, "\"inclusion_proof\":[", "\"inclusion_proof\":[\"" + std::string(43, 'A') + "=\",")),
            "receipt_not_included");
}

TEST_F(ReceiptTest, NoChangedByteSaysAnythingElse) {
  const std::string text = make(make_click("spring"));
  const auto original = *verify_receipt(text, verifier_);
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int bit : {0, 3, 5, 7}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto result = verify_receipt(changed, verifier_);
      // White space between members may change: then it must still say the same.
      if (result) {
        EXPECT_EQ(result->fields, original.fields) << i;
        EXPECT_EQ(result->index, original.index) << i;
        EXPECT_EQ(result->event_id, original.event_id) << i;
      }
    }
  }
}

TEST_F(ReceiptTest, TextThatIsNotUtf8IsShownEncoded) {
  const std::string text = make(make_click("spring", "a\xff\"b"));
  ASSERT_EQ(code_of(text), "verified");
  EXPECT_NE(text.find("a%FF%22b"), std::string::npos);
}

TEST_F(ReceiptTest, AnEntryThatDoesNotDecodeHasNone) {
  const auto receipt = make_receipt("short", 0, {}, "note");
  ASSERT_FALSE(receipt);
  EXPECT_EQ(receipt.error().code, "bad_record");
}

}  // namespace
}  // namespace tallystick::journal
