#pragma once
// What is shown and where, as plain values: placements (places with a number of slots), merchants (brands whose
// exposure is measured) and their exposure units (60-exposure, 10-capture).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/uuid.h"

namespace tallystick::exposure {

enum class Status : std::uint8_t { kActive, kPaused };
[[nodiscard]] std::string_view name_of(Status status);
// Error code: "unknown_status".
[[nodiscard]] base::Result<Status> parse_status(std::string_view text);

enum class ExposureType : std::uint8_t {
  kBanner,
  kLogo,
  kMerchantPage,
  kCard,
  kCarousel,
  kSearchResult,
  kCategoryTile,
  kEmail,
  kPush
};
[[nodiscard]] std::string_view name_of(ExposureType type);
// Error code: "unknown_exposure_type".
[[nodiscard]] base::Result<ExposureType> parse_exposure_type(std::string_view text);

inline constexpr std::int64_t kMaxSlots = 10'000;
inline constexpr std::size_t kMaxNameBytes = 200;
inline constexpr std::size_t kMaxVerticalBytes = 64;

struct Placement {
  base::Uuid id;
  std::string slug;  // never changes: events may name it
  std::string name;
  Status status = Status::kActive;
  std::int64_t max_slots = 1;
  std::vector<std::string> countries;  // ISO 3166 alpha-2, sorted, no repeats; empty: any
  std::string vertical;                // may be empty
  bool requires_token = false;         // impressions carry a signed token
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::int64_t version = 1;

  friend bool operator==(const Placement&, const Placement&) = default;
};

struct Merchant {
  base::Uuid id;
  std::string slug;  // never changes
  std::string name;
  Status status = Status::kActive;
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::int64_t version = 1;

  friend bool operator==(const Merchant&, const Merchant&) = default;
};

// One thing of a merchant that is shown: a banner, a card, a page.
struct ExposureUnit {
  base::Uuid id;
  base::Uuid merchant_id;
  std::string name;
  ExposureType exposure_type = ExposureType::kBanner;
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::int64_t version = 1;

  friend bool operator==(const ExposureUnit&, const ExposureUnit&) = default;
};

}  // namespace tallystick::exposure
