// rooms: settlement
// Any bytes as a report: what is recognised is read to its end, and every data line becomes a row or a rejection.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "settlement/profile_library.h"
#include "settlement/report_inspection.h"
#include "settlement/report_mapper.h"

namespace {

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tallystick;
  using namespace tallystick::settlement;
  static const ProfileLibrary kLibrary = *ProfileLibrary::load();
  static const base::TimeZone kZone = *base::TimeZone::find("America/New_York");
  PartnerTerms terms;
  terms.network = "generic";
  terms.currency = *base::parse_currency("USD");
  tabular::MemorySource source({reinterpret_cast<const char*>(data), size});
  const auto layout = find_layout(source, kLibrary, terms.network, "");
  if (!layout) {
    return 0;
  }
  const auto inspection = inspect_report(source, *layout, 1'000);
  if (!inspection) {
    return 0;
  }
  ReportMapper mapper(*layout, *inspection, terms, kZone);
  const auto table = ReportTable::open(source, *layout);
  require(table.has_value());
  ReportLine line;
  std::int64_t rows = 0;
  while (*(*table)->next(line)) {
    if (line.kind != LineKind::kData) {
      continue;
    }
    ++rows;
    const auto mapped = mapper.map(line);
    if (const auto* row = std::get_if<MappedRow>(&mapped)) {
      require(row->has_own_key != row->row.key.empty());
      require(row->row.occurred_at.us != 0 || !line.value(Field::kOccurred).empty());
    } else {
      require(!std::get<Rejection>(mapped).reason.empty());
    }
  }
  require(rows == inspection->rows);
  return 0;
}
