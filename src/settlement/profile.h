#pragma once
// How a network writes its reports, as data: which columns mean what, which dates, which status words (30-partners,
// "Report import"; docs/reports.md describes the files). Pure.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/money.h"
#include "reconcile/model.h"
#include "tabular/amount.h"
#include "tabular/date_time.h"

namespace tallystick::settlement {

// What a column can mean to us.
enum class Field : std::uint8_t {
  kTransactionId,
  kOrderId,
  kSubId,
  kOccurred,      // of the sale: a date, perhaps with its time
  kOccurredTime,  // its time, where that is a column of its own
  kBooked,        // when they booked it; decides their period
  kBookedTime,
  kClicked,
  kClickedTime,
  kAmount,
  kCommission,
  kCurrency,
  kStatus,
  kAdvertiser,
  kItem,  // tells rows of one order apart
  kCorrectionReason,
  kVoided,
  kLocked,
  kPaid,
  kReversed,
  kClicks,  // of a day, in reports of clicks
};
inline constexpr std::size_t kFieldCount = 21;
[[nodiscard]] std::string_view name_of(Field field);  // "transaction_id"
[[nodiscard]] std::optional<Field> find_field(std::string_view name);

enum class ReportKind : std::uint8_t {
  kCommissions,  // a row per sale or correction
  kClicks,       // a row per day
};
[[nodiscard]] std::string_view name_of(ReportKind kind);

// The first rule that holds gives the status.
struct StatusRule {
  Field field = Field::kStatus;
  std::string value;  // in normal form; "*": any
  reconcile::Status status = reconcile::Status::kPending;
};

struct Profile {
  std::string name;     // "cj"
  std::string network;  // as partners name it; "generic": any
  std::string title;    // for people
  std::string origin;   // "built in", or the file that it came from
  ReportKind kind = ReportKind::kCommissions;
  std::array<std::vector<std::string>, kFieldCount> columns;  // names in normal form, the best first
  std::vector<Field> required;                                // what a header must have
  std::vector<Field> key;                                     // none: rows are known by their content
  std::vector<tabular::DateFormat> date_formats;
  std::string time_zone;                     // empty: the partner's
  std::optional<tabular::DecimalMark> mark;  // absent: what the file shows
  std::optional<base::Currency> currency;    // where the file names none; absent: the partner's
  tabular::Excess excess = tabular::Excess::kRefuse;
  std::vector<StatusRule> status_rules;
  reconcile::Status default_status = reconcile::Status::kPending;  // where the report says nothing
  bool has_negative_corrections = false;                           // a negative amount or commission amends another row
  std::vector<Field> correction_fields;                            // so does a value in one of these
  std::vector<std::string> total_labels;  // first words of lines that are totals, in normal form
  std::int64_t max_preamble_lines = 30;   // rows before the header

  [[nodiscard]] const std::vector<std::string>& names(Field field) const {
    return columns[static_cast<std::size_t>(field)];
  }
};

// Letters and digits alone, in lower case: "Event_Date" and "event date" are the same.
[[nodiscard]] std::string normal_form(std::string_view text);

// The name of a column in normal form, without the currency that some write behind it: "Sale Amount (USD)", "Price($)".
struct ColumnName {
  std::string name;
  std::optional<base::Currency> currency;
};
[[nodiscard]] ColumnName parse_column_name(std::string_view text);

// From a TOML file. Error code: "bad_profile", with one field error per finding.
[[nodiscard]] base::Result<Profile> parse_profile(std::string_view toml, std::string_view origin);

}  // namespace tallystick::settlement
