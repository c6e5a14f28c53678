// rooms: http base
// A server that answers every request with one constant redirect, on the reactor: the price of HTTP alone, to be
// held against nginx's `return 302` under the same load generator. Runs until the standard input ends.
//   http_constant_server_bench [port] [reactors]

#include <cstdio>
#include <cstdlib>
#include <string>

#include "http/server.h"

namespace {

namespace http = tallystick::http;
namespace base = tallystick::base;

class ConstantService final : public http::ReactorService {
 public:
  void handle(int /*tag*/,
              const http::RequestView& /*request*/,
              const std::vector<http::PathParameter>& /*parameters*/,
              http::Reply reply) override {
    reply.send(
        302, "Location: https://shop.example.com/landing?subid=0123456789\r\nCache-Control: no-store\r\n", {}, {});
  }
  void on_turn_end() override {}
};

class ClosedGate final : public http::Gatekeeper {
 public:
  http::Admission admit(const http::Request& /*request*/, std::string_view scope) override {
    if (scope == http::kPublicScope) {
      return {http::Principal{}};
    }
    return {base::fail(base::ErrorKind::kForbidden, "forbidden", "this server has public routes only")};
  }
};

}  // namespace

int main(int argc, char** argv) {
  http::Router router;
  router.add({.method = http::Method::kGet,
              .pattern = "/go/{partner}/{slug}/{event}",
              .scope = "public",
              .summary = "Redirects to a constant place",
              .inline_tag = 0});
  ClosedGate gate;
  http::ServerOptions options;
  options.address = "127.0.0.1";
  options.port = argc > 1 ? static_cast<std::uint16_t>(std::atoi(argv[1])) : 0;
  options.reactors = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1;
  options.workers = 1;
  const auto server = http::Server::start(
      options, router, gate, [](http::ReactorContext&) { return std::make_unique<ConstantService>(); });
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("%u\n", static_cast<unsigned>((*server)->port()));
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
