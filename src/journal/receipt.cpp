#include "journal/receipt.h"

#include <algorithm>
#include <array>
#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/encoding.h"
#include "journal/frame.h"
#include "journal/merkle.h"
#include "journal/proof.h"
#include "journal/summary.h"

namespace tallystick::journal {
namespace {

namespace json = boost::json;

constexpr std::string_view kFormat = "tallystick-receipt/1";

json::string_view as_json(std::string_view text) {
  return {text.data(), text.size()};
}

std::unexpected<base::Error> bad_receipt(std::string_view what) {
  return base::fail(base::ErrorKind::kInvalid, "bad_receipt", fmt::format("not a receipt: {}", what));
}

struct DecodedEntry {
  Entry header;
  SummaryFields fields;
};

base::Result<DecodedEntry> decode_entry(std::string_view bytes) {
  const auto header = parse_entry(bytes);
  if (!header || bytes.size() > kMaxEntryBytes) {
    return base::fail(base::ErrorKind::kInvalid, "bad_record", "not an entry of the journal");
  }
  TALLY_ASSIGN(SummaryFields fields, summarize(header->kind, header->fields));
  return DecodedEntry{*header, std::move(fields)};
}

// The part that a person reads. It repeats the entry, and verification holds it to that.
json::object make_summary(const DecodedEntry& entry) {
  json::object out;
  out["kind"] = as_json(name_of(entry.header.kind));
  out["received_at"] = base::format_rfc3339(entry.header.received_at);
  for (const auto& [name, value] : entry.fields) {
    out[name] = value;
  }
  return out;
}

// The receipt as it was sent, every member of its type; nothing verified yet.
struct Parsed {
  std::string_view event_id;
  std::uint64_t index = 0;
  std::vector<std::uint8_t> entry;
  std::vector<crypto::Digest> proof;
  std::string_view checkpoint;
  const json::object* summary = nullptr;
};

base::Result<std::string_view> get_text(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(as_json(member));
  if (value == nullptr || !value->is_string()) {
    return bad_receipt(fmt::format("\"{}\" must be a string", member));
  }
  return std::string_view(value->get_string());
}

base::Result<std::uint64_t> get_index(const json::object& object) {
  const json::value* value = object.if_contains("index");
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0) {
    return bad_receipt("\"index\" must be a number");
  }
  return static_cast<std::uint64_t>(value->get_int64());
}

base::Result<std::vector<crypto::Digest>> get_proof(const json::object& object) {
  const json::value* value = object.if_contains("inclusion_proof");
  if (value == nullptr || !value->is_array() || value->get_array().size() > kMaxProofHashes) {
    return bad_receipt("\"inclusion_proof\" must be an array of at most 64 hashes");
  }
  std::vector<crypto::Digest> out;
  for (const json::value& item : value->get_array()) {
    const auto bytes = item.is_string() ? base::from_base64(std::string_view(item.get_string()))
                                        : base::Result<std::vector<std::uint8_t>>();
    crypto::Digest hash{};
    if (!bytes || bytes->size() != hash.size()) {
      return bad_receipt("a hash is 32 bytes in base64");
    }
    std::copy(bytes->begin(), bytes->end(), hash.begin());
    out.push_back(hash);
  }
  return out;
}

base::Result<Parsed> parse_members(const json::object& object) {
  constexpr std::size_t kMembers = 7;
  TALLY_ASSIGN(const std::string_view format, get_text(object, "format"));
  if (format != kFormat || object.size() != kMembers) {
    return bad_receipt(fmt::format("expected the {} members of {}", kMembers, kFormat));
  }
  Parsed out;
  TALLY_ASSIGN(out.event_id, get_text(object, "event_id"));
  TALLY_ASSIGN(out.index, get_index(object));
  TALLY_ASSIGN(const std::string_view entry, get_text(object, "entry"));
  auto bytes = base::from_base64(entry);
  if (!bytes) {
    return bad_receipt("\"entry\" must be base64");
  }
  out.entry = std::move(*bytes);
  TALLY_ASSIGN(out.proof, get_proof(object));
  TALLY_ASSIGN(out.checkpoint, get_text(object, "checkpoint"));
  const json::value* summary = object.if_contains("summary");
  if (summary == nullptr || !summary->is_object()) {
    return bad_receipt("\"summary\" must be an object");
  }
  out.summary = &summary->get_object();
  return out;
}

}  // namespace

base::Result<std::string> make_receipt(std::string_view entry,
                                       std::uint64_t index,
                                       std::span<const crypto::Digest> proof,
                                       std::string_view checkpoint_note) {
  TALLY_ASSIGN(const DecodedEntry decoded, decode_entry(entry));
  json::array hashes;
  for (const crypto::Digest& hash : proof) {
    hashes.emplace_back(base::to_base64(hash));
  }
  json::object out;
  out["format"] = as_json(kFormat);
  out["event_id"] = base::format_uuid(decoded.header.event_id);
  out["summary"] = make_summary(decoded);
  out["index"] = index;
  out["entry"] = base::to_base64(base::as_bytes(entry));
  out["inclusion_proof"] = std::move(hashes);
  out["checkpoint"] = as_json(checkpoint_note);
  return json::serialize(out) + "\n";
}

base::Result<ReceiptSummary> verify_receipt(std::string_view text, const VerifierKey& key) {
  if (text.size() > kMaxReceiptBytes) {
    return bad_receipt("too long");
  }
  boost::system::error_code error;
  const json::value value = json::parse(as_json(text), error);
  if (error || !value.is_object()) {
    return bad_receipt("not a JSON object");
  }
  TALLY_ASSIGN(const Parsed parsed, parse_members(value.get_object()));
  TALLY_ASSIGN(Checkpoint checkpoint, open_checkpoint_note(parsed.checkpoint, key));
  if (!verify_inclusion(leaf_hash(parsed.entry), parsed.index, checkpoint.size, parsed.proof, checkpoint.root)) {
    return base::fail(
        base::ErrorKind::kCorrupt,
        "receipt_not_included",
        "the proof does not lead from the entry to the signed root: the entry is not in the log at this place");
  }
  auto decoded = decode_entry(base::as_text(parsed.entry));
  if (!decoded) {
    return bad_receipt("the entry does not decode");
  }
  // The proof covers the entry alone: without this a true entry could carry an invented description.
  if (parsed.event_id != base::format_uuid(decoded->header.event_id) || *parsed.summary != make_summary(*decoded)) {
    return base::fail(
        base::ErrorKind::kCorrupt, "receipt_summary", "the readable part does not say what the proved entry says");
  }
  ReceiptSummary out;
  out.event_id = decoded->header.event_id;
  out.kind = decoded->header.kind;
  out.received_at = decoded->header.received_at;
  out.index = parsed.index;
  out.checkpoint = std::move(checkpoint);
  out.has_personal = decoded->header.commitment != crypto::Digest{};
  out.fields = std::move(decoded->fields);
  return out;
}

base::Result<ReceiptSummary> verify_receipt(std::string_view text, std::string_view verifier_key) {
  TALLY_ASSIGN(const VerifierKey key, parse_verifier_key(verifier_key));
  return verify_receipt(text, key);
}

}  // namespace tallystick::journal
