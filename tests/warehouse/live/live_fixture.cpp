#include "tests/warehouse/live/live_fixture.h"

#include <atomic>
#include <stdexcept>

#include <fmt/format.h>

namespace tallystick::warehouse {

namespace {

struct Running {
  support::TemporaryDirectory folder;
  support::WarehouseEngine engine{folder.path()};
};

std::unique_ptr<Running>& running() {
  static std::unique_ptr<Running> instance;
  return instance;
}

const testing::Environment* const kEnvironment = testing::AddGlobalTestEnvironment(new SharedEngine);

std::string make_prefix() {
  static std::atomic<int> last = 0;
  return fmt::format("t{}", ++last);
}

}  // namespace

support::WarehouseEngine& SharedEngine::get() {
  if (!running()) {
    running() = std::make_unique<Running>();
  }
  return running()->engine;
}

void SharedEngine::TearDown() {
  running().reset();
}

Endpoint Live::endpoint() {
  Endpoint out;
  if (GetParam() == Transport::kUnixSocket) {
    out.unix_socket = SharedEngine::get().socket();
  } else {
    out.url = SharedEngine::get().url();
    out.user = "reporter";
    out.password = "secret";
    out.compress = true;
  }
  return out;
}

Live::Live() : client_(endpoint()), names_{.prefix = make_prefix()} {}

Live::~Live() {
  Client client(endpoint());  // the test may have stopped its own
  const auto generations = load_generations(client, names_);
  EXPECT_TRUE(generations);
  for (const Generation& generation : generations.value_or(std::vector<Generation>())) {
    EXPECT_TRUE(drop_generation(client, names_, generation.number));
  }
}

Layout Live::make_schema() {
  const auto made = make_generation(client_, names_, 1, now_);
  if (!made) {
    throw std::runtime_error(made.error().code + ": " + made.error().message);
  }
  return names_.layout_of(1);
}

Rows Live::select(const std::string& sql, const Parameters& parameters) {
  auto rows = client_.query(sql, parameters);
  if (!rows) {
    throw std::runtime_error(sql + ": " + rows.error().code + ": " + rows.error().message);
  }
  return *std::move(rows);
}

void Live::run(const std::string& sql, const Parameters& parameters) {
  const auto done = client_.execute(sql, parameters);
  ASSERT_TRUE(done) << sql << ": " << done.error().code << ": " << done.error().message;
}

std::string name_transport(const testing::TestParamInfo<Transport>& info) {
  return info.param == Transport::kUnixSocket ? "UnixSocket" : "Tcp";
}

}  // namespace tallystick::warehouse
