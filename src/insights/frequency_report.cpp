#include "insights/frequency_report.h"

#include <array>

#include <fmt/format.h>

#include "insights/quotient.h"
#include "insights/sources.h"

namespace tallystick::insights {
namespace {

struct Bucket {
  std::int64_t from = 0;
  std::string_view name;
};

constexpr auto kBuckets =
    std::to_array<Bucket>({{1, "1"}, {2, "2"}, {3, "3"}, {4, "4-5"}, {6, "6-10"}, {11, "11-20"}, {21, "21+"}});
constexpr std::string_view kBucketOf = "multiIf(seen < 4, seen, seen < 6, 4, seen < 11, 6, seen < 21, 11, 21)";

constexpr std::string_view kPeriod =
    "occurred_at >= {from:DateTime64(6, 'UTC')} AND occurred_at < {to:DateTime64(6, 'UTC')}";

}  // namespace

std::int64_t choose_sample(std::int64_t impressions, bool is_exact) {
  std::int64_t one_in = 1;
  while (!is_exact && impressions > kMaxCountedImpressions && impressions / one_in > kMaxCountedImpressions / 2) {
    one_in *= 2;
  }
  return one_in;
}

Report make_frequency_report(const FrequencyAnswers& answers) {
  const bool is_sample = answers.one_in > 1;
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> found;
  std::int64_t users = 0;
  std::int64_t impressions = 0;
  for (std::size_t i = 0; i < answers.buckets.size(); ++i) {
    const std::int64_t in_bucket = answers.buckets.integer(i, "users") * answers.one_in;
    const std::int64_t seen = answers.buckets.integer(i, "impressions") * answers.one_in;
    found[answers.buckets.integer(i, "bucket")] = {in_bucket, seen};
    users += in_bucket;
    impressions += seen;
  }
  Section section{"distribution",
                  "Users by impressions",
                  {{"bucket", "Impressions each", ColumnKind::kText},
                   {"users", "Users", ColumnKind::kInteger, is_sample},
                   {"users_pct", "Users %", ColumnKind::kDecimal, is_sample},
                   {"impressions", "Impressions", ColumnKind::kInteger, is_sample}},
                  {},
                  false};
  for (const Bucket& bucket : kBuckets) {
    const auto [in_bucket, seen] = found[bucket.from];
    section.add({std::string(bucket.name), in_bucket, cell_of(percent(in_bucket, users)), seen});
  }
  Section totals{"totals",
                 "Totals",
                 {{"unique_users", "Users", ColumnKind::kInteger, is_sample},
                  {"impressions", "Impressions", ColumnKind::kInteger, is_sample},
                  {"average_frequency", "Avg frequency", ColumnKind::kDecimal, is_sample},
                  {"impressions_without_user", "Without a user", ColumnKind::kInteger},
                  {"sampled_one_user_in", "One user in", ColumnKind::kInteger}},
                 {},
                 true};
  totals.add({users, impressions, cell_of(quotient(impressions, users)), answers.without_user, answers.one_in});

  Report report{"frequency", "Frequency", {}, {}, {}, std::nullopt, false};
  for (const auto& [kind, named] : {std::pair{"merchant", &answers.merchant}, {"placement", &answers.placement}}) {
    if (*named) {
      const auto subject = subject_of(kind, **named);
      report.subject.insert(report.subject.end(), subject.begin(), subject.end());
    }
  }
  report.sections = {std::move(section), std::move(totals)};
  report.notes = {"only impressions of people who agreed to analytics, and whose pseudonym is still kept, have a user"};
  if (is_sample) {
    report.notes.push_back(fmt::format("counted over one user in {}; exact=true counts all", answers.one_in));
  }
  return report;
}

base::Result<Report> load_frequency_report(Reader& reader, const std::string& merchant, const std::string& placement) {
  FrequencyAnswers answers;
  warehouse::Parameters parameters;
  std::string filter = "1";
  if (!merchant.empty()) {
    TALLY_ASSIGN(answers.merchant, find_merchant(reader, merchant));
    parameters.emplace_back("merchant", answers.merchant->id);
    filter += " AND merchant_id = {merchant:UUID}";
  }
  if (!placement.empty()) {
    TALLY_ASSIGN(answers.placement, find_placement(reader, placement));
    parameters.emplace_back("placement", answers.placement->id);
    filter += " AND placement_id = {placement:UUID}";
  }
  const std::string counted =
      merchant.empty() ? placement_hours(reader.coverage(), filter) : exposure_days(reader.coverage(), filter);
  TALLY_ASSIGN(
      const warehouse::Rows counts,
      reader.query("SELECT sum(s.impressions) AS impressions FROM " + counted + " AS s WHERE class <= {max_class:Int8}",
                   parameters));
  const std::int64_t impressions = counts.integer(0, "impressions");
  answers.one_in = choose_sample(impressions, reader.question().is_exact);
  std::string sample;  // a condition that always holds costs a tenth of the statement
  if (answers.one_in > 1) {
    parameters.emplace_back("mask", fmt::format("{}", answers.one_in - 1));
    sample = " AND bitAnd(user, {mask:UInt64}) = 0";
  }

  const std::string among = fmt::format("{} AND {}", kPeriod, filter);
  const std::string events = fmt::format("impressions WHERE {} AND user != 0{} AND {}",
                                         among,
                                         sample,
                                         verdict_as_revised("impression", "<= {max_class:Int8}", among));
  TALLY_ASSIGN(
      answers.buckets,
      reader.query_alone(fmt::format("SELECT toInt64({}) AS bucket, toInt64(count()) AS users, toInt64(sum(seen)) AS "
                                     "impressions FROM (SELECT user, count() AS seen FROM {} GROUP BY user) GROUP BY "
                                     "bucket",
                                     kBucketOf,
                                     events),
                         parameters));
  std::int64_t with_user = 0;
  for (std::size_t i = 0; i < answers.buckets.size(); ++i) {
    with_user += answers.buckets.integer(i, "impressions");
  }
  // Exact where every user was counted; a sample cannot tell it from its own error, so it is counted apart.
  answers.without_user = impressions - with_user;
  if (answers.one_in > 1) {
    TALLY_ASSIGN(
        const warehouse::Rows without,
        reader.query_alone(fmt::format("SELECT toInt64(count()) AS impressions FROM impressions WHERE user = 0 AND "
                                       "toInt8(verdict_class) <= {{max_class:Int8}} AND {} AND {}",
                                       kPeriod,
                                       filter),
                           parameters));
    answers.without_user = without.integer(0, "impressions");
  }
  return make_frequency_report(answers);
}

}  // namespace tallystick::insights
