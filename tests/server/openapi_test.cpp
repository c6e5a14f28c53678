// The description of the interface against the routes themselves, and against the specification by a foreign validator.
#include "server/openapi.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include "tests/server/route_walk.h"

namespace tallystick::server {
namespace {

class Openapi : public RouteWalk {
 protected:
  boost::json::value load_document() {
    const support::RawAnswer answer = ask("GET", "/openapi.json", "");
    EXPECT_EQ(answer.status, 200);
    return boost::json::parse(answer.body);
  }
};

std::string join(const std::vector<std::string>& lines) {
  return fmt::format("{}", fmt::join(lines, "\n"));
}

TEST_F(Openapi, KnowsMoreOfEveryRouteThanItsNameAndOfNoOther) {
  start();
  const OpenapiGaps gaps = find_openapi_gaps(router());
  EXPECT_TRUE(gaps.routes.empty()) << "without an entry in src/server/openapi.json:\n" << join(gaps.routes);
  EXPECT_TRUE(gaps.entries.empty()) << "entries without a route:\n" << join(gaps.entries);
}

TEST_F(Openapi, NamesEveryRouteWithItsScopeAndParameters) {
  start();
  const boost::json::value document = load_document();
  const boost::json::object& paths = document.at("paths").as_object();
  std::set<std::string> ids;
  std::size_t operations = 0;
  for (const auto& path : paths) {
    operations += path.value().as_object().size();
    for (const auto& operation : path.value().as_object()) {
      EXPECT_TRUE(ids.insert(text(operation.value(), "operationId")).second) << path.key();
    }
  }
  EXPECT_EQ(operations, routes().size());
  const boost::json::value& partner = document.at_pointer("/paths/~1api~1partners~1{partner}/get");
  EXPECT_EQ(partner.at_pointer("/security/0/key/0"), "partners:read");
  EXPECT_EQ(partner.at_pointer("/parameters/0/name"), "partner");
  EXPECT_EQ(partner.at_pointer("/responses/200/content/application~1json/schema/$ref"), "#/components/schemas/Partner");
  EXPECT_TRUE(document.at_pointer("/paths/~1healthz/get/security").as_array().empty());
  EXPECT_TRUE(paths.contains("/log/tile/{rest}"));
}

TEST_F(Openapi, IsValidByAForeignValidator) {
  start();
  const support::TemporaryDirectory folder;
  const std::filesystem::path file = folder.path() / "openapi.json";
  std::ofstream(file) << boost::json::serialize(load_document());
  const std::string command = "node " TALLYSTICK_SOURCE_DIR "/tests/server/openapi_oracle.mjs '" + file.string() + "'";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  ASSERT_TRUE(pipe);
  std::string output;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) {
    output.push_back(static_cast<char>(c));
  }
  EXPECT_EQ(output, "valid 3.1\n");
}

}  // namespace
}  // namespace tallystick::server
