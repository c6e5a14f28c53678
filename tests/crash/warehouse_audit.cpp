#include "tests/crash/warehouse_audit.h"

#include <algorithm>
#include <memory>
#include <regex>
#include <set>
#include <stdexcept>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/time.h"
#include "crypto/ed25519.h"
#include "journal/codec.h"
#include "journal/journal.h"
#include "journal/note.h"
#include "warehouse/aggregate_blocks.h"
#include "warehouse/generation.h"

namespace tallystick::crash {
namespace {

constexpr std::int64_t kHourUs = base::kMicrosPerHour;

struct Event {
  journal::RecordKind kind{};
  journal::VerdictClass klass{};  // as revised so far
  base::Timestamp occurred_at;
  base::Uuid place;  // the placement of an impression, the link of a click
  bool is_viewable = false;
};

std::int64_t hour_of(base::Timestamp time) {
  return time.us / kHourUs * 3600;
}

class LogCounter {
 public:
  Figures figures;

  void take(const journal::Record& record) {
    switch (record.kind) {
      case journal::RecordKind::kImpression:
        take_impression(record);
        break;
      case journal::RecordKind::kClick:
        take_click(record);
        break;
      case journal::RecordKind::kConversion:
        take_conversion(record);
        break;
      case journal::RecordKind::kVerdictRevision:
        take_revision(record);
        break;
      case journal::RecordKind::kForwarding:
        take_forwarding(record);
        break;
      default:
        break;
    }
  }

  void finish() {
    for (const auto& [sequence, event] : events_) {
      if (event.kind == journal::RecordKind::kConversion) {
        continue;
      }
      const bool is_impression = event.kind == journal::RecordKind::kImpression;
      const std::string where = fmt::format(
          "{}/{}/{}", journal::name_of(event.klass), base::format_uuid(event.place), hour_of(event.occurred_at));
      ++figures[(is_impression ? "exposure_hourly/" : "click_hourly/") + where];
      if (event.is_viewable) {
        ++figures["viewable/" + where];
      }
    }
    figures["users"] = static_cast<std::int64_t>(users_.size());
  }

 private:
  std::optional<std::uint64_t> note_person(const journal::Record& record) {
    const auto head = [](const crypto::Digest& digest) {
      std::uint64_t value = 0;
      for (int i = 0; i < 8; ++i) {
        value = value * 256 + digest[static_cast<std::size_t>(i)];
      }
      return value;
    };
    if (record.personal.empty()) {
      return std::nullopt;
    }
    const journal::Personal who = journal::decode_personal(record.personal).value();
    if (who.user) {
      users_.insert(head(*who.user));
      ++figures["rows with user"];
    }
    return who.session ? std::optional(head(*who.session)) : std::nullopt;
  }

  void take_impression(const journal::Record& record) {
    const journal::Impression event = journal::decode_impression(record.fields).value();
    const auto session = note_person(record);
    ++figures[fmt::format("impressions/{}/{}/{}",
                          journal::name_of(event.verdict.klass),
                          base::format_uuid(event.placement_id),
                          hour_of(event.occurred_at))];
    events_[record.sequence] = {record.kind,
                                event.verdict.klass,
                                event.occurred_at,
                                event.placement_id,
                                event.state == journal::ImpressionState::kViewable};
    if (session && !event.merchant_id.is_nil()) {
      const std::int64_t day = event.occurred_at.us / base::kMicrosPerDay;
      auto& merchants = seen_[{*session, event.placement_id, day}];
      merchants.insert(event.merchant_id);
      const auto slots = static_cast<std::int64_t>(merchants.size());
      figures["slots"] += slots;
      for (const std::string_view basis : {"net", "gross"}) {
        if (basis == "gross" || event.verdict.klass <= journal::VerdictClass::kSuspect) {
          auto& most = figures[fmt::format("slots_max/{}/{}/{}", basis, base::format_uuid(event.placement_id), day)];
          most = std::max(most, slots);
        }
      }
    }
  }

  void take_click(const journal::Record& record) {
    const journal::Click event = journal::decode_click(record.fields).value();
    (void)note_person(record);
    ++figures[fmt::format("clicks/{}/{}/{}",
                          journal::name_of(event.verdict.klass),
                          base::format_uuid(event.link_id),
                          hour_of(record.received_at))];
    events_[record.sequence] = {record.kind, event.verdict.klass, record.received_at, event.link_id, false};
  }

  void take_conversion(const journal::Record& record) {
    const journal::Conversion event = journal::decode_conversion(record.fields).value();
    (void)note_person(record);
    const std::string name = fmt::format("{}/{}", journal::name_of(event.status), event.currency);
    ++figures["conversions/" + name];
    figures["commission/" + name] += event.commission_minor;
    figures["amount/" + name] += event.amount_minor;
    events_[record.sequence] = {record.kind, event.verdict.klass, event.occurred_at, event.merchant_id, false};
  }

  void take_revision(const journal::Record& record) {
    const journal::VerdictRevision event = journal::decode_verdict_revision(record.fields).value();
    Event& revised = events_.at(event.sequence);
    ++figures[fmt::format(
        "verdict_revisions/{}/{}", journal::name_of(revised.klass), journal::name_of(event.verdict.klass))];
    revised.klass = event.verdict.klass;
  }

  void take_forwarding(const journal::Record& record) {
    std::vector<std::uint64_t> clicks;
    const journal::Forwarding event = journal::decode_forwarding(record.fields, clicks).value();
    const bool is_forwarded = event.state == journal::ForwardingState::kForwarded;
    for (const std::uint64_t click : clicks) {
      EXPECT_TRUE(forwarded_.insert(click).second) << "click " << click << " is forwarded twice in the log";
      const Event& found = events_.at(click);
      ++figures[fmt::format("{}/{}/{}",
                            is_forwarded ? "forwarded" : "failed",
                            base::format_uuid(found.place),
                            hour_of(found.occurred_at))];
    }
  }

  std::map<std::uint64_t, Event> events_;
  std::map<std::tuple<std::uint64_t, base::Uuid, std::int64_t>, std::set<base::Uuid>> seen_;
  std::set<std::uint64_t> users_;
  std::set<std::uint64_t> forwarded_;
};

warehouse::Rows rows_of(warehouse::Client& client, const std::string& sql) {
  auto rows = client.query(sql);
  if (!rows) {
    throw std::runtime_error(sql + ": " + rows.error().code + ": " + rows.error().message);
  }
  return *std::move(rows);
}

std::string hour_sql(const std::string& time) {
  return fmt::format("toString(toUnixTimestamp(toStartOfHour(toDateTime({}, 'UTC'))))", time);
}

// Each selects a name and a number.
std::vector<std::string> figure_queries() {
  return {
      "SELECT concat('impressions/', toString(verdict_class), '/', toString(placement_id), '/', " +
          hour_sql("occurred_at") + "), count() FROM {}.impressions GROUP BY 1",
      "SELECT concat('clicks/', toString(verdict_class), '/', toString(link_id), '/', " + hour_sql("occurred_at") +
          "), count() FROM {}.clicks GROUP BY 1",
      "SELECT concat('conversions/', toString(status), '/', toString(currency)), count() FROM {}.conversions GROUP BY "
      "1",
      "SELECT concat('commission/', toString(status), '/', toString(currency)), sum(commission_minor) FROM "
      "{}.conversions GROUP BY 1",
      "SELECT concat('amount/', toString(status), '/', toString(currency)), sum(amount_minor) FROM {}.conversions "
      "GROUP BY 1",
      "SELECT concat('verdict_revisions/', toString(old_class), '/', toString(new_class)), count() FROM "
      "{}.verdict_revisions GROUP BY 1",
      "SELECT concat(toString(state), '/', toString(link_id), '/', " + hour_sql("occurred_at") +
          "), count() FROM {}.forwardings GROUP BY 1",
      "SELECT concat('exposure_hourly/', toString(verdict_class), '/', toString(placement_id), '/', " +
          hour_sql("hour") + "), sum(impressions) FROM {}.exposure_hourly GROUP BY 1",
      "SELECT concat('viewable/', toString(verdict_class), '/', toString(placement_id), '/', " + hour_sql("hour") +
          "), sum(viewable) FROM {}.placement_hourly GROUP BY 1",
      "SELECT concat('click_hourly/', toString(verdict_class), '/', toString(link_id), '/', " + hour_sql("hour") +
          "), sum(clicks) FROM {}.click_hourly GROUP BY 1",
      "SELECT 'slots', toInt64(sum(slots_filled)) FROM {}.impressions",
      "SELECT concat('slots_max/', toString(basis), '/', toString(placement_id), '/', "
      "toString(toUInt16(day))), toInt64(max(slots_max)) FROM {}.placement_daily GROUP BY 1",
  };
}

std::string all_users(std::string_view database) {
  std::string sql;
  for (const char* table : {"impressions", "clicks", "conversions"}) {
    sql += fmt::format("{}SELECT user FROM {}.{} WHERE user != 0", sql.empty() ? "" : " UNION ALL ", database, table);
  }
  return sql;
}

Figures count_tables(warehouse::Client& client, const std::string& database) {
  Figures figures;
  for (const std::string& sql : figure_queries()) {
    const warehouse::Rows rows = rows_of(client, fmt::format(fmt::runtime(sql), database));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      figures[std::string(rows.text(row, 0))] = rows.integer(row, 1);
    }
  }
  const warehouse::Rows users =
      rows_of(client, fmt::format("SELECT uniqExact(user), count() FROM ({})", all_users(database)));
  figures["users"] = users.integer(0, 0);
  figures["rows with user"] = users.integer(0, 1);
  std::erase_if(figures, [](const auto& figure) { return figure.second == 0; });
  return figures;
}

// A column that counts distinct values: kept as sketches in an aggregate, counted anew from the raw table.
struct SketchColumn {
  std::string name;
  std::string value;  // SQL over the raw table
  std::string condition;
  int bits = 14;
};

// Aggregates are merged in another order than the raw rows are counted in, and agree to the last digit once both are in
// one form: of exactly 512 values (14 bits; 128 of 12) the engine holds them all until one of them comes again, and
// estimates from then on. So here every value comes twice on either side, on one thread.
void expect_sketches_of_raw_table(warehouse::Client& client,
                                  const std::string& aggregate,
                                  const std::string& raw,
                                  const std::string& keys,
                                  const std::string& raw_keys,
                                  const std::vector<SketchColumn>& columns) {
  std::string names;
  std::string merged;
  std::string counted;
  std::string any;
  std::string is_other;
  for (const auto& [name, value, condition, bits] : columns) {
    names += ", " + name;
    merged += fmt::format(", uniqCombined64Merge({1})({0}) AS a_{0}", name, bits);
    counted += fmt::format(", uniqCombined64ArrayIf({3})([{1}, {1}], {2}) AS r_{0}", name, value, condition, bits);
    any += fmt::format("{} a_{}", any.empty() ? "" : " +", name);
    is_other += fmt::format("{1} a_{0} != r_{0}", name, is_other.empty() ? "" : " OR");
  }
  const std::string states = fmt::format("SELECT {}{} FROM {}", keys, names, aggregate);
  const std::string sql = fmt::format(
      "SELECT count(), toString(groupArray(3)(tuple(*))) FROM (SELECT {0}{1} FROM ({2} UNION ALL {2}) GROUP BY {0} "
      "HAVING {3} > 0) AS a FULL JOIN (SELECT {4}{5} FROM {6} GROUP BY {0} HAVING {7} > 0) AS r USING ({0}) WHERE {8} "
      "SETTINGS max_threads = 1",
      keys,
      merged,
      states,
      any,
      raw_keys,
      counted,
      raw,
      std::regex_replace(any, std::regex(" a_"), " r_"),
      is_other);
  const warehouse::Rows rows = rows_of(client, sql);
  EXPECT_EQ(rows.integer(0, 0), 0) << aggregate << ": " << rows.text(0, 1);
}

void expect_aggregates_of_raw_tables(warehouse::Client& client, const std::string& database) {
  const auto expect_same = [&](const std::string& aggregate, const std::string& raw) {
    const auto both = [&](const std::string& text) {
      return fmt::format(fmt::runtime(text), database);
    };
    const std::string difference = both("SELECT count() AS value FROM ((" + aggregate + " EXCEPT " + raw +
                                        ") UNION ALL (" + raw + " EXCEPT " + aggregate + "))");
    EXPECT_EQ(ask(client, difference), "0") << aggregate;
  };
  // Of classes as recorded, before revisions: sketches take nothing back.
  const std::string basis =
      "CAST(arrayJoin(if(verdict_class <= 'suspect', ['net', 'gross'], ['gross'])), 'Enum8(\\'net\\' = 1, \\'gross\\' "
      "= "
      "2)') AS basis";
  const std::string has_merchant = "merchant_id != toUUID('00000000-0000-0000-0000-000000000000')";
  const std::vector<SketchColumn> of_placements = {
      {"users", "user", "user != 0"},
      {"sessions", std::string(warehouse::kDaySessionSql), "session != 0", 13},
      {"session_merchants", std::string(warehouse::kDaySessionMerchantSql), "session != 0 AND " + has_merchant, 13}};
  expect_sketches_of_raw_table(client,
                               database + ".placement_daily",
                               database + ".impressions",
                               "day, placement_id, basis",
                               "toDate(occurred_at, 'UTC') AS day, placement_id, " + basis,
                               of_placements);
  expect_sketches_of_raw_table(client,
                               database + ".placement_weekly",
                               database + ".impressions",
                               "week, placement_id, basis",
                               "toMonday(toDate(occurred_at, 'UTC')) AS week, placement_id, " + basis,
                               of_placements);
  expect_sketches_of_raw_table(client,
                               database + ".exposure_users_daily",
                               database + ".impressions",
                               "day, placement_id, merchant_id, basis",
                               "toDate(occurred_at, 'UTC') AS day, placement_id, merchant_id, " + basis,
                               {{"users", "user", "user != 0 AND " + has_merchant}});
  expect_same(
      "SELECT day, placement_id, sum(impressions) AS i FROM {0}.placement_daily WHERE basis = 'gross' GROUP BY "
      "day, placement_id",
      "SELECT toDate(occurred_at, 'UTC') AS day, placement_id, toInt64(count()) AS i FROM {0}.impressions "
      "GROUP BY day, "
      "placement_id");
  expect_same(
      "SELECT toDate(hour, 'UTC') AS day, link_id, sum(clicks) AS c, sum(forwarded) AS f, sum(failed) AS x FROM "
      "{0}.click_hourly GROUP BY day, link_id",
      "SELECT day, link_id, toInt64(sum(c)) AS c, toInt64(sum(f)) AS f, toInt64(sum(x)) AS x FROM (SELECT "
      "toDate(occurred_at, 'UTC') AS day, link_id, 1 AS c, 0 AS f, 0 AS x FROM {0}.clicks UNION ALL SELECT "
      "toDate(occurred_at, 'UTC') AS day, link_id, 0 AS c, state = 'forwarded' AS f, state = 'failed' AS x FROM "
      "{0}.forwardings) GROUP BY day, link_id");
}

}  // namespace

Figures count_log(const std::filesystem::path& data_directory, std::uint64_t end) {
  journal::Options options;
  options.directory = data_directory / "journal";
  const base::SystemClock clock;
  base::SystemRandom random;
  const crypto::Ed25519Key key(crypto::load_or_make_seed(data_directory / "keys" / "log.key", random).value());
  auto log = journal::Journal::open(options, clock, random, key);
  if (!log) {
    throw std::runtime_error(log.error().message);
  }
  LogCounter counter;
  const auto reader = (*log)->make_reader(0);
  journal::Record record;
  while (reader->position() < end && reader->next(record, 0).value()) {
    counter.take(record);
  }
  counter.finish();
  std::erase_if(counter.figures, [](const auto& figure) { return figure.second == 0; });
  return std::move(counter.figures);
}

std::string current_database(warehouse::Client& client) {
  const warehouse::GenerationNames names;
  const auto generations = warehouse::load_generations(client, names);
  const auto current = generations ? warehouse::find_current(*generations) : std::nullopt;
  if (!current) {
    throw std::runtime_error("there is no generation to read");
  }
  return names.layout_of(*current).database();
}

std::string ask(warehouse::Client& client, const std::string& sql) {
  const warehouse::Rows rows = rows_of(client, "SELECT toString(value) FROM (" + sql + ")");
  return rows.empty() ? "" : std::string(rows.text(0, 0));
}

warehouse::Endpoint endpoint_of(const std::filesystem::path& data_directory) {
  return {.unix_socket = (data_directory / "engine" / "socket").string()};
}

WarehouseFigures count_loaded(const std::filesystem::path& data_directory) {
  warehouse::Client client(endpoint_of(data_directory));
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::string database = current_database(client);
    const std::string position =
        "SELECT end AS value FROM (SELECT argMax(end, version) AS end, argMax(state, version) AS state FROM " +
        database + ".load_positions WHERE stage = 'load') WHERE state = 'done'";
    const std::string end = ask(client, position);
    Figures figures = count_tables(client, database);
    if (!end.empty() && ask(client, position) == end) {
      expect_aggregates_of_raw_tables(client, database);
      return {std::move(figures), std::stoull(end)};
    }
  }
  throw std::runtime_error("the warehouse does not come to rest");
}

void expect_equal_figures(const Figures& log, const Figures& warehouse) {
  std::size_t shown = 0;
  const auto value_of = [](const Figures& figures, const std::string& name) {
    const auto found = figures.find(name);
    return found == figures.end() ? 0 : found->second;
  };
  std::set<std::string> names;
  for (const Figures* figures : {&log, &warehouse}) {
    for (const auto& [name, value] : *figures) {
      names.insert(name);
    }
  }
  for (const std::string& name : names) {
    if (value_of(log, name) != value_of(warehouse, name) && ++shown <= 20) {
      ADD_FAILURE() << name << ": the log has " << value_of(log, name) << ", the warehouse "
                    << value_of(warehouse, name);
    }
  }
  EXPECT_EQ(shown, 0U) << "figures differ";
}

}  // namespace tallystick::crash
