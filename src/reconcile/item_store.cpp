#include "reconcile/item_store.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "records/row_statements.h"

namespace tallystick::reconcile {
namespace {

constexpr const char* kItemTable = "recon_items";

void insert_one_by_one(soci::session& session, std::span<const ItemRecord> items) {
  ItemRecord row;
  records::RowInserter<ItemRecord> inserter(session, kItemTable, row);
  for (const ItemRecord& item : items) {
    row = item;
    inserter.insert();
  }
}

void append_json_text(std::string& out, const std::string& text) {
  const bool is_plain =
      std::ranges::none_of(text, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; });
  if (is_plain) {
    out.append("\"").append(text).append("\"");
  } else {
    out += boost::json::serialize(boost::json::string_view(text));
  }
}

// What is "" or 0 is left out, and comes back through COALESCE.
std::string rows_as_json(std::span<const ItemRecord> items) {
  std::string out = "[";
  for (ItemRecord item : items) {
    out += out.size() == 1 ? "{" : ",{";
    bool is_first = true;
    for_each_column(item, [&](const char* name, const auto& value) {
      if (value == std::decay_t<decltype(value)>{}) {
        return;
      }
      out.append(is_first ? "\"" : ",\"").append(name).append("\":");
      is_first = false;
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
        append_json_text(out, value);
      } else {
        fmt::format_to(std::back_inserter(out), "{}", value);
      }
    });
    out += '}';
  }
  return out + "]";
}

// PostgreSQL answers once for all of them; each alone would wait for an answer of its own.
void insert_together(soci::session& session, std::span<const ItemRecord> items) {
  std::string columns;
  std::string values;
  std::string types;
  ItemRecord shape;
  for_each_column(shape, [&](const char* name, const auto& value) {
    constexpr bool kIsText = std::is_same_v<std::decay_t<decltype(value)>, std::string>;
    const std::string_view separator = columns.empty() ? "" : ", ";
    columns += fmt::format("{}{}", separator, name);
    values += fmt::format("{}COALESCE(r.{}, {})", separator, name, kIsText ? "''" : "0");
    types += fmt::format("{}{} {}", separator, name, kIsText ? "TEXT" : "BIGINT");
  });
  (void)records::change_rows(session,
                             fmt::format("INSERT INTO {} ({}) SELECT {} FROM json_to_recordset(CAST(:items AS json)) "
                                         "AS r({})",
                                         kItemTable,
                                         columns,
                                         values,
                                         types),
                             std::vector<records::Binding>{{"items", rows_as_json(items)}});
}

}  // namespace

void insert_items(soci::session& session, records::Backend backend, std::span<const ItemRecord> items) {
  if (items.empty()) {
    return;
  }
  if (backend == records::Backend::kSqlite) {
    insert_one_by_one(session, items);
  } else {
    insert_together(session, items);
  }
}

std::vector<ItemRecord> load_items(soci::session& session,
                                   std::int64_t run_number,
                                   const ItemFilter& filter,
                                   std::int64_t after_position,
                                   std::int64_t max_items) {
  std::string tail = "WHERE run_number = :run AND position > :after";
  std::vector<records::Binding> bindings = {{"run", run_number}, {"after", after_position}};
  if (filter.has_difference_only || filter.cause || (!filter.kind.empty() && filter.kind != kKindMatched)) {
    tail += " AND is_plain = 0";  // as the index has it
  }
  if (!filter.kind.empty()) {
    tail += " AND kind = :kind";
    bindings.emplace_back("kind", filter.kind);
  }
  if (filter.cause) {
    const std::string name(name_of(*filter.cause));
    tail += " AND (cause = :cause OR causes LIKE :among)";
    bindings.emplace_back("cause", name);
    bindings.emplace_back("among", fmt::format("%\"{}\"%", name));
  }
  if (!filter.currency.empty()) {
    tail += " AND currency = :currency";
    bindings.emplace_back("currency", filter.currency);
  }
  tail += " ORDER BY position LIMIT :max_items";
  bindings.emplace_back("max_items", max_items);
  return records::query_rows<ItemRecord>(session, kItemTable, tail, bindings);
}

std::vector<ItemTotal> load_item_totals(soci::session& session, std::int64_t run_number) {
  ItemTotal total;
  soci::statement statement =
      (session.prepare
           << "SELECT currency, kind, claim_status, truth_status, cause, COUNT(*), CAST(SUM(our_counted) AS "
              "BIGINT), CAST(SUM(their_counted) AS BIGINT) FROM recon_items WHERE run_number = :run GROUP "
              "BY currency, kind, claim_status, truth_status, cause ORDER BY currency, kind, claim_status, "
              "truth_status, cause",
       soci::into(total.currency),
       soci::into(total.kind),
       soci::into(total.claim_status),
       soci::into(total.truth_status),
       soci::into(total.cause),
       soci::into(total.records),
       soci::into(total.our_counted),
       soci::into(total.their_counted),
       soci::use(run_number));
  statement.execute();
  std::vector<ItemTotal> totals;
  while (statement.fetch()) {
    totals.push_back(total);
  }
  return totals;
}

std::int64_t remove_items(soci::session& session, std::int64_t run_number, std::int64_t max_items) {
  return records::change_rows(
      session,
      "DELETE FROM recon_items WHERE run_number = :run1 AND position IN (SELECT position FROM "
      "recon_items WHERE run_number = :run2 ORDER BY position LIMIT :max_items)",
      std::vector<records::Binding>{{"run1", run_number}, {"run2", run_number}, {"max_items", max_items}});
}

}  // namespace tallystick::reconcile
