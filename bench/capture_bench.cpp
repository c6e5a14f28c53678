// rooms: capture http crypto base
// The two figures of 10-capture "Speed", each beside its peer in one run:
//   redirects/s with signing, quality rules and durable storage, beside nginx answering a constant 302 with its access
//   log on (one worker each, the same load generator, the same requests);
//   exposure events/s acknowledged durable, per core that the server spends.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "base/random.h"
#include "base/time.h"
#include "base/uuid.h"
#include "bench/load_generator.h"
#include "capture/link_signature.h"
#include "crypto/key_ring.h"
#include "tests/support/server_process.h"
#include "tests/support/temporary_directory.h"

namespace {

using namespace tallystick;
using bench::LoadOptions;
using bench::LoadReport;

constexpr unsigned kConnections = 256;
constexpr std::size_t kEventsPerBatch = 50;
constexpr std::string_view kHeaders =
    "Host: localhost\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36\r\nAccept: */*\r\n";

struct Row {
  std::string name;
  LoadReport load;
  double cpu_seconds = 0;
};

double per_second(const LoadReport& report) {
  return static_cast<double>(report.requests) / report.seconds;
}

Row measure(std::string name, int pid, const LoadOptions& options, const bench::NextRequest& next) {
  const double before = bench::cpu_seconds(pid);
  Row row{std::move(name), bench::run_load(options, next), 0};
  row.cpu_seconds = bench::cpu_seconds(pid) - before;
  return row;
}

void print(const Row& row, double events_per_request) {
  const double events = static_cast<double>(row.load.requests) * events_per_request;
  fmt::print(
      "{:<34} {:>9.0f} req/s {:>10.0f} events/s {:>8.2f} us CPU/req {:>10.0f} events/s/core  p50 {:.2f} p99 {:.2f} "
      "max {:.2f} ms  2xx {} 3xx {} 4xx {} 5xx {}\n",
      row.name,
      per_second(row.load),
      events / row.load.seconds,
      row.cpu_seconds * 1e6 / static_cast<double>(row.load.requests),
      events / row.cpu_seconds,
      row.load.p50_ms,
      row.load.p99_ms,
      row.load.max_ms,
      row.load.status_counts[2],
      row.load.status_counts[3],
      row.load.status_counts[4],
      row.load.status_counts[5]);
}

// Signed links made before the clock starts, each for another event.
class SignedRequests {
 public:
  SignedRequests(const std::filesystem::path& data, std::size_t count) {
    const base::SystemClock clock;
    base::SystemRandom random;
    const auto keys = crypto::KeyRing::open(data / "keys" / "ring.json", clock, random);
    requests_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      capture::LinkRequest link;
      link.partner = "shop";
      link.link = "shoes";
      link.event_id = base::make_uuid_v4(random);
      link.expires_at = clock.now() + base::kMicrosPerHour;
      link.parameters = {{"placement", "home"}, {"session", base::format_uuid(base::make_uuid_v4(random))}};
      const auto made = capture::make_signed_link(link, **keys, clock.now(), random);
      requests_.push_back(fmt::format("GET {} HTTP/1.1\r\n{}\r\n", made->target, kHeaders));
    }
  }
  [[nodiscard]] std::string_view next() { return requests_[next_++ % requests_.size()]; }
  [[nodiscard]] std::size_t used() const { return next_; }
  [[nodiscard]] std::size_t size() const { return requests_.size(); }

 private:
  std::vector<std::string> requests_;
  std::size_t next_ = 0;
};

// A batch per connection whose event ids are overwritten in place, so that the generator costs little.
class ExposureRequests {
 public:
  ExposureRequests(const std::string& merchant, const std::string& unit, const std::string& placement) {
    base::SystemRandom random;
    const std::string now = base::format_rfc3339(base::SystemClock().now());
    std::string body = R"({"events":[)";
    for (std::size_t i = 0; i < kEventsPerBatch; ++i) {
      body += fmt::format(
          R"({}{{"event_id":"########-####-4###-8###-############","merchant_id":"{}","exposure_unit_id":"{}",)"
          R"("exposure_type":"banner","placement_id":"{}","user_id":"{}","timestamp":"{}","rank_position":{},)"
          R"("session_id":"{}","is_clickable":true,"algorithm_version":"ranker-7","consent":{{"analytics":true,"marketing":false}}}})",
          i == 0 ? "" : ",",
          merchant,
          unit,
          placement,
          base::format_uuid(base::make_uuid_v4(random)),
          now,
          i % 10,
          base::format_uuid(base::make_uuid_v4(random)));
    }
    body += "]}";
    template_ = fmt::format(
        "POST /api/exposure/batch HTTP/1.1\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        kHeaders,
        body.size(),
        body);
    for (std::size_t at = template_.find("########"); at != std::string::npos;
         at = template_.find("########", at + 36)) {
      offsets_.push_back(at);
    }
    salt_ = random.next_u64();
    buffers_.assign(kConnections, template_);
  }

  [[nodiscard]] std::string_view next(unsigned connection) {
    std::string& request = buffers_[connection];
    for (const std::size_t at : offsets_) {
      base::Uuid id;
      ++counter_;
      const std::uint64_t mixed = (counter_ ^ salt_) * 0x9E3779B97F4A7C15ULL;
      std::memcpy(id.bytes.data(), &mixed, 8);
      std::memcpy(id.bytes.data() + 8, &counter_, 8);
      id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
      base::format_uuid_into(id, request.data() + at);
    }
    return request;
  }

 private:
  std::string template_;
  std::vector<std::string> buffers_;
  std::vector<std::size_t> offsets_;
  std::uint64_t counter_ = 0;
  std::uint64_t salt_ = 0;
};

std::string create(std::uint16_t port, const std::string& key, const std::string& path, const std::string& body) {
  support::RawConnection connection(port);
  const auto answer = connection.exchange(
      "POST", path, "Authorization: Bearer " + key + "\r\nContent-Type: application/json\r\n", body);
  if (!answer || answer->status != 201) {
    throw std::runtime_error(path + ": " + (answer ? answer->head + answer->body : "no answer"));
  }
  const std::size_t at = answer->body.find(R"("id":")");
  return answer->body.substr(at + 6, 36);
}

struct Nginx {
  support::TemporaryDirectory folder;
  std::uint16_t port = 18'080;
  std::unique_ptr<support::ChildProcess> process;

  Nginx() {
    const auto path = folder.path();
    std::ofstream(path / "nginx.conf") << fmt::format(
        "worker_processes 1; daemon off; master_process off; pid {0}/pid; error_log {0}/error.log;\n"
        "events {{ worker_connections 4096; }}\n"
        "http {{ access_log {0}/access.log; keepalive_requests 1000000000; server {{ listen 127.0.0.1:{1} reuseport;\n"
        "location / {{ return 302 https://shop.example.com/shoes; }} }} }}\n",
        path.string(),
        port);
    process = std::make_unique<support::ChildProcess>(
        std::vector<std::string>{"nginx", "-c", (path / "nginx.conf").string()});
    while (!support::RawConnection(port).is_open() && process->is_running()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
};

void run_mode(const std::string& sync, double seconds) {
  const support::TemporaryDirectory folder;
  const auto data = folder.path() / "data";
  // All requests come from one address: the throttles per client would measure themselves.
  support::ServerProcess server(data,
                                {{"JOURNAL_SYNC", sync},
                                 {"HTTP_REACTORS", "1"},
                                 {"CAPTURE_CLICKS_PER_CLIENT_PER_SECOND", "0"},
                                 {"CAPTURE_REQUESTS_PER_CLIENT_PER_SECOND", "0"},
                                 {"LOG_LEVEL", "warning"}});
  const std::string& key = server.first_key();
  const std::string placement =
      create(server.port(), key, "/api/placements", R"({"slug":"home","name":"Home","max_slots":9})");
  const std::string merchant = create(server.port(), key, "/api/merchants", R"({"slug":"acme","name":"Acme"})");
  const std::string unit =
      create(server.port(), key, "/api/merchants/acme/exposure-units", R"({"name":"Banner","exposure_type":"banner"})");
  create(server.port(),
         key,
         "/api/partners",
         R"({"slug":"shop","name":"Shop","network":"awin","currency":"EUR","allowed_hosts":["shop.example.com"]})");
  create(server.port(),
         key,
         "/api/partners/shop/links",
         R"({"slug":"shoes","destination":"https://shop.example.com/shoes"})");
  std::this_thread::sleep_for(std::chrono::seconds(1));

  const int pid = server.process().pid();
  LoadOptions options{server.port(), kConnections, seconds, 0};
  SignedRequests clicks(data, static_cast<std::size_t>(seconds * 400'000));
  const Row full = measure("redirect, sync=" + sync, pid, options, [&](unsigned) { return clicks.next(); });
  print(full, 1);
  options.rate_per_second = per_second(full.load) / 2;
  print(measure("redirect at half load, sync=" + sync, pid, options, [&](unsigned) { return clicks.next(); }), 1);
  if (clicks.used() > clicks.size()) {
    fmt::print("note: {} links were sent twice and answered as duplicates\n", clicks.used() - clicks.size());
  }
  ExposureRequests exposures(merchant, unit, placement);
  options.rate_per_second = 0;
  options.connections = 32;
  print(measure("exposure batch of 50, sync=" + sync, pid, options, [&](unsigned c) { return exposures.next(c); }), 50);
  if (server.stop() != 0) {
    throw std::runtime_error("the server failed:\n" + server.process().output());
  }
}

void run_nginx(double seconds) {
  Nginx nginx;
  std::string request = fmt::format(
      "GET /go/shop/shoes/0190b2a4-6f5e-4cc1-8a56-1d2f3b4c5d6e?exp=1800000000&kid=kaaaaaaaa&placement=home&session="
      "0190b2a4-6f5e-4cc1-8a56-1d2f3b4c5d6e&sig={} HTTP/1.1\r\n{}\r\n",
      std::string(43, 'a'),
      kHeaders);
  LoadOptions options{nginx.port, kConnections, seconds, 0};
  const Row full = measure("nginx, constant 302, access log", nginx.process->pid(), options, [&](unsigned) {
    return std::string_view(request);
  });
  print(full, 1);
}

}  // namespace

// capture_bench [SECONDS] [always|interval]
int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::strtod(argv[1], nullptr) : 5.0;
  const std::vector<std::string> modes =
      argc > 2 ? std::vector<std::string>{argv[2]} : std::vector<std::string>{"always", "interval"};
  try {
    for (const std::string& mode : modes) {
      run_nginx(seconds);
      run_mode(mode, seconds);
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
