#include "insights/routes.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "access/rest.h"
#include "http/url.h"
#include "insights/report_csv.h"

namespace tallystick::insights {
namespace {

using http::Request;
using http::Response;

constexpr const char* kScope = "insights:read";

using Load = std::function<base::Result<Answer>(const Question&, const Request&)>;

// What every report takes.
constexpr auto kCommonParameters =
    std::to_array<std::string_view>({"from", "to", "days", "time_zone", "basis", "exact", "format", "section"});

// A misspelt parameter would silently answer another question.
base::Result<void> check_names(const Request& request, std::span<const std::string_view> own) {
  http::QueryReader reader(request.query);
  http::QueryPair pair;
  while (reader.next(pair)) {
    const std::string name = http::decode_query_text(pair.name);
    if (std::ranges::find(kCommonParameters, name) == kCommonParameters.end() &&
        std::ranges::find(own, name) == own.end()) {
      return base::fail(base::ErrorKind::kInvalid,
                        "unknown_parameter",
                        fmt::format("this report takes {}{}{}",
                                    fmt::join(kCommonParameters, ", "),
                                    own.empty() ? "" : ", ",
                                    fmt::join(own, ", ")));
    }
  }
  return {};
}

base::Result<bool> parse_boolean(std::string_view name, std::string_view text) {
  if (text.empty() || text == "false") {
    return false;
  }
  if (text == "true") {
    return true;
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_parameter", fmt::format("{} is true or false", name));
}

base::Result<Question> parse_question(const InsightsService& service, const Request& request) {
  TALLY_ASSIGN(Period period,
               service.make_period({request.query_parameter("from"),
                                    request.query_parameter("to"),
                                    request.query_parameter("days"),
                                    request.query_parameter("time_zone")}));
  Question question{std::move(period)};
  if (const auto basis = request.query_parameter("basis"); !basis.empty()) {
    TALLY_ASSIGN(question.basis, parse_basis(basis));
  }
  TALLY_ASSIGN(question.is_exact, parse_boolean("exact", request.query_parameter("exact")));
  if (const auto model = request.query_parameter("model"); !model.empty()) {
    TALLY_ASSIGN(question.model, parse_model(model));
  }
  return question;
}

// `format` decides; without it a client that prefers CSV gets it.
base::Result<bool> wants_csv(const Request& request) {
  const std::string format = request.query_parameter("format");
  if (format.empty()) {
    const std::string_view accept = request.header("Accept");
    return accept.starts_with("text/csv");
  }
  if (format == "json" || format == "csv") {
    return format == "csv";
  }
  return base::fail(base::ErrorKind::kInvalid, "bad_format", "format is json or csv");
}

std::string file_name(const Answer& answer, const Section& section) {
  const Period& period = answer.question.period;
  return fmt::format("{}-{}-{}-{}.csv",
                     answer.report.name,
                     section.name,
                     base::format_date(period.zone.day_of(period.range.from)),
                     base::format_date(period.zone.day_of(period.range.to - 1)));
}

base::Result<Response> make_response(const Answer& answer, const Request& request) {
  TALLY_ASSIGN(const bool is_csv, wants_csv(request));
  if (!is_csv) {
    return http::json_response(200, boost::json::serialize(to_json(answer.report, answer.question, answer.freshness)));
  }
  const std::string name = request.query_parameter("section");
  const Section* section = name.empty() ? &answer.report.sections.front() : answer.report.find_section(name);
  if (section == nullptr) {
    std::vector<std::string> names;
    std::ranges::transform(answer.report.sections, std::back_inserter(names), &Section::name);
    return base::fail(base::ErrorKind::kInvalid,
                      "unknown_section",
                      fmt::format("the sections of this report are {}", fmt::join(names, ", ")));
  }
  Response response{200, "text/csv; charset=utf-8; header=present", to_csv(*section), {}};
  response.headers.emplace_back("Content-Disposition",
                                fmt::format("attachment; filename=\"{}\"", file_name(answer, *section)));
  if (answer.report.next_cursor) {
    response.headers.emplace_back("X-Next-Cursor", *answer.report.next_cursor);
  }
  return response;
}

base::Result<Response> respond(InsightsService& service,
                               const Request& request,
                               std::span<const std::string_view> own,
                               const Load& load) {
  TALLY_TRY(check_names(request, own));
  TALLY_TRY(wants_csv(request));
  TALLY_ASSIGN(const Question question, parse_question(service, request));
  TALLY_ASSIGN(const Answer answer, load(question, request));
  return make_response(answer, request);
}

void add_report(http::Router& router,
                InsightsService& service,
                std::string pattern,
                std::string summary,
                std::vector<std::string_view> own,
                Load load) {
  http::Route route{http::Method::kGet, std::move(pattern), kScope, std::move(summary)};
  route.handler = [&service, own = std::move(own), load = std::move(load)](const Request& request) {
    auto response = respond(service, request, own, load);
    if (!response) {
      return access::failure_response(response.error(), request);
    }
    // Answers differ by key and by what Accept says, and are old in a second.
    response->headers.emplace_back("Cache-Control", "no-store");
    response->headers.emplace_back("Vary", "Accept");
    return *std::move(response);
  };
  router.add(std::move(route));
}

base::Result<Answer> load_events(InsightsService& service, const Question& question, const Request& request) {
  EventFilter filter{request.query_parameter("kind"),
                     request.query_parameter("class"),
                     request.query_parameter("placement"),
                     request.query_parameter("partner"),
                     request.query_parameter("merchant"),
                     std::nullopt};
  Request without_cursor;
  without_cursor.query = "limit=" + request.query_parameter("limit");
  if (!request.query_parameter("limit").empty()) {
    TALLY_ASSIGN(const access::PageRequest page, access::parse_page_request(without_cursor));
    filter.limit = page.limit;
  }
  if (const auto cursor = request.query_parameter("cursor"); !cursor.empty()) {
    TALLY_ASSIGN(filter.before, parse_cursor(cursor));
  }
  return service.events(question, filter);
}

}  // namespace

void add_routes(http::Router& router, InsightsService& service) {
  add_report(router,
             service,
             "/api/partners/{partner}/performance",
             "What a partner's links bring, by day, placement and link",
             {},
             [&service](const Question& question, const Request& request) {
               return service.partner(question, request.path_parameter("partner"));
             });
  add_report(router,
             service,
             "/api/insights/placements",
             "What every placement showed, to how many, and how full it was",
             {},
             [&service](const Question& question, const Request&) { return service.placements(question); });
  add_report(router,
             service,
             "/api/insights/placements/{placement}",
             "Who fills a placement, and at which hours it is seen",
             {},
             [&service](const Question& question, const Request& request) {
               return service.placement(question, request.path_parameter("placement"));
             });
  add_report(router,
             service,
             "/api/insights/merchants/{merchant}",
             "Where a merchant was shown, and what came of it",
             {"model"},
             [&service](const Question& question, const Request& request) {
               return service.merchant(question, request.path_parameter("merchant"));
             });
  add_report(router,
             service,
             "/api/insights/performance",
             "Clicks, conversions and revenue by placement under an attribution model",
             {"model"},
             [&service](const Question& question, const Request&) { return service.performance(question); });
  add_report(router,
             service,
             "/api/insights/frequency",
             "Users by the number of impressions they had",
             {"merchant", "placement"},
             [&service](const Question& question, const Request& request) {
               return service.frequency(
                   question, request.query_parameter("merchant"), request.query_parameter("placement"));
             });
  add_report(
      router,
      service,
      "/api/insights/events",
      "The newest events with their verdicts; personal fields masked",
      {"kind", "class", "placement", "partner", "merchant", "limit", "cursor"},
      [&service](const Question& question, const Request& request) { return load_events(service, question, request); });
}

}  // namespace tallystick::insights
