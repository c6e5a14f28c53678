#include "settlement/report_mapper.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/utf8.h"
#include "crypto/sha256.h"

namespace tallystick::settlement {
namespace {

constexpr std::size_t kMaxIdBytes = 256;
constexpr std::size_t kMaxTextBytes = 300;
constexpr std::size_t kMaxUnknownWords = 10;
constexpr char kSeparator = '\x1f';  // no text holds it: control characters are taken out

base::Error bad_row(std::string code, std::string message) {
  return {base::ErrorKind::kInvalid, std::move(code), std::move(message)};
}

// An id that would be cut is refused: two of them could become one.
base::Result<std::string> read_id(const ReportLine& line, Field field) {
  const std::string_view text = line.value(field);
  if (text.size() > kMaxIdBytes) {
    return std::unexpected(
        bad_row("value_too_long", fmt::format("{} is longer than {} bytes", name_of(field), kMaxIdBytes)));
  }
  return base::clean_utf8(text, kMaxIdBytes);
}

std::string excerpt_of(const ReportLine& line) {
  std::string text;
  for (const std::string_view cell : line.cells) {
    if (text.size() > kMaxExcerptBytes) {
      break;
    }
    text.append(text.empty() ? "" : " | ").append(cell.substr(0, kMaxExcerptBytes));
  }
  return base::clean_utf8(text, kMaxExcerptBytes);
}

bool holds(const StatusRule& rule, std::string_view normal_value) {
  return rule.value == "*" ? !normal_value.empty() : normal_value == rule.value;
}

}  // namespace

ReportMapper::ReportMapper(const ReportLayout& layout,
                           const Inspection& inspection,
                           const PartnerTerms& terms,
                           base::TimeZone zone)
    : layout_(layout),
      profile_(layout.profile()),
      inspection_(inspection),
      terms_(terms),
      zone_(std::move(zone)),
      currency_(terms.currency) {
  for (const Field field : {Field::kCommission, Field::kAmount}) {
    const int column = layout.fit.column(field);
    if (column != kNoColumn && !header_currency_) {
      header_currency_ = parse_column_name(layout.header[static_cast<std::size_t>(column)]).currency;
    }
  }
}

std::variant<MappedRow, Rejection> ReportMapper::map(const ReportLine& line) {
  MappedRow out;
  out.row.line = line.line;
  const auto read = [&]() -> base::Result<void> {
    TALLY_TRY(check_shape(line));
    TALLY_TRY(read_dates(line, out.row));
    TALLY_TRY(read_texts(line, out.row));
    if (profile_.kind == ReportKind::kClicks) {
      const std::string_view text = line.value(Field::kClicks);
      TALLY_ASSIGN(const tabular::Decimal clicks, tabular::parse_decimal(text, inspection_.mark));
      if (clicks.scale > 0 || clicks.mantissa < 0) {
        return std::unexpected(bad_row("bad_number", "clicks is a whole number"));
      }
      out.clicks = clicks.mantissa;
    } else {
      TALLY_TRY(read_money(line, out.row));
      read_status(line, out.row);
    }
    TALLY_TRY(read_key(line, out));
    digest(line, out);
    return {};
  };
  if (const auto result = read(); !result) {
    return Rejection{line.line, result.error().code, result.error().message, excerpt_of(line)};
  }
  return out;
}

base::Result<void> ReportMapper::check_shape(const ReportLine& line) const {
  const std::size_t width = layout_.header.size();
  if (line.end == tabular::RowEnd::kOpenQuote) {
    return std::unexpected(bad_row("open_quote", "the file ends inside a quotation mark: it was cut short"));
  }
  if (line.end == tabular::RowEnd::kEndOfFile && line.cells.size() < width) {
    return std::unexpected(bad_row(
        "cut_short", fmt::format("the file ends in the middle of this row: {} of {} cells", line.cells.size(), width)));
  }
  if (line.fault == tabular::RowFault::kCellTooLong) {
    return std::unexpected(bad_row("cell_too_long", "a cell is too long to be one of a report"));
  }
  const auto surplus = line.cells.subspan(std::min(width, line.cells.size()));
  if (line.fault == tabular::RowFault::kTooManyCells || !std::ranges::all_of(surplus, &std::string_view::empty)) {
    return std::unexpected(
        bad_row("too_many_cells", fmt::format("the row has {} cells, the header {}", line.cells.size(), width)));
  }
  return {};
}

base::Result<base::Timestamp> ReportMapper::read_date(const ReportLine& line, Field field) {
  const std::string_view text = date_text(line, field, scratch_);
  if (text.empty()) {
    return base::Timestamp{};
  }
  const auto& format = inspection_.date_format(field);
  const auto time = format ? format->parse(text) : std::nullopt;
  if (!time) {
    return std::unexpected(bad_row("bad_date",
                                   fmt::format("{}: \"{}\" is not written as {}",
                                               name_of(field),
                                               base::clean_utf8(text, 40),
                                               format ? format->text() : "")));
  }
  return tabular::to_timestamp(*time, zone_);
}

base::Result<void> ReportMapper::read_dates(const ReportLine& line, ReportRow& row) {
  TALLY_ASSIGN(row.occurred_at, read_date(line, Field::kOccurred));
  if (line.value(Field::kOccurred).empty()) {
    return std::unexpected(bad_row("missing_value", "the row has no date"));
  }
  TALLY_ASSIGN(row.booked_at, read_date(line, Field::kBooked));
  if (line.value(Field::kBooked).empty()) {
    row.booked_at = row.occurred_at;
  }
  TALLY_ASSIGN(row.clicked_at, read_date(line, Field::kClicked));
  return {};
}

base::Result<void> ReportMapper::read_texts(const ReportLine& line, ReportRow& row) const {
  TALLY_ASSIGN(row.transaction_id, read_id(line, Field::kTransactionId));
  TALLY_ASSIGN(row.order_id, read_id(line, Field::kOrderId));
  TALLY_ASSIGN(row.sub_id, read_id(line, Field::kSubId));
  row.advertiser = base::clean_utf8(line.value(Field::kAdvertiser), kMaxTextBytes);
  return {};
}

base::Result<base::Currency> ReportMapper::find_currency(const ReportLine& line,
                                                         const std::optional<base::Currency>& stated) const {
  if (const std::string_view code = line.value(Field::kCurrency); !code.empty()) {
    if (code == currency_.text()) {
      return currency_;
    }
    if (const auto currency = base::parse_currency(code)) {
      return *currency;
    }
    return std::unexpected(
        bad_row("unknown_currency", fmt::format("\"{}\" is no currency", base::clean_utf8(code, 20))));
  }
  return header_currency_ ? *header_currency_ : stated.value_or(profile_.currency.value_or(terms_.currency));
}

base::Result<tabular::Decimal> ReportMapper::read_decimal(const ReportLine& line, Field field) const {
  const auto decimal = tabular::parse_decimal(line.value(field), inspection_.mark);
  if (!decimal) {
    return std::unexpected(
        bad_row(decimal.error().code, fmt::format("{}: {}", name_of(field), decimal.error().message)));
  }
  return *decimal;
}

base::Result<std::int64_t> ReportMapper::to_minor(const tabular::Decimal& decimal, Field field) const {
  if (decimal.currency && *decimal.currency != currency_) {
    return std::unexpected(
        bad_row("currency_conflict",
                fmt::format("{} is in {}, the row in {}", name_of(field), decimal.currency->text(), currency_.text())));
  }
  const auto minor = tabular::to_minor(decimal, currency_, profile_.excess);
  if (!minor) {
    return std::unexpected(bad_row(minor.error().code, fmt::format("{}: {}", name_of(field), minor.error().message)));
  }
  return *minor;
}

base::Result<void> ReportMapper::read_money(const ReportLine& line, ReportRow& row) {
  if (line.value(Field::kCommission).empty()) {
    return std::unexpected(bad_row("missing_value", "the row has no commission"));
  }
  TALLY_ASSIGN(const tabular::Decimal commission, read_decimal(line, Field::kCommission));
  tabular::Decimal amount;
  if (!line.value(Field::kAmount).empty()) {
    TALLY_ASSIGN(amount, read_decimal(line, Field::kAmount));
  }
  TALLY_ASSIGN(currency_, find_currency(line, commission.currency ? commission.currency : amount.currency));
  row.currency = currency_;
  TALLY_ASSIGN(row.commission_minor, to_minor(commission, Field::kCommission));
  TALLY_ASSIGN(row.amount_minor, to_minor(amount, Field::kAmount));
  return {};
}

void ReportMapper::read_status(const ReportLine& line, ReportRow& row) {
  const std::string_view word = line.value(Field::kStatus);
  row.network_status = base::clean_utf8(word, kMaxTextBytes);
  row.is_correction =
      (profile_.has_negative_corrections && (row.commission_minor < 0 || row.amount_minor < 0)) ||
      std::ranges::any_of(profile_.correction_fields, [&](Field field) { return !line.value(field).empty(); });
  std::optional<Field> field;
  std::string normal_value;  // of `field`: rules of one field follow each other
  for (const StatusRule& rule : profile_.status_rules) {
    const std::string_view value = line.value(rule.field);
    if (field != rule.field) {
      field = rule.field;
      normal_value = normal_form(value);
    }
    if (!holds(rule, normal_value)) {
      continue;
    }
    row.status = rule.status;
    if (row.network_status.empty()) {
      // Flags have no word: the column and its value are it.
      const auto column = static_cast<std::size_t>(layout_.fit.column(rule.field));
      row.network_status = base::clean_utf8(fmt::format("{}={}", layout_.header[column], value), kMaxTextBytes);
    }
    return;
  }
  row.status = word.empty() ? profile_.default_status : reconcile::Status::kPending;
  const bool is_new = std::ranges::find(unknown_words_, row.network_status) == unknown_words_.end();
  if (!word.empty() && is_new && unknown_words_.size() < kMaxUnknownWords) {
    unknown_words_.push_back(row.network_status);
  }
}

// Empty unless every column of the key is there and the first has a value.
base::Result<void> ReportMapper::read_key(const ReportLine& line, MappedRow& out) const {
  if (profile_.key.empty() || line.value(profile_.key.front()).empty()) {
    return {};
  }
  std::string key;
  for (const Field field : profile_.key) {
    TALLY_ASSIGN(const std::string part, read_id(line, field));
    key.append(key.empty() ? "" : "|");
    key.append(field == Field::kOccurred ? base::format_rfc3339(out.row.occurred_at) : part);
  }
  if (key.size() > kMaxIdBytes) {
    return std::unexpected(bad_row("value_too_long", "the key of the row is too long"));
  }
  out.row.key = std::move(key);
  out.has_own_key = true;
  return {};
}

void ReportMapper::digest(const ReportLine& line, MappedRow& out) {
  const ReportRow& row = out.row;
  scratch_.clear();
  for (const std::int64_t number : {row.occurred_at.us,
                                    row.booked_at.us,
                                    row.clicked_at.us,
                                    row.amount_minor,
                                    row.commission_minor,
                                    out.clicks,
                                    static_cast<std::int64_t>(row.status),
                                    static_cast<std::int64_t>(row.is_correction)}) {
    scratch_.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  scratch_.append(row.currency.text());
  for (const std::string* text :
       {&row.transaction_id, &row.order_id, &row.sub_id, &row.advertiser, &row.network_status}) {
    scratch_.append(*text) += kSeparator;
  }
  scratch_.append(line.value(Field::kItem));
  const crypto::Digest sum = crypto::sha256(scratch_);
  std::memcpy(&out.fingerprint, sum.data(), sizeof(out.fingerprint));
  if (!out.has_own_key) {
    out.content_digest = base::to_hex({sum.data(), 16});
  }
}

std::string ReportMapper::compare_totals(const ReportLine& line, const ReportSums& sums) const {
  std::string text;
  for (const auto& [field, sum] :
       {std::pair(Field::kAmount, sums.amount_minor), std::pair(Field::kCommission, sums.commission_minor)}) {
    if (line.value(field).empty() || !sums.is_usable) {
      continue;
    }
    const auto decimal = read_decimal(line, field);
    const auto stated = decimal ? to_minor(*decimal, field) : base::Result<std::int64_t>(sum);
    if (stated && *stated != sum) {
      text += fmt::format("{}{}: the total is {}, the rows add up to {}",
                          text.empty() ? "" : "; ",
                          name_of(field),
                          base::format_money({*stated, currency_}),
                          base::format_money({sum, currency_}));
    }
  }
  return text;
}

}  // namespace tallystick::settlement
