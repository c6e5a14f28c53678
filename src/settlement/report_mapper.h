#pragma once
// A line of a report as a ReportRow, or why not. One thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/time_zone.h"
#include "settlement/partner_terms.h"
#include "settlement/report_inspection.h"
#include "settlement/report_row.h"
#include "settlement/report_table.h"

namespace tallystick::settlement {

inline constexpr std::size_t kMaxExcerptBytes = 300;

struct MappedRow {
  ReportRow row;                 // without key of content, version, import and first sight
  bool has_own_key = false;      // row.key is the network's own
  std::int64_t clicks = 0;       // of a report of clicks
  std::int64_t fingerprint = 0;  // equal for equal content
  std::string content_digest;    // 32 hex digits
};

struct Rejection {
  std::int64_t line = 0;
  std::string code;
  std::string reason;
  std::string excerpt;  // of the line
};

// The sums of the rows, to be held against a line of totals.
struct ReportSums {
  std::int64_t amount_minor = 0;
  std::int64_t commission_minor = 0;
  bool is_usable = true;  // one currency, no overflow
};

class ReportMapper {
 public:
  // All must outlive it.
  ReportMapper(const ReportLayout& layout,
               const Inspection& inspection,
               const PartnerTerms& terms,
               base::TimeZone zone);

  // Of a data line.
  [[nodiscard]] std::variant<MappedRow, Rejection> map(const ReportLine& line);
  // What a line of totals disagrees with, for people; empty: it agrees, or says nothing.
  [[nodiscard]] std::string compare_totals(const ReportLine& line, const ReportSums& sums) const;

  // Of the last row: for a line of totals.
  [[nodiscard]] const base::Currency& currency() const { return currency_; }
  // Status words that no rule knows, at most ten.
  [[nodiscard]] const std::vector<std::string>& unknown_words() const { return unknown_words_; }

 private:
  [[nodiscard]] base::Result<void> check_shape(const ReportLine& line) const;
  [[nodiscard]] base::Result<void> read_dates(const ReportLine& line, ReportRow& row);
  [[nodiscard]] base::Result<base::Timestamp> read_date(const ReportLine& line, Field field);
  [[nodiscard]] base::Result<void> read_texts(const ReportLine& line, ReportRow& row) const;
  [[nodiscard]] base::Result<void> read_money(const ReportLine& line, ReportRow& row);
  // `stated`: what the row's amounts say.
  [[nodiscard]] base::Result<base::Currency> find_currency(const ReportLine& line,
                                                           const std::optional<base::Currency>& stated) const;
  [[nodiscard]] base::Result<tabular::Decimal> read_decimal(const ReportLine& line, Field field) const;
  [[nodiscard]] base::Result<std::int64_t> to_minor(const tabular::Decimal& decimal, Field field) const;
  void read_status(const ReportLine& line, ReportRow& row);
  [[nodiscard]] base::Result<void> read_key(const ReportLine& line, MappedRow& out) const;
  void digest(const ReportLine& line, MappedRow& out);

  const ReportLayout& layout_;
  const Profile& profile_;
  const Inspection& inspection_;
  const PartnerTerms& terms_;
  const base::TimeZone zone_;
  std::optional<base::Currency> header_currency_;
  base::Currency currency_;
  std::vector<std::string> unknown_words_;
  std::string scratch_;
};

}  // namespace tallystick::settlement
