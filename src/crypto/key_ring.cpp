#include "crypto/key_ring.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include "base/encoding.h"
#include "crypto/secret_file.h"

namespace tallystick::crypto {
namespace {

namespace json = boost::json;

constexpr std::array kPurposes = {KeyPurpose::kLink, KeyPurpose::kPepper, KeyPurpose::kImpressionToken};
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kIdCharacters = 9;
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kMaxKeys = 1'000;
constexpr std::int64_t kMaxOverlapUs = 3'660 * base::kMicrosPerDay;

// One line of the file. The secret is kept so that the file can be written again.
struct Entry {
  KeyInfo info;
  std::array<std::uint8_t, kSecretBytes> secret{};
  std::shared_ptr<const HmacKey> key;

  Entry() = default;
  Entry(const Entry&) = default;
  Entry(Entry&&) = default;
  Entry& operator=(const Entry&) = default;
  Entry& operator=(Entry&&) = default;
  ~Entry() { OPENSSL_cleanse(secret.data(), secret.size()); }
};

std::unexpected<base::Error> bad_file(std::string_view what) {
  return base::fail(base::ErrorKind::kInvalid, "key_file_bad", fmt::format("key file: {}", what));
}

bool is_key_id(std::string_view id) {
  return id.size() == kIdCharacters && id[0] == 'k' && id.find_first_not_of(kBase32, 1) == std::string_view::npos;
}

base::Result<std::string_view> get_text(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  if (value == nullptr || !value->is_string()) {
    return bad_file(fmt::format("every key needs a \"{}\" as a string", member));
  }
  return std::string_view(value->get_string());
}

base::Result<std::optional<base::Timestamp>> find_time(const json::object& object, std::string_view member) {
  if (!object.contains(member)) {
    return std::optional<base::Timestamp>();
  }
  TALLY_ASSIGN(const std::string_view text, get_text(object, member));
  const auto time = base::parse_rfc3339(text);
  if (!time) {
    return bad_file(fmt::format("\"{}\" is not an RFC 3339 time", member));
  }
  return std::optional(*time);
}

base::Result<Entry> parse_entry(const json::value& value) {
  if (!value.is_object()) {
    return bad_file("every key must be an object");
  }
  const json::object& object = value.get_object();
  // An unknown member is refused, because the next rotation would silently drop it.
  for (const auto& member : object) {
    constexpr std::array<std::string_view, 6> kMembers = {
        "id", "purpose", "created_at", "retired_at", "verifies_until", "secret"};
    if (std::find(kMembers.begin(), kMembers.end(), std::string_view(member.key())) == kMembers.end()) {
      return bad_file("a key has an unknown member");
    }
  }
  Entry entry;
  TALLY_ASSIGN(const std::string_view id, get_text(object, "id"));
  if (!is_key_id(id)) {
    return bad_file("a key id is \"k\" and eight base32 characters");
  }
  entry.info.id = id;
  TALLY_ASSIGN(const std::string_view purpose, get_text(object, "purpose"));
  const auto parsed_purpose = parse_key_purpose(purpose);
  if (!parsed_purpose) {
    return bad_file(fmt::format("key {} has an unknown purpose", id));
  }
  entry.info.purpose = *parsed_purpose;
  TALLY_ASSIGN(const auto created_at, find_time(object, "created_at"));
  TALLY_ASSIGN(entry.info.retired_at, find_time(object, "retired_at"));
  TALLY_ASSIGN(entry.info.verifies_until, find_time(object, "verifies_until"));
  if (!created_at || entry.info.retired_at.has_value() != entry.info.verifies_until.has_value()) {
    return bad_file(fmt::format("key {} needs created_at, and both or neither of retired_at and verifies_until", id));
  }
  entry.info.created_at = *created_at;
  TALLY_ASSIGN(const std::string_view secret_text, get_text(object, "secret"));
  auto secret = base::from_base64url(secret_text);
  if (!secret || secret->size() != kSecretBytes) {
    return bad_file(fmt::format("the secret of key {} is not {} bytes in base64url", id, kSecretBytes));
  }
  std::copy(secret->begin(), secret->end(), entry.secret.begin());
  OPENSSL_cleanse(secret->data(), secret->size());
  entry.key = std::make_shared<const HmacKey>(entry.secret);
  return entry;
}

const Entry* find_signer(const std::vector<Entry>& entries, KeyPurpose purpose) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
    return entry.info.purpose == purpose && !entry.info.retired_at;
  });
  return found == entries.end() ? nullptr : &*found;
}

bool is_complete(const std::vector<Entry>& entries) {
  return std::all_of(
      kPurposes.begin(), kPurposes.end(), [&](KeyPurpose purpose) { return find_signer(entries, purpose) != nullptr; });
}

bool has_id(const std::vector<Entry>& entries, std::string_view id) {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.info.id == id; });
}

base::Result<std::vector<Entry>> parse_ring(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) {
    return bad_file("not a JSON object");
  }
  const json::object& object = value.get_object();
  const json::value* version = object.if_contains("version");
  const json::value* keys = object.if_contains("keys");
  if (object.size() != 2 || version == nullptr || *version != 1 || keys == nullptr || !keys->is_array()) {
    return bad_file("expected exactly \"version\": 1 and \"keys\"");
  }
  if (keys->get_array().size() > kMaxKeys) {
    return bad_file(fmt::format("more than {} keys", kMaxKeys));
  }
  std::vector<Entry> entries;
  for (const json::value& item : keys->get_array()) {
    TALLY_ASSIGN(Entry entry, parse_entry(item));
    if (has_id(entries, entry.info.id)) {
      return bad_file(fmt::format("key id {} occurs twice", entry.info.id));
    }
    if (!entry.info.retired_at && find_signer(entries, entry.info.purpose) != nullptr) {
      return bad_file(fmt::format("more than one key signs for \"{}\"", name_of(entry.info.purpose)));
    }
    if (entry.info.retired_at && entry.info.purpose == KeyPurpose::kPepper) {
      return bad_file("the pepper cannot be retired");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

struct LoadedRing {
  std::vector<Entry> entries;
  FileVersion version;
};

// An empty ring when there is no file.
base::Result<LoadedRing> load_ring(const std::filesystem::path& file) {
  LoadedRing out;
  TALLY_ASSIGN(auto found, load_secret_file(file));
  if (!found) {
    return out;
  }
  auto entries = parse_ring(found->text);
  OPENSSL_cleanse(found->text.data(), found->text.size());
  TALLY_TRY(entries);
  out.entries.swap(*entries);
  out.version = found->version;
  return out;
}

// Of a ring in use: it must be there, with a signer for every purpose.
base::Result<LoadedRing> load_complete_ring(const std::filesystem::path& file) {
  auto ring = load_ring(file);
  if (ring && !is_complete(ring->entries)) {
    return bad_file("it was removed, or a purpose has no key that signs");
  }
  return ring;
}

// By hand, one key a line, so that a person can read and compare it. No value needs escaping.
std::string format_ring(const std::vector<Entry>& entries) {
  std::string out = "{\n  \"version\": 1,\n  \"keys\": [";
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const KeyInfo& info = entries[i].info;
    out += fmt::format("{}\n    {{\"id\": \"{}\", \"purpose\": \"{}\", \"created_at\": \"{}\"",
                       i == 0 ? "" : ",",
                       info.id,
                       name_of(info.purpose),
                       base::format_rfc3339(info.created_at));
    if (info.retired_at) {
      out += fmt::format(", \"retired_at\": \"{}\", \"verifies_until\": \"{}\"",
                         base::format_rfc3339(*info.retired_at),
                         base::format_rfc3339(*info.verifies_until));
    }
    out += fmt::format(", \"secret\": \"{}\"}}", base::to_base64url(entries[i].secret));
  }
  return out + "\n  ]\n}\n";
}

Entry make_entry(KeyPurpose purpose, const std::vector<Entry>& others, base::Timestamp now, base::Random& random) {
  Entry entry;
  entry.info.purpose = purpose;
  entry.info.created_at = now;
  do {
    std::uint64_t bits = random.next_u64();
    entry.info.id = "k";
    while (entry.info.id.size() < kIdCharacters) {
      entry.info.id += kBase32[bits & 31U];
      bits >>= 5U;
    }
  } while (has_id(others, entry.info.id));
  random.fill(entry.secret);
  entry.key = std::make_shared<const HmacKey>(entry.secret);
  return entry;
}

}  // namespace

std::string_view name_of(KeyPurpose purpose) {
  switch (purpose) {
    case KeyPurpose::kLink:
      return "link";
    case KeyPurpose::kPepper:
      return "pepper";
    case KeyPurpose::kImpressionToken:
      return "impression_token";
  }
  return "link";
}

base::Result<KeyPurpose> parse_key_purpose(std::string_view text) {
  for (const KeyPurpose purpose : kPurposes) {
    if (text == name_of(purpose)) {
      return purpose;
    }
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_key_purpose", "a key is for link, pepper or impression_token");
}

struct KeyRing::State {
  State(std::filesystem::path path, const base::Clock& a_clock, base::Random& a_random)
      : file(std::move(path)), clock(a_clock), random(a_random) {}

  const std::filesystem::path file;
  const base::Clock& clock;
  base::Random& random;

  std::mutex change_mutex;  // one rotation or reload at a time; taken before `mutex`
  FileVersion version;      // of the file that `entries` came from; under change_mutex
  mutable std::shared_mutex mutex;
  std::vector<Entry> entries;

  void publish(std::vector<Entry> fresh, const FileVersion& fresh_version) {
    version = fresh_version;
    const std::unique_lock lock(mutex);
    entries.swap(fresh);
  }

  base::Result<void> save(std::vector<Entry> fresh) {
    std::string text = format_ring(fresh);
    const auto written = replace_secret_file(file, text);
    OPENSSL_cleanse(text.data(), text.size());
    TALLY_TRY(written);
    publish(std::move(fresh), *written);
    return {};
  }
};

KeyRing::KeyRing(std::unique_ptr<State> state) : state_(std::move(state)) {}
KeyRing::~KeyRing() = default;

base::Result<std::unique_ptr<KeyRing>> KeyRing::open(const std::filesystem::path& file,
                                                     const base::Clock& clock,
                                                     base::Random& random) {
  auto state = std::make_unique<State>(file, clock, random);
  TALLY_ASSIGN(LoadedRing ring, load_ring(file));
  if (!is_complete(ring.entries)) {
    TALLY_ASSIGN(const SecretFileLock lock, SecretFileLock::acquire(file));
    // Another process may have completed it while this one waited.
    TALLY_ASSIGN(LoadedRing latest, load_ring(file));
    std::vector<Entry>& entries = latest.entries;
    for (const KeyPurpose purpose : kPurposes) {
      if (find_signer(entries, purpose) == nullptr) {
        entries.push_back(make_entry(purpose, entries, clock.now(), random));
      }
    }
    TALLY_TRY(state->save(std::move(entries)));
  } else {
    state->publish(std::move(ring.entries), ring.version);
  }
  return std::unique_ptr<KeyRing>(new KeyRing(std::move(state)));
}

KeyRing::Signer KeyRing::signer(KeyPurpose purpose) const {
  const std::shared_lock lock(state_->mutex);
  const Entry* entry = find_signer(state_->entries, purpose);
  return {entry->info.id, entry->key};  // open() and reload() see to it that there is one
}

std::shared_ptr<const HmacKey> KeyRing::find_verifier(KeyPurpose purpose,
                                                      std::string_view id,
                                                      base::Timestamp now) const {
  const std::shared_lock lock(state_->mutex);
  for (const Entry& entry : state_->entries) {
    if (entry.info.purpose == purpose && entry.info.id == id) {
      return entry.info.verifies_until && now >= *entry.info.verifies_until ? nullptr : entry.key;
    }
  }
  return nullptr;
}

std::vector<KeyInfo> KeyRing::list() const {
  const std::shared_lock lock(state_->mutex);
  std::vector<KeyInfo> out;
  out.reserve(state_->entries.size());
  for (const Entry& entry : state_->entries) {
    out.push_back(entry.info);
  }
  return out;
}

base::Result<KeyInfo> KeyRing::rotate(KeyPurpose purpose, std::int64_t overlap_us) {
  if (purpose == KeyPurpose::kPepper) {
    return base::fail(base::ErrorKind::kUnprocessable,
                      "pepper_fixed",
                      "the pepper cannot be rotated: stored hashes of persons depend on it");
  }
  if (overlap_us < 0 || overlap_us > kMaxOverlapUs) {
    return base::fail(base::ErrorKind::kInvalid, "bad_overlap", "the overlap must be between zero and ten years");
  }
  const std::scoped_lock change(state_->change_mutex);
  TALLY_ASSIGN(const SecretFileLock lock, SecretFileLock::acquire(state_->file));
  // Another process may have rotated since: build on what is there, never on what was.
  TALLY_ASSIGN(LoadedRing ring, load_complete_ring(state_->file));
  std::vector<Entry> entries = std::move(ring.entries);
  const base::Timestamp now = state_->clock.now();
  // A secret that can verify nothing any more is only a risk.
  std::erase_if(entries,
                [&](const Entry& entry) { return entry.info.verifies_until && now >= *entry.info.verifies_until; });
  if (entries.size() >= kMaxKeys) {
    return base::fail(base::ErrorKind::kUnprocessable, "too_many_keys", "too many retired keys still verify");
  }
  for (Entry& entry : entries) {
    if (entry.info.purpose == purpose && !entry.info.retired_at) {
      entry.info.retired_at = now;
      entry.info.verifies_until = now + overlap_us;
    }
  }
  entries.push_back(make_entry(purpose, entries, now, state_->random));
  KeyInfo info = entries.back().info;
  TALLY_TRY(state_->save(std::move(entries)));
  return info;
}

base::Result<bool> KeyRing::reload() {
  const std::scoped_lock change(state_->change_mutex);
  TALLY_ASSIGN(const auto version, load_file_version(state_->file));
  if (!version) {
    return bad_file("it was removed while in use");
  }
  if (*version == state_->version) {
    return false;
  }
  TALLY_ASSIGN(LoadedRing ring, load_complete_ring(state_->file));
  state_->publish(std::move(ring.entries), ring.version);
  return true;
}

}  // namespace tallystick::crypto
