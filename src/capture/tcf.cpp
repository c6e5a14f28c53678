#include "capture/tcf.h"

#include <algorithm>

namespace tallystick::capture {
namespace {

constexpr std::array<std::int8_t, 256> kDigits = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  return table;
}();

// Reads a segment bit by bit. Past the end, or on a character that is none of the alphabet, it reads zeros and
// stays failed.
class BitReader {
 public:
  explicit BitReader(std::string_view text) : text_(text) {}

  std::uint32_t read(unsigned bits) {
    std::uint64_t value = 0;
    unsigned have = 0;
    while (have < bits) {
      const int digit = digit_at(position_ / 6);
      if (digit < 0) {
        has_failed_ = true;
        return 0;
      }
      const unsigned available = 6 - static_cast<unsigned>(position_ % 6);
      const unsigned take = std::min(available, bits - have);
      const unsigned chunk = static_cast<unsigned>(digit) >> (available - take) & ((1U << take) - 1);
      value = value << take | chunk;
      have += take;
      position_ += take;
    }
    return static_cast<std::uint32_t>(value);
  }
  bool read_flag() { return read(1) != 0; }

  void skip(std::size_t bits) {
    if (bits > text_.size() * 6 - position_) {
      has_failed_ = true;
    } else {
      position_ += bits;
    }
  }
  [[nodiscard]] bool has_failed() const { return has_failed_; }

 private:
  [[nodiscard]] int digit_at(std::size_t index) const {
    return index < text_.size() && !has_failed_ ? kDigits[static_cast<std::uint8_t>(text_[index])] : -1;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  bool has_failed_ = false;
};

bool is_base64url(std::string_view text) {
  for (const char c : text) {
    if (kDigits[static_cast<std::uint8_t>(c)] < 0) {
      return false;
    }
  }
  return !text.empty();
}

// A field of flags, turned so that number 1, which comes first on the wire, is bit 0.
std::uint32_t read_set(BitReader& bits, unsigned size) {
  std::uint32_t set = 0;
  for (unsigned i = 0; i < size; ++i) {
    set |= static_cast<std::uint32_t>(bits.read(1)) << i;
  }
  return set;
}

// NumEntries ranges, each one id or first and last. True in `has_vendor` when the vendor is in one of them.
bool read_ranges(BitReader& bits, unsigned max_vendor, unsigned vendor, bool& has_vendor) {
  const unsigned entries = bits.read(12);
  for (unsigned i = 0; i < entries && !bits.has_failed(); ++i) {
    const bool is_range = bits.read_flag();
    const unsigned first = bits.read(16);
    const unsigned last = is_range ? bits.read(16) : first;
    if (first == 0 || last < first || last > max_vendor) {
      return false;
    }
    has_vendor = has_vendor || (vendor >= first && vendor <= last);
  }
  return !bits.has_failed();
}

// A vendor section: MaxVendorId, then a bit field or ranges.
bool read_vendors(BitReader& bits, unsigned vendor, bool& has_vendor) {
  const unsigned max_vendor = bits.read(16);
  if (bits.read_flag()) {
    return read_ranges(bits, max_vendor, vendor, has_vendor);
  }
  if (vendor == 0 || vendor > max_vendor) {
    bits.skip(max_vendor);
  } else {
    bits.skip(vendor - 1);
    has_vendor = bits.read_flag();
    bits.skip(max_vendor - vendor);
  }
  return !bits.has_failed();
}

bool read_restrictions(BitReader& bits, unsigned vendor, TcfConsent& out) {
  constexpr unsigned kAnyVendor = 0xffff;
  const unsigned count = bits.read(12);
  for (unsigned i = 0; i < count && !bits.has_failed(); ++i) {
    const unsigned purpose = bits.read(6);
    const unsigned type = bits.read(2);
    bool is_named = false;
    if (purpose == 0 || purpose > kTcfPurposes || type > 2 || !read_ranges(bits, kAnyVendor, vendor, is_named)) {
      return false;
    }
    if (is_named) {
      out.restrictions[purpose - 1] = static_cast<TcfRestriction>(type);
    }
  }
  return !bits.has_failed();
}

bool parse_core(std::string_view text, unsigned vendor, TcfConsent& out) {
  constexpr unsigned kVersion = 2;
  BitReader bits(text);
  if (bits.read(6) != kVersion) {
    return false;
  }
  bits.skip(36 + 36);      // Created, LastUpdated
  bits.skip(12 + 12 + 6);  // CmpId, CmpVersion, ConsentScreen
  constexpr unsigned kLetters = 26;
  if (bits.read(6) >= kLetters || bits.read(6) >= kLetters) {  // ConsentLanguage
    return false;
  }
  bits.skip(12);  // VendorListVersion
  out.policy_version = static_cast<std::uint8_t>(bits.read(6));
  bits.skip(1 + 1);  // IsServiceSpecific, UseNonStandardTexts
  out.special_features = read_set(bits, 12);
  out.purpose_consents = read_set(bits, kTcfPurposes);
  out.purpose_interests = read_set(bits, kTcfPurposes);
  bits.skip(1);                                                // PurposeOneTreatment
  if (bits.read(6) >= kLetters || bits.read(6) >= kLetters) {  // PublisherCC
    return false;
  }
  return read_vendors(bits, vendor, out.has_vendor_consent) && read_vendors(bits, vendor, out.has_vendor_interest) &&
         read_restrictions(bits, vendor, out);
}

// Segments after the core decide nothing here, but one that is broken makes the string doubtful.
bool is_sound_segment(std::string_view text) {
  constexpr unsigned kDisclosedVendors = 1;
  constexpr unsigned kAllowedVendors = 2;
  constexpr unsigned kPublisherPurposes = 3;
  BitReader bits(text);
  const unsigned type = bits.read(3);
  if (type == kDisclosedVendors || type == kAllowedVendors) {
    bool is_named = false;
    return read_vendors(bits, 0, is_named);
  }
  if (type == kPublisherPurposes) {
    bits.skip(kTcfPurposes + kTcfPurposes);
    const unsigned custom = bits.read(6);
    bits.skip(custom + custom);
    return !bits.has_failed();
  }
  return false;
}

}  // namespace

std::optional<TcfConsent> parse_tcf(std::string_view text, unsigned vendor) {
  constexpr std::size_t kMaxSegments = 8;
  if (text.empty() || text.size() > kTcfMaxCharacters) {
    return std::nullopt;
  }
  TcfConsent consent;
  for (std::size_t segment = 0; segment < kMaxSegments; ++segment) {
    const std::size_t end = std::min(text.find('.'), text.size());
    const std::string_view part = text.substr(0, end);
    const bool is_sound =
        is_base64url(part) && (segment == 0 ? parse_core(part, vendor, consent) : is_sound_segment(part));
    if (!is_sound) {
      return std::nullopt;
    }
    if (end == text.size()) {
      return consent;
    }
    text.remove_prefix(end + 1);
  }
  return std::nullopt;
}

}  // namespace tallystick::capture
