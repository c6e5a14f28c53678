#pragma once
// Reads the golden files of tests/settlement/reports without a database: what is recognised, and each line as one text.

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "settlement/profile_library.h"
#include "settlement/report_inspection.h"
#include "settlement/report_mapper.h"

namespace tallystick::settlement {

inline std::string report_file(const std::string& name) {
  const std::string path = std::string(TALLYSTICK_SOURCE_DIR) + "/tests/settlement/reports/" + name;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw std::runtime_error("no file " + path);
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

inline PartnerTerms make_terms(const std::string& network,
                               const std::string& currency = "USD",
                               const std::string& zone = "UTC") {
  PartnerTerms terms;
  terms.id = *base::parse_uuid("0190163d-8694-739b-aea5-000000000001");
  terms.slug = "acme";
  terms.network = network;
  terms.currency = *base::parse_currency(currency);
  terms.time_zone = zone;
  return terms;
}

struct ReadReport {
  std::string profile;
  std::vector<std::string> rows;      // see describe()
  std::vector<std::string> rejected;  // "line code"
  std::vector<std::string> warnings;  // codes
  std::vector<std::string> totals;    // what they disagree with
  base::Error error;                  // code empty: it was read
  ReportLayout layout;
};

inline std::string time_text(base::Timestamp time) {
  return time.us == 0 ? "-" : base::format_rfc3339(time);
}

// "line key occurred booked clicked | sub | order | amount commission currency status word correction"
inline std::string describe(const ReportRow& row) {
  return fmt::format("{} {} {} {} {} | {} | {} | {} {} {} {} {}{}",
                     row.line,
                     row.key.empty() ? "~" : row.key,
                     time_text(row.occurred_at),
                     time_text(row.booked_at),
                     time_text(row.clicked_at),
                     row.sub_id,
                     row.order_id,
                     row.amount_minor,
                     row.commission_minor,
                     row.currency.text(),
                     reconcile::name_of(row.status),
                     row.network_status,
                     row.is_correction ? " correction" : "");
}

inline ReadReport read_report(std::string_view bytes, const PartnerTerms& terms, std::string_view profile = "") {
  static const ProfileLibrary kLibrary = *ProfileLibrary::load();
  ReadReport out;
  tabular::MemorySource source(bytes);
  auto layout = find_layout(source, kLibrary, terms.network, profile);
  if (!layout) {
    out.error = layout.error();
    return out;
  }
  out.layout = *std::move(layout);
  out.profile = out.layout.profile().name;
  const auto inspection = inspect_report(source, out.layout, 1'000);
  if (!inspection) {
    out.error = inspection.error();
    return out;
  }
  for (const ReportWarning& warning : inspection->warnings) {
    out.warnings.push_back(warning.code);
  }
  ReportMapper mapper(out.layout, *inspection, terms, *base::TimeZone::find(terms.time_zone));
  const auto table = *ReportTable::open(source, out.layout);
  ReportSums sums;
  ReportLine line;
  while (*table->next(line)) {
    if (line.kind == LineKind::kTotal) {
      out.totals.push_back(mapper.compare_totals(line, sums));
    }
    if (line.kind != LineKind::kData) {
      continue;
    }
    const auto mapped = mapper.map(line);
    if (const auto* rejection = std::get_if<Rejection>(&mapped)) {
      out.rejected.push_back(fmt::format("{} {}", rejection->line, rejection->code));
      continue;
    }
    const auto& row = std::get<MappedRow>(mapped);
    sums.amount_minor += row.row.amount_minor;
    sums.commission_minor += row.row.commission_minor;
    out.rows.push_back(out.layout.profile().kind == ReportKind::kClicks
                           ? fmt::format("{} {} {}", row.row.line, row.row.key, row.clicks)
                           : describe(row.row));
  }
  return out;
}

}  // namespace tallystick::settlement
