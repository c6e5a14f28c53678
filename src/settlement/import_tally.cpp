#include "settlement/import_tally.h"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "crypto/sha256.h"

namespace tallystick::settlement {

RowIdentity::Verdict RowIdentity::identify(const MappedRow& mapped, StagedRow& row) {
  const auto digest_of = [](std::string_view text) {
    const crypto::Digest sum = crypto::sha256(text);
    Digest digest;
    std::memcpy(&digest.high, sum.data(), sizeof(digest.high));
    std::memcpy(&digest.low, sum.data() + sizeof(digest.high), sizeof(digest.low));
    return digest;
  };
  if (!mapped.has_own_key) {
    Seen& seen = seen_[digest_of("~" + mapped.content_digest)];
    row.row.key = fmt::format("~{}#{}", mapped.content_digest, ++seen.count);
    row.key_hash = hash_of_key(row.row.key);
    return Verdict::kFirst;
  }
  const Digest digest = digest_of(row.row.key);
  row.key_hash = hash_of_key(row.row.key);
  Seen& seen = seen_[digest];
  if (++seen.count == 1) {
    seen.fingerprint = row.fingerprint;
    return Verdict::kFirst;
  }
  return seen.fingerprint == row.fingerprint ? Verdict::kRepeated : Verdict::kContradicted;
}

base::Result<ImportTally> ImportTally::make(const ReportLayout& layout,
                                            const Inspection& inspection,
                                            const PartnerTerms& terms) {
  const std::string& own_zone = layout.profile().time_zone;
  TALLY_ASSIGN(base::TimeZone zone, base::TimeZone::find(own_zone.empty() ? terms.time_zone : own_zone));
  return ImportTally(layout, inspection, terms, std::move(zone));
}

ImportTally::ImportTally(const ReportLayout& layout,
                         const Inspection& inspection,
                         const PartnerTerms& terms,
                         base::TimeZone zone)
    : inspection_(inspection),
      has_money_(layout.profile().kind == ReportKind::kCommissions),
      mapper_(layout, inspection, terms, std::move(zone)) {
  counts_.rows = inspection.rows;
  identity_.reserve(inspection.rows);
}

StoredRejection ImportTally::reject(Rejection&& rejection) {
  ++counts_.rejected;
  return {rejection.line, std::move(rejection.code), std::move(rejection.reason), std::move(rejection.excerpt)};
}

void ImportTally::add_up(const ReportRow& row) {
  const bool is_same = !currency_ || *currency_ == row.currency;
  currency_ = row.currency;
  sums_.is_usable = sums_.is_usable && is_same &&
                    !__builtin_add_overflow(sums_.amount_minor, row.amount_minor, &sums_.amount_minor) &&
                    !__builtin_add_overflow(sums_.commission_minor, row.commission_minor, &sums_.commission_minor);
}

std::variant<std::monostate, StagedRow, StoredRejection> ImportTally::take(const ReportLine& line) {
  if (line.kind != LineKind::kData) {
    ++counts_.ignored;
    if (line.kind == LineKind::kTotal && has_money_) {
      total_disagrees_ = mapper_.compare_totals(line, sums_);
      total_line_ = line.line;
    }
    return std::monostate();
  }
  total_disagrees_.clear();  // it was a sum of a part
  auto result = mapper_.map(line);
  if (auto* rejection = std::get_if<Rejection>(&result)) {
    return reject(std::move(*rejection));
  }
  auto& mapped = std::get<MappedRow>(result);
  if (has_money_) {
    add_up(mapped.row);
  }
  StagedRow staged{.row = std::move(mapped.row), .fingerprint = mapped.fingerprint, .clicks = mapped.clicks};
  switch (identity_.identify(mapped, staged)) {
    case RowIdentity::Verdict::kFirst:
      return staged;
    case RowIdentity::Verdict::kRepeated:
      ++counts_.duplicate;
      return std::monostate();
    case RowIdentity::Verdict::kContradicted:
      return reject({staged.row.line,
                     "key_repeated",
                     fmt::format("a row before it has the same key, {}, and states something else", staged.row.key),
                     staged.row.key});
  }
  return std::monostate();
}

std::vector<ReportWarning> ImportTally::warnings() const {
  std::vector<ReportWarning> warnings = inspection_.warnings;
  if (!total_disagrees_.empty()) {
    warnings.push_back(
        {"total_disagrees",
         fmt::format("line {}: {}. Rows may be missing, or were rejected", total_line_, total_disagrees_)});
  }
  if (!mapper_.unknown_words().empty()) {
    std::string words;
    for (const std::string& word : mapper_.unknown_words()) {
      words += (words.empty() ? "" : ", ") + word;
    }
    warnings.push_back(
        {"unknown_status", fmt::format("no rule of the profile knows the status {}; taken as pending", words)});
  }
  return warnings;
}

}  // namespace tallystick::settlement
