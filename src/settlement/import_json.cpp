#include "settlement/import_json.h"

#include <algorithm>
#include <utility>

#include "base/money.h"
#include "base/utf8.h"

namespace tallystick::settlement {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxShownNameBytes = 100;

std::string shown(std::string_view name) {
  return base::clean_utf8(name, kMaxShownNameBytes);
}

json::value time_or_null(base::Timestamp time) {
  return time.us == 0 ? json::value() : json::value(base::format_rfc3339(time));
}

json::array field_names(const std::vector<Field>& fields) {
  json::array names;
  for (const Field field : fields) {
    names.emplace_back(name_of(field));
  }
  return names;
}

std::string delimiter_name(char delimiter) {
  return delimiter == '\t' ? "tab" : std::string(1, delimiter);
}

constexpr auto kCountNames =
    std::to_array<std::pair<std::string_view, std::int64_t ImportCounts::*>>({{"rows", &ImportCounts::rows},
                                                                              {"new", &ImportCounts::added},
                                                                              {"changed", &ImportCounts::changed},
                                                                              {"unchanged", &ImportCounts::unchanged},
                                                                              {"duplicate", &ImportCounts::duplicate},
                                                                              {"rejected", &ImportCounts::rejected},
                                                                              {"ignored", &ImportCounts::ignored}});

}  // namespace

json::object to_json(const ImportCounts& counts) {
  json::object out;
  for (const auto& [name, member] : kCountNames) {
    out[name] = counts.*member;
  }
  return out;
}

std::string serialize_counts(const ImportCounts& counts) {
  return json::serialize(to_json(counts));
}

base::Result<ImportCounts> parse_counts(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  ImportCounts counts;
  for (const auto& [name, member] : kCountNames) {
    const json::value* number = error || !value.is_object() ? nullptr : value.get_object().if_contains(name);
    if (number == nullptr || !number->is_int64()) {
      return base::fail(base::ErrorKind::kCorrupt, "bad_json", "these are no counts of an import");
    }
    counts.*member = number->get_int64();
  }
  return counts;
}

json::object to_json(const ReportImport& import) {
  json::object out{
      {"id", base::format_uuid(import.id)},
      {"partner_id", base::format_uuid(import.partner_id)},
      {"state", name_of(import.state)},
      {"job_id", import.job_id},
      {"imported_by", import.actor},
      {"file", json::object{{"name", import.file_name}, {"bytes", import.file_bytes}, {"sha256", import.file_digest}}},
      {"profile", import.profile},
      {"kind", import.kind},
      {"counts", to_json(import.counts)},
      {"evidence", json::parse(import.evidence)},
      {"warnings", json::parse(import.warnings)},
      {"created_at", base::format_rfc3339(import.created_at)},
      {"finished_at", time_or_null(import.finished_at)}};
  if (!import.error_code.empty()) {
    out["error"] = json::object{{"code", import.error_code}, {"message", import.error_message}};
  }
  return out;
}

json::object to_json(const StoredRejection& rejection) {
  return {
      {"line", rejection.line}, {"code", rejection.code}, {"reason", rejection.reason}, {"excerpt", rejection.excerpt}};
}

json::object to_json(const ReportRow& row) {
  return {{"key", row.key},
          {"version", row.version},
          {"line", row.line},
          {"occurred_at", base::format_rfc3339(row.occurred_at)},
          {"booked_at", base::format_rfc3339(row.booked_at)},
          {"clicked_at", time_or_null(row.clicked_at)},
          {"first_seen_at", base::format_rfc3339(row.first_seen_at)},
          {"sub_id", row.sub_id},
          {"order_id", row.order_id},
          {"transaction_id", row.transaction_id},
          {"advertiser", row.advertiser},
          {"amount", base::format_amount({row.amount_minor, row.currency})},
          {"commission", base::format_amount({row.commission_minor, row.currency})},
          {"currency", row.currency.text()},
          {"status", reconcile::name_of(row.status)},
          {"network_status", row.network_status},
          {"is_correction", row.is_correction}};
}

json::object to_json(const Profile& profile) {
  json::object columns;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (!profile.columns[i].empty()) {
      columns[name_of(static_cast<Field>(i))] = json::array(profile.columns[i].begin(), profile.columns[i].end());
    }
  }
  json::array formats;
  for (const tabular::DateFormat& format : profile.date_formats) {
    formats.emplace_back(format.text());
  }
  return {{"name", profile.name},
          {"network", profile.network},
          {"title", profile.title},
          {"kind", name_of(profile.kind)},
          {"origin", profile.origin},
          {"required", field_names(profile.required)},
          {"key", field_names(profile.key)},
          {"columns", std::move(columns)},
          {"date_formats", std::move(formats)}};
}

json::array to_json(const std::vector<ReportWarning>& warnings) {
  json::array out;
  for (const ReportWarning& warning : warnings) {
    out.push_back(json::object{{"code", warning.code}, {"message", warning.message}});
  }
  return out;
}

json::object layout_evidence(const ReportLayout& layout) {
  const Profile& profile = layout.profile();
  json::object columns;
  std::vector<bool> is_used(layout.header.size(), false);
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (const int column = layout.fit.columns[i]; column != kNoColumn) {
      columns[name_of(static_cast<Field>(i))] = shown(layout.header[static_cast<std::size_t>(column)]);
      is_used[static_cast<std::size_t>(column)] = true;
    }
  }
  json::array ignored;
  for (std::size_t i = 0; i < layout.header.size(); ++i) {
    if (!is_used[i]) {
      ignored.emplace_back(shown(layout.header[i]));
    }
  }
  json::object evidence{{"profile", profile.name},
                        {"profile_origin", profile.origin},
                        {"is_profile_named", layout.is_forced},
                        {"encoding", tabular::name_of(layout.encoding.encoding)},
                        {"has_byte_order_mark", layout.encoding.has_mark},
                        {"delimiter", delimiter_name(layout.delimiter)},
                        {"header_line", layout.header_line},
                        {"is_header_collapsed", layout.is_collapsed},
                        {"columns", std::move(columns)},
                        {"ignored_columns", std::move(ignored)},
                        {"preamble", json::array(layout.preamble.begin(), layout.preamble.end())}};
  if (layout.runner_up.profile != nullptr) {
    evidence["runner_up"] = json::object{{"profile", layout.runner_up.profile->name},
                                         {"columns_found", layout.runner_up.found},
                                         {"missing", field_names(layout.runner_up.missing)}};
  }
  return evidence;
}

void add_evidence(json::object& evidence, const Inspection& inspection) {
  evidence["decimal_mark"] = tabular::name_of(inspection.mark);
  evidence["decimal_mark_because"] = inspection.mark_reason;
  json::object formats;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    if (inspection.date_formats[i]) {
      formats[name_of(static_cast<Field>(i))] = inspection.date_formats[i]->text();
    }
  }
  evidence["date_formats"] = std::move(formats);
  evidence["lines"] =
      json::object{{"rows", inspection.rows}, {"totals", inspection.totals}, {"notes", inspection.notes}};
}

}  // namespace tallystick::settlement
