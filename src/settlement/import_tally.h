#pragma once
// Takes the lines of a report one after the other: a row that is to be looked up, a rejection, or nothing; counts them,
// and holds totals against sums. One thread.

#include <cstdint>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "settlement/import_model.h"
#include "settlement/report_mapper.h"
#include "settlement/report_store.h"

namespace tallystick::settlement {

// Tells rows of one file apart: what has a key of its own comes once, equal rows without one are numbered.
class RowIdentity {
 public:
  enum class Verdict : std::uint8_t { kFirst, kRepeated, kContradicted };
  void reserve(std::int64_t rows) { seen_.reserve(static_cast<std::size_t>(rows)); }
  // Gives `row` its key if it has none, and its hash.
  [[nodiscard]] Verdict identify(const MappedRow& mapped, StagedRow& row);

 private:
  struct Digest {
    std::int64_t high = 0;
    std::int64_t low = 0;
    friend bool operator==(const Digest&, const Digest&) = default;
  };
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept { return static_cast<std::size_t>(digest.low); }
  };
  struct Seen {
    std::int64_t fingerprint = 0;
    std::int64_t count = 0;
  };
  std::unordered_map<Digest, Seen, DigestHash> seen_;
};

class ImportTally {
 public:
  // Layout, inspection and terms must outlive it. Error code: "unknown_time_zone".
  [[nodiscard]] static base::Result<ImportTally> make(const ReportLayout& layout,
                                                      const Inspection& inspection,
                                                      const PartnerTerms& terms);

  // Nothing for totals, notes and repeated rows.
  [[nodiscard]] std::variant<std::monostate, StagedRow, StoredRejection> take(const ReportLine& line);

  // All but added, changed and unchanged, which the database decides.
  [[nodiscard]] ImportCounts& counts() { return counts_; }
  // After the last line.
  [[nodiscard]] std::vector<ReportWarning> warnings() const;

 private:
  ImportTally(const ReportLayout& layout, const Inspection& inspection, const PartnerTerms& terms, base::TimeZone zone);
  void add_up(const ReportRow& row);
  [[nodiscard]] StoredRejection reject(Rejection&& rejection);

  const Inspection& inspection_;
  const bool has_money_;
  ReportMapper mapper_;
  RowIdentity identity_;
  ImportCounts counts_;
  ReportSums sums_;
  std::optional<base::Currency> currency_;  // of the sums
  std::string total_disagrees_;
  std::int64_t total_line_ = 0;
};

}  // namespace tallystick::settlement
