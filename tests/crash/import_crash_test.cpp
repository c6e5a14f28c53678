// kill -9 of the real server while it imports a report: until the import is complete nobody sees a row of it, after the
// restart the job ends it, and what is there then is what a server that nobody killed has.
#include <chrono>
#include <random>
#include <string>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/crash/rounds.h"
#include "tests/support/raw_http.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::crash {
namespace {

namespace json = boost::json;
using support::ServerProcess;
using support::TemporaryDirectory;

constexpr int kRows = 150'000;
constexpr unsigned kKills = 6;
constexpr std::chrono::seconds kLimit(120);

// Every tenth row comes twice, every hundredth is no row.
std::string make_report(int version) {
  std::string out = "Commission ID,Event Date,Order ID,Sale Amount (USD),Publisher Commission (USD),Status\n";
  for (int i = 0; i < kRows; ++i) {
    const std::string row = fmt::format("{},{:02}-Nov-2026 10:00:00,O-{},{}.00,{}.50,{}\n",
                                        i,
                                        i % 30 + 1,
                                        i,
                                        i % 500,
                                        i % 20,
                                        version == 2 && i % 3 == 0 ? "closed" : "new");
    out += row;
    out += i % 10 == 0 ? row : "";
    out += i % 100 == 0 ? fmt::format("x{},never,O,1,1,new\n", i) : "";
  }
  return out;
}

class Client {
 public:
  Client(std::uint16_t port, std::string key) : port_(port), key_(std::move(key)) {}

  // Null when the server is gone.
  json::value call(std::string_view method, const std::string& path, std::string_view body = "") const {
    support::RawConnection connection(port_);
    const auto answer = connection.exchange(method, path, fmt::format("Authorization: Bearer {}\r\n", key_), body);
    if (!answer) {
      return {};
    }
    if (answer->status >= 300) {
      throw std::runtime_error(fmt::format("{} {}: {} {}", method, path, answer->status, answer->body));
    }
    return json::parse(answer->body);
  }

  void add_partner() const {
    (void)call("POST", "/api/partners", R"({"slug":"acme","name":"Acme","network":"cj","currency":"USD"})");
  }
  std::string post(const std::string& report) const {
    return std::string(call("POST", "/api/partners/acme/reports?file_name=r.csv", report).at("id").as_string());
  }
  json::value get(const std::string& id) const { return call("GET", "/api/partners/acme/reports/" + id); }
  std::size_t visible_rows(const std::string& id) const {
    return call("GET", "/api/partners/acme/reports/" + id + "/rows?limit=1000").at("items").as_array().size();
  }
  json::value await(const std::string& id) const {
    const auto end = std::chrono::steady_clock::now() + kLimit;
    json::value import = get(id);
    while (std::chrono::steady_clock::now() < end) {
      import = call("GET", "/api/partners/acme/reports/" + id + "?wait=20");
      if (import.at("state").as_string() == "complete" || import.at("state").as_string() == "refused") {
        break;
      }
    }
    return import;
  }

 private:
  std::uint16_t port_;
  std::string key_;
};

std::string counts_of(const json::value& import) {
  return json::serialize(import.at("counts"));
}

TEST(ImportCrash, AKilledServerEndsItsImportAsIfNothingHadBeen) {
  const std::string first = make_report(1);
  const std::string second = make_report(2);
  const std::map<std::string, std::string> settings = {{"LOG_LEVEL", "warning"}};
  const TemporaryDirectory directory;
  std::string wanted_first;
  std::string wanted_second;
  {
    ServerProcess server(directory.path() / "calm", settings);
    const Client client(server.port(), server.first_key());
    client.add_partner();
    wanted_first = counts_of(client.await(client.post(first)));
    wanted_second = counts_of(client.await(client.post(second)));
    EXPECT_EQ(server.stop(), 0);
  }
  EXPECT_THAT(wanted_first,
              testing::HasSubstr("\"new\":150000,\"changed\":0,\"unchanged\":0,\"duplicate\":15000,"
                                 "\"rejected\":1500"));
  EXPECT_THAT(wanted_second, testing::HasSubstr("\"new\":0,\"changed\":50000,\"unchanged\":100000"));

  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto data = directory.path() / "killed";
  std::string key;
  std::string import;
  for (const auto& [report, wanted] : {std::pair(first, wanted_first), std::pair(second, wanted_second)}) {
    {
      ServerProcess server(data, settings);
      if (key.empty()) {
        key = server.first_key();
        Client(server.port(), key).add_partner();
      }
      import = Client(server.port(), key).post(report);
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 1'500));
      server.kill();
    }
    for (unsigned kill = 1; kill < rounds(kKills); ++kill) {
      ServerProcess server(data, settings);
      const Client client(server.port(), key);
      const json::value seen = client.get(import);
      if (seen.at("state").as_string() != "complete") {
        EXPECT_EQ(client.visible_rows(import), 0U);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 1'500));
      server.kill();
    }
    ServerProcess server(data, settings);
    const Client client(server.port(), key);
    const json::value done = client.await(import);
    EXPECT_EQ(done.at("state").as_string(), "complete") << json::serialize(done);
    EXPECT_EQ(counts_of(done), wanted);
    EXPECT_EQ(client.visible_rows(import), 1'000U);
    EXPECT_EQ(server.stop(), 0) << server.process().output();
  }
}

}  // namespace
}  // namespace tallystick::crash
