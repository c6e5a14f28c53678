#include "cli/demo_tally.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/api_client.h"

namespace tallystick::cli {
namespace {

namespace json = boost::json;

std::string code_of(const http::ClientResponse& answer) {
  switch (answer.status) {
    case 403:
      return "link_paused";
    case 404:
      return "link_unknown";
    case 410:
      return "link_expired";
    default:
      return error_from_answer(answer).code;
  }
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  return member != nullptr && member->is_string() ? std::string(member->as_string()) : std::string();
}

}  // namespace

void DemoCounts::add(const DemoCounts& other) {
  sent += other.sent;
  accepted += other.accepted;
  duplicate += other.duplicate;
  rejected += other.rejected;
  refused += other.refused;
  failed += other.failed;
}

void DemoTally::add(const DemoTally& other) {
  for (std::size_t kind = 0; kind < kDemoKinds; ++kind) {
    by_kind[kind].add(other.by_kind[kind]);
  }
  for (const auto& [code, count] : other.rejected_by_code) {
    rejected_by_code[code] += count;
  }
  for (const auto& [code, count] : other.refused_by_code) {
    refused_by_code[code] += count;
  }
  for (const auto& [code, count] : other.failed_by_code) {
    failed_by_code[code] += count;
  }
  requests += other.requests;
}

DemoCounts DemoTally::total() const {
  DemoCounts total;
  for (const DemoCounts& counts : by_kind) {
    total.add(counts);
  }
  return total;
}

void DemoTally::count_all(const DemoAction& action, std::uint64_t DemoCounts::*outcome, const std::string& code) {
  by_kind[static_cast<std::size_t>(action.kind)].*outcome += action.events;
  if (outcome == &DemoCounts::refused) {
    refused_by_code[code] += action.events;
  } else if (outcome == &DemoCounts::failed) {
    failed_by_code[code] += action.events;
  }
}

void DemoTally::count(const DemoAction& action, const base::Result<http::ClientResponse>& answer) {
  ++requests;
  by_kind[static_cast<std::size_t>(action.kind)].sent += action.events;
  if (!answer) {
    count_all(action, &DemoCounts::failed, answer.error().code);
  } else if (answer->status >= 500) {
    count_all(action, &DemoCounts::failed, code_of(*answer));
  } else if (answer->status == 302) {
    count_all(action, action.is_repeat ? &DemoCounts::duplicate : &DemoCounts::accepted, "");
  } else if (answer->status >= 400) {
    count_all(action, &DemoCounts::refused, code_of(*answer));
  } else if (action.kind == DemoKind::kPostback) {
    count_all(action, &DemoCounts::accepted, "");
  } else {
    count_results(action, answer->body);
  }
}

// {"results":[{"status":"accepted"|"duplicate"|"rejected","code":...}]}, one for each event, or one such object.
void DemoTally::count_results(const DemoAction& action, const std::string& body) {
  boost::system::error_code parse_error;
  const json::value value = json::parse(body, parse_error);
  const json::object* object = parse_error ? nullptr : value.if_object();
  const json::value* list = object == nullptr ? nullptr : object->if_contains("results");
  json::array single;
  if (object != nullptr && list == nullptr) {
    single.push_back(*object);
  }
  const json::array& results = list != nullptr && list->is_array() ? list->get_array() : single;
  if (results.size() != action.events) {
    count_all(action, &DemoCounts::failed, "bad_answer");
    return;
  }
  DemoCounts& counts = by_kind[static_cast<std::size_t>(action.kind)];
  for (const json::value& item : results) {
    const json::object* result = item.if_object();
    const std::string status = result == nullptr ? "" : text_of(*result, "status");
    if (status == "accepted") {
      ++counts.accepted;
    } else if (status == "duplicate") {
      ++counts.duplicate;
    } else if (status == "rejected") {
      ++counts.rejected;
      ++rejected_by_code[text_of(*result, "code")];
    } else {
      ++counts.failed;
      ++failed_by_code["bad_answer"];
    }
  }
}

}  // namespace tallystick::cli
