#include "insights/report_json.h"

#include <algorithm>
#include <type_traits>

#include "base/time_zone.h"

namespace tallystick::insights {
namespace {

namespace json = boost::json;

json::value to_value(std::monostate /*absent*/) {
  return nullptr;
}
json::value to_value(bool value) {
  return value;
}
json::value to_value(std::int64_t value) {
  return value;
}
json::value to_value(const std::string& text) {
  return json::value(text);
}
json::value to_value(const Texts& texts) {
  return json::array(texts.begin(), texts.end());
}
json::value to_value(base::Timestamp time) {
  return json::value(base::format_rfc3339(time));
}
json::value to_value(const Amounts& amounts) {
  json::array array;
  for (const base::Money& money : amounts) {
    array.push_back(json::object{{"currency", money.currency.text()},
                                 {"amount_minor", money.amount_minor},
                                 {"amount", base::format_amount(money)}});
  }
  return array;
}
json::value to_value(const Rates& rates) {
  json::array array;
  for (const Rate& rate : rates) {
    array.push_back(json::object{{"currency", rate.currency.text()}, {"amount", rate.value}});
  }
  return array;
}

json::object row_object(const Section& section, const Row& row) {
  json::object object;
  for (std::size_t i = 0; i < row.size(); ++i) {
    object[section.columns[i].name] = to_json(row[i]);
  }
  return object;
}

json::value section_value(const Section& section) {
  if (section.is_single) {
    return section.rows.empty() ? json::value() : json::value(row_object(section, section.rows.front()));
  }
  json::array rows;
  for (const Row& row : section.rows) {
    rows.push_back(row_object(section, row));
  }
  return rows;
}

json::object columns_of(const Report& report) {
  json::object sections;
  for (const Section& section : report.sections) {
    json::array columns;
    for (const Column& column : section.columns) {
      columns.push_back(json::object{{"name", column.name}, {"title", column.title}, {"kind", name_of(column.kind)}});
    }
    sections[section.name] = json::object{{"title", section.title}, {"columns", std::move(columns)}};
  }
  return sections;
}

json::object period_object(const Period& period) {
  json::object object{{"from", base::format_rfc3339(period.range.from)},
                      {"to", base::format_rfc3339(period.range.to)},
                      {"time_zone", period.zone.name()}};
  if (period.first_day) {
    object["first_day"] = base::format_date(*period.first_day);
  }
  if (period.last_day) {
    object["last_day"] = base::format_date(*period.last_day);
  }
  return object;
}

json::object freshness_object(const Freshness& freshness) {
  json::array logs;
  for (const LogFreshness& log : freshness.logs) {
    logs.push_back(json::object{
        {"log_id", log.log_id},
        {"sequence", log.sequence},
        {"received_at", log.received_at.us > 0 ? json::value(base::format_rfc3339(log.received_at)) : json::value()}});
  }
  return {{"logs", std::move(logs)},
          {"lag_records", freshness.lag_records ? json::value(*freshness.lag_records) : json::value()},
          {"lag_seconds", freshness.lag_seconds ? json::value(*freshness.lag_seconds) : json::value()}};
}

}  // namespace

json::value to_json(const Cell& cell) {
  return std::visit([](const auto& value) { return to_value(value); }, cell);
}

json::object to_json(const Report& report, const Question& question, const Freshness& freshness) {
  json::object object{{"report", report.name}, {"title", report.title}};
  for (const auto& [name, value] : report.subject) {
    object[name] = to_json(value);
  }
  object["period"] = period_object(question.period);
  object["basis"] = name_of(question.basis);
  object["exact"] = question.is_exact;
  const auto estimated = report.estimated();
  object["estimated"] = json::array(estimated.begin(), estimated.end());
  object["as_of"] = freshness_object(freshness);
  for (const Section& section : report.sections) {
    object[section.name] = section_value(section);
  }
  object["notes"] = json::array(report.notes.begin(), report.notes.end());
  if (report.has_pages) {
    object["next_cursor"] = report.next_cursor ? json::value(*report.next_cursor) : json::value();
  }
  object["columns"] = columns_of(report);
  return object;
}

}  // namespace tallystick::insights
