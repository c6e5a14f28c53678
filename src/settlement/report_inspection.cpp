#include "settlement/report_inspection.h"

#include <utility>

#include <fmt/format.h>

namespace tallystick::settlement {
namespace {

constexpr auto kDateFields = std::to_array<Field>({Field::kOccurred, Field::kBooked, Field::kClicked});

Field time_field_of(Field date) {
  switch (date) {
    case Field::kBooked:
      return Field::kBookedTime;
    case Field::kClicked:
      return Field::kClickedTime;
    default:
      return Field::kOccurredTime;
  }
}

// What all rows together say about how they are written.
class Evidence {
 public:
  explicit Evidence(const ReportLayout& layout) : layout_(layout) {
    for (const Field field : kDateFields) {
      if (layout.fit.column(field) != kNoColumn) {
        choosers_.emplace_back(field, tabular::FormatChooser(layout.profile().date_formats));
      }
    }
  }

  void observe(const ReportLine& line) {
    for (auto& [field, chooser] : choosers_) {
      if (const std::string_view text = date_text(line, field, scratch_); !text.empty()) {
        chooser.observe(text);
      }
    }
    if (!layout_.profile().mark) {
      observe_amount(line.value(Field::kAmount));
      observe_amount(line.value(Field::kCommission));
    }
  }

  void conclude(Inspection& out) const {
    for (const auto& [field, chooser] : choosers_) {
      out.date_formats[static_cast<std::size_t>(field)] = chooser.chosen();
      if (const tabular::DateFormat* rival = chooser.rival()) {
        out.warnings.push_back(
            {"ambiguous_dates",
             fmt::format("all values of {} fit both {} and {}; read as {}, which the profile names first",
                         name_of(field),
                         chooser.chosen().text(),
                         rival->text(),
                         chooser.chosen().text())});
      }
    }
    conclude_mark(out);
  }

 private:
  void observe_amount(std::string_view text) {
    if (!text.empty()) {
      marks_.observe(text);
    }
  }

  void conclude_mark(Inspection& out) const {
    if (layout_.profile().mark) {
      out.mark = *layout_.profile().mark;
      out.mark_reason = "the profile says so";
      return;
    }
    const auto decided = marks_.decide();
    out.mark = decided.value_or(tabular::DecimalMark::kPoint);
    out.mark_reason = decided ? fmt::format("{} amounts can only be read with a decimal point, {} only with a comma",
                                            marks_.point_count(),
                                            marks_.comma_count())
                              : "no amount shows otherwise";
    if (marks_.ambiguous_count() > 0 && (!decided || (marks_.point_count() > 0 && marks_.comma_count() > 0))) {
      out.warnings.push_back(
          {"ambiguous_amounts",
           fmt::format("{} amounts such as \"{}\" can be read in two ways; read with a decimal {}, as {}. If that is "
                       "wrong, import with a profile that says amounts.decimal_mark",
                       marks_.ambiguous_count(),
                       marks_.first_ambiguous(),
                       tabular::name_of(out.mark),
                       out.mark_reason)});
    }
  }

  const ReportLayout& layout_;
  std::vector<std::pair<Field, tabular::FormatChooser>> choosers_;
  tabular::MarkEvidence marks_;
  std::string scratch_;
};

}  // namespace

std::string_view date_text(const ReportLine& line, Field date, std::string& scratch) {
  const std::string_view day = line.value(date);
  const std::string_view time = line.value(time_field_of(date));
  if (time.empty() || day.empty()) {
    return day;
  }
  scratch.assign(day).append(" ").append(time);
  return scratch;
}

base::Result<Inspection> inspect_report(tabular::ByteSource& source,
                                        const ReportLayout& layout,
                                        std::int64_t max_rows) {
  TALLY_ASSIGN(const auto table, ReportTable::open(source, layout));
  Inspection out;
  Evidence evidence(layout);
  ReportLine line;
  tabular::RowEnd last_end = tabular::RowEnd::kLineEnd;
  while (true) {
    TALLY_ASSIGN(const bool has_line, table->next(line));
    if (!has_line) {
      break;
    }
    last_end = line.end;
    out.totals += line.kind == LineKind::kTotal ? 1 : 0;
    out.notes += line.kind == LineKind::kNote ? 1 : 0;
    if (line.kind != LineKind::kData) {
      continue;
    }
    if (++out.rows > max_rows) {
      return base::fail(
          base::ErrorKind::kTooLarge,
          "too_many_rows",
          fmt::format("the report has more than {} rows; split it, or raise settlement.max_report_rows", max_rows));
    }
    evidence.observe(line);
  }
  if (out.rows == 0) {
    return base::fail(
        base::ErrorKind::kUnprocessable, "no_rows", "the report has a header and no rows; there is nothing to import");
  }
  evidence.conclude(out);
  if (last_end != tabular::RowEnd::kLineEnd) {
    out.warnings.push_back({"no_final_line_end",
                            fmt::format("the file ends without a line end in line {}: it may have been cut short; "
                                        "compare its last row with the network's",
                                        line.line)});
  }
  if (layout.encoding.encoding == tabular::Encoding::kWindows1252) {
    out.warnings.push_back(
        {"not_utf8", fmt::format("line {} is not UTF-8; the file was read as Windows-1252", layout.encoding.odd_line)});
  }
  return out;
}

}  // namespace tallystick::settlement
