#include "tests/crash/traffic.h"

#include <stdexcept>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/time.h"

namespace tallystick::crash {
namespace {

namespace json = boost::json;

constexpr std::size_t kBatchEvents = 20;
constexpr std::size_t kRepeatedPerBatch = 3;

std::string make_id(std::mt19937_64& random) {
  const std::uint64_t high = random();
  const std::uint64_t low = random();
  return fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
                     high >> 32,
                     high >> 16 & 0xffff,
                     high & 0xfff,
                     low >> 52,
                     low & 0xffffffffffff);
}

json::value create(std::uint16_t port, const std::string& key, const std::string& path, const std::string& body) {
  support::RawConnection connection(port);
  const auto answer = connection.exchange(
      "POST", path, "Authorization: Bearer " + key + "\r\nContent-Type: application/json\r\n", body);
  if (!answer || answer->status / 100 != 2) {
    throw std::runtime_error(path + " answered " + (answer ? answer->head + answer->body : "nothing"));
  }
  return json::parse(answer->body);
}

std::string id_of(const json::value& created) {
  return std::string(created.at("id").as_string());
}

}  // namespace

Scene make_scene(std::uint16_t port, const std::string& admin_key) {
  Scene scene;
  scene.admin_key = admin_key;
  scene.placement = id_of(create(port, admin_key, "/api/placements", R"({"slug":"home","name":"Home","max_slots":3})"));
  scene.merchant = id_of(create(port, admin_key, "/api/merchants", R"({"slug":"acme","name":"Acme"})"));
  scene.exposure_unit = id_of(
      create(port, admin_key, "/api/merchants/acme/exposure-units", R"({"name":"Banner","exposure_type":"banner"})"));
  create(port,
         admin_key,
         "/api/partners",
         R"({"slug":"shop","name":"Shop","network":"awin","currency":"EUR","allowed_hosts":["shop.example.com"]})");
  create(port,
         admin_key,
         "/api/partners/shop/links",
         R"({"slug":"shoes","destination":"https://shop.example.com/shoes"})");
  return scene;
}

Traffic::Traffic(std::uint16_t port, const Scene& scene, Ledger& ledger, unsigned threads, std::uint64_t seed)
    : port_(port), scene_(scene), ledger_(ledger) {
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this, seed, i] { run(seed * 1'000 + i); });
  }
}

Traffic::~Traffic() {
  stop();
}

void Traffic::stop() {
  is_stopping_ = true;
  for (std::thread& thread : threads_) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

void Traffic::run(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  support::RawConnection connection(port_);
  while (!is_stopping_ && connection.is_open()) {
    const std::uint64_t before = answers_;
    if (random() % 4 == 0) {
      send_click(connection, random);
    } else {
      send_exposures(connection, random);
    }
    if (answers_ == before && !is_stopping_) {
      support::RawConnection probe(port_);
      if (!probe.is_open()) {
        return;  // the server is gone
      }
    }
  }
}

void Traffic::note(const std::string& id, const std::string& status, bool was_acknowledged) {
  if (status == "accepted" && was_acknowledged) {
    ledger_.contradictions.push_back(id + " was acknowledged before and accepted again");
  } else if (status != "accepted" && status != "duplicate") {
    ledger_.contradictions.push_back(id + " was answered " + status);
  }
  ledger_.acknowledged.insert(id);
  ledger_.unknown.erase(id);
}

void Traffic::send_exposures(support::RawConnection& connection, std::mt19937_64& random) {
  std::vector<std::string> ids;
  std::set<std::string> repeated;
  {
    const std::lock_guard lock(ledger_.mutex);
    // Some that were acknowledged and some whose answer was lost: both may be sent again, as a client would.
    for (const auto* source : {&ledger_.acknowledged, &ledger_.unknown}) {
      for (std::size_t i = 0; i < kRepeatedPerBatch && !source->empty(); ++i) {
        const auto found = source->lower_bound(make_id(random));
        if (found != source->end() && !found->starts_with("click:") &&
            std::find(ids.begin(), ids.end(), *found) == ids.end()) {
          ids.push_back(*found);
          if (source == &ledger_.acknowledged) {
            repeated.insert(*found);
          }
        }
      }
    }
    while (ids.size() < kBatchEvents) {
      ids.push_back(make_id(random));
    }
    for (const std::string& id : ids) {
      if (!repeated.contains(id)) {
        ledger_.unknown.insert(id);
      }
    }
  }
  const std::string now = base::format_rfc3339(base::SystemClock().now());
  std::string body = R"({"events":[)";
  for (const std::string& id : ids) {
    body += fmt::format(
        R"({}{{"event_id":"{}","merchant_id":"{}","exposure_unit_id":"{}","exposure_type":"banner","placement_id":"{}",)"
        R"("user_id":"{}","timestamp":"{}","rank_position":1,"session_id":"{}","is_clickable":true,)"
        R"("algorithm_version":"v1","consent":{{"analytics":true,"marketing":false}}}})",
        body.ends_with('[') ? "" : ",",
        id,
        scene_.merchant,
        scene_.exposure_unit,
        scene_.placement,
        make_id(random),
        now,
        make_id(random));
  }
  body += "]}";
  const auto answer = connection.exchange("POST", "/api/exposure/batch", "Content-Type: application/json\r\n", body);
  if (!answer) {
    return;
  }
  ++answers_;
  const std::lock_guard lock(ledger_.mutex);
  if (answer->status == 503) {
    ++refused_;
    return;  // refused as a whole: nothing is known of these ids
  }
  if (answer->status == 429) {
    return;  // throttled: the same
  }
  if (answer->status != 202) {
    ledger_.contradictions.push_back("batch answered " + answer->head + answer->body);
    return;
  }
  const json::value parsed = json::parse(answer->body);
  for (const json::value& result : parsed.at("results").as_array()) {
    const std::string id(result.at("event_id").as_string());
    note(id, std::string(result.at("status").as_string()), repeated.contains(id));
  }
}

void Traffic::send_click(support::RawConnection& connection, std::mt19937_64& random) {
  const std::string id = make_id(random);
  const auto signed_link = connection.exchange(
      "POST",
      "/api/links/sign",
      "Authorization: Bearer " + scene_.admin_key + "\r\nContent-Type: application/json\r\n",
      fmt::format(R"({{"partner":"shop","link":"shoes","event_id":"{}","parameters":{{"placement":"home"}}}})", id));
  if (!signed_link) {
    return;
  }
  ++answers_;
  if (signed_link->status != 200) {
    const std::lock_guard lock(ledger_.mutex);
    ledger_.contradictions.push_back("sign answered " + signed_link->head + signed_link->body);
    return;
  }
  const std::string url(json::parse(signed_link->body).at("url").as_string());
  const std::size_t path = url.find("/go/");
  {
    const std::lock_guard lock(ledger_.mutex);
    ledger_.unknown.insert("click:" + id);
  }
  const auto answer = connection.exchange("GET", url.substr(path), "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n");
  if (!answer) {
    return;
  }
  ++answers_;
  const std::lock_guard lock(ledger_.mutex);
  if (answer->status == 302) {
    note("click:" + id, "accepted", false);
  } else if (answer->status != 503 && answer->status != 429) {
    ledger_.contradictions.push_back("click answered " + answer->head);
  }
}

}  // namespace tallystick::crash
