#pragma once
// Every test of the warehouse runs twice: over the unix socket of the built-in engine, and over TCP with the options of
// a ClickHouse server. One engine serves all tests of the binary; each test has databases of its own.

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "base/time.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/warehouse_engine.h"
#include "warehouse/client.h"
#include "warehouse/generation.h"

namespace tallystick::warehouse {

enum class Transport : std::uint8_t { kUnixSocket, kTcp };

// Started with the first test that asks, ended with the program.
class SharedEngine final : public testing::Environment {
 public:
  [[nodiscard]] static support::WarehouseEngine& get();
  void TearDown() override;
};

class Live : public testing::TestWithParam<Transport> {
 protected:
  Live();
  ~Live() override;

  [[nodiscard]] static Endpoint endpoint();
  // Makes generation 1 of this test and gives its layout.
  [[nodiscard]] Layout make_schema();
  // Fails the test, with the error, when there is one.
  [[nodiscard]] Rows select(const std::string& sql, const Parameters& parameters = {});
  void run(const std::string& sql, const Parameters& parameters = {});
  // Of one value.
  [[nodiscard]] std::int64_t number(const std::string& sql) { return select(sql).integer(0, 0); }

  Client client_;
  GenerationNames names_;
  base::Timestamp now_ = base::SystemClock().now();
};

[[nodiscard]] std::string name_transport(const testing::TestParamInfo<Transport>& info);

}  // namespace tallystick::warehouse

// In each file of tests.
#define TALLY_OVER_BOTH(Suite) \
  INSTANTIATE_TEST_SUITE_P(Over, Suite, testing::Values(Transport::kUnixSocket, Transport::kTcp), name_transport)
