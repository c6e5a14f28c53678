#include "settlement/report_layout.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"

namespace tallystick::settlement {
namespace {

constexpr std::size_t kSampleBytes = 256UZ * 1024;
constexpr std::size_t kMaxPreambleShown = 5;
constexpr std::size_t kMaxShownBytes = 200;

struct SampleRow {
  std::int64_t line = 0;
  std::vector<std::string> cells;
  bool is_collapsed = false;
};

base::Result<std::string> read_sample(tabular::ByteSource& source, const tabular::EncodingFinding& encoding) {
  tabular::TextStream text(source, encoding);
  std::string sample(kSampleBytes, '\0');
  std::size_t filled = 0;
  while (filled + 4 <= sample.size()) {
    TALLY_ASSIGN(const std::size_t bytes, text.read({sample.data() + filled, sample.size() - filled}));
    if (bytes == 0) {
      break;
    }
    filled += bytes;
  }
  TALLY_TRY(source.rewind());
  sample.resize(filled);
  return sample;
}

std::vector<SampleRow> sample_rows(std::string_view sample, char delimiter, std::size_t max_rows) {
  tabular::MemorySource source(sample);
  tabular::TextStream text(source, {});
  tabular::RowReader reader(text, delimiter);
  std::vector<SampleRow> rows;
  tabular::Row row;
  while (rows.size() < max_rows) {
    const auto has_row = reader.next(row);
    if (!has_row || !*has_row) {
      break;  // what is too long is told when the file is read
    }
    SampleRow out{row.line, {row.cells.begin(), row.cells.end()}};
    if (auto cells = expand_collapsed(row, delimiter); !cells.empty()) {
      out.cells = std::move(cells);
      out.is_collapsed = true;
    }
    rows.push_back(std::move(out));
  }
  return rows;
}

std::string names_of_fields(const Profile& profile, const std::vector<Field>& fields) {
  std::string names;
  for (const Field field : fields) {
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", name_of(field), profile.names(field).front());
  }
  return names;
}

std::string join_cells(const std::vector<std::string>& cells) {
  std::string text;
  for (const std::string& cell : cells) {
    text += (text.empty() ? "" : ", ") + cell;
  }
  return base::clean_utf8(text, kMaxShownBytes);
}

struct Candidate {
  HeaderFits fits;
  char delimiter = ',';
  std::size_t row = 0;
  std::vector<SampleRow> rows;
};

bool is_better(const HeaderFits& fits, const std::optional<Candidate>& than) {
  if (fits.best.profile == nullptr) {
    return false;
  }
  if (!than) {
    return true;
  }
  const HeaderFit& other = than->fits.best;
  return fits.best.is_complete() != other.is_complete() ? fits.best.is_complete() : fits.best.found > other.found;
}

std::optional<Candidate> find_header(std::string_view sample,
                                     std::span<const Profile* const> profiles,
                                     std::string_view network) {
  std::int64_t max_preamble = 0;
  for (const Profile* profile : profiles) {
    max_preamble = std::max(max_preamble, profile->max_preamble_lines);
  }
  std::optional<Candidate> best;
  for (const char delimiter : tabular::rank_delimiters(sample)) {
    const auto rows = sample_rows(sample, delimiter, static_cast<std::size_t>(max_preamble) + 1);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      HeaderFits fits = rank_profiles(profiles, rows[i].cells, network);
      if (is_better(fits, best)) {
        best = Candidate{std::move(fits), delimiter, i, rows};
      }
    }
  }
  return best;
}

std::unexpected<base::Error> unrecognised(const std::optional<Candidate>& nearest, std::string_view sample) {
  if (!nearest) {
    const auto rows = sample_rows(sample, tabular::rank_delimiters(sample).front(), 1);
    return base::fail(base::ErrorKind::kUnprocessable,
                      "unrecognised_report",
                      fmt::format("this is no report that any profile knows; it begins with \"{}\"",
                                  rows.empty() ? "" : join_cells(rows.front().cells)));
  }
  const HeaderFit& fit = nearest->fits.best;
  return base::fail(base::ErrorKind::kUnprocessable,
                    "unrecognised_report",
                    fmt::format("no profile knows this report. The nearest is {}, which misses {} in line {}: \"{}\"",
                                fit.profile->name,
                                names_of_fields(*fit.profile, fit.missing),
                                nearest->rows[nearest->row].line,
                                join_cells(nearest->rows[nearest->row].cells)));
}

ReportLayout make_layout(Candidate&& found, const tabular::EncodingFinding& encoding) {
  ReportLayout layout;
  layout.encoding = encoding;
  layout.delimiter = found.delimiter;
  SampleRow& header = found.rows[found.row];
  layout.header_line = header.line;
  layout.is_collapsed = header.is_collapsed;
  for (std::size_t i = 0; i < std::min(found.row, kMaxPreambleShown); ++i) {
    layout.preamble.push_back(join_cells(found.rows[i].cells));
  }
  layout.header = std::move(header.cells);
  layout.fit = std::move(found.fits.best);
  layout.runner_up = std::move(found.fits.runner_up);
  return layout;
}

}  // namespace

std::vector<std::string> expand_collapsed(const tabular::Row& row, char delimiter) {
  if (row.cells.size() != 1 || row.cells.front().find(delimiter) == std::string_view::npos) {
    return {};
  }
  return tabular::split_text(row.cells.front(), delimiter);
}

base::Result<ReportLayout> find_layout(tabular::ByteSource& source,
                                       const ProfileLibrary& library,
                                       std::string_view network,
                                       std::string_view profile_name) {
  TALLY_ASSIGN(const tabular::EncodingFinding encoding, tabular::detect_encoding(source));
  TALLY_ASSIGN(const std::string sample, read_sample(source, encoding));
  if (sample.find_first_not_of(" \t\r\n") == std::string::npos) {
    return base::fail(base::ErrorKind::kUnprocessable, "empty_report", "the file is empty");
  }
  std::vector<const Profile*> profiles;
  if (!profile_name.empty()) {
    TALLY_ASSIGN(const Profile* named, library.find(profile_name));
    profiles.push_back(named);
  } else {
    for (const Profile& profile : library.all()) {
      profiles.push_back(&profile);
    }
  }
  auto found = find_header(sample, profiles, network);
  if (!found || !found->fits.best.is_complete()) {
    return unrecognised(found, sample);
  }
  ReportLayout layout = make_layout(*std::move(found), encoding);
  layout.is_forced = !profile_name.empty();
  if (!layout.is_forced && !belongs_to(layout.profile(), network)) {
    return base::fail(base::ErrorKind::kUnprocessable,
                      "other_network",
                      fmt::format("this is a report of {} ({}), but the partner is in {}; name the profile if it is "
                                  "meant nevertheless",
                                  layout.profile().network,
                                  layout.profile().title,
                                  network));
  }
  return layout;
}

}  // namespace tallystick::settlement
