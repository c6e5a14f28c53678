#pragma once
// The whole composition in this process, with every setting that adds routes, and a walk over all of them through real
// HTTP. Keys are made as people make them.

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "access/scopes.h"
#include "server/application.h"
#include "server/settings.h"
#include "tests/support/raw_http.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::server {

class RouteWalk : public testing::Test {
 protected:
  static constexpr std::string_view kSomeId = "0190163d-8694-739b-aea5-966c26f8ad90";

  void start(Environment more = {}) {
    Environment environment = {{"TALLYSTICK_DATA_DIRECTORY", (folder_.path() / "data").string()},
                               {"TALLYSTICK_HTTP_ADDRESS", "127.0.0.1"},
                               {"TALLYSTICK_HTTP_PORT", "0"},
                               {"TALLYSTICK_HTTP_REACTORS", "1"},
                               {"TALLYSTICK_LOG_FILE", (folder_.path() / "log").string()},
                               {"TALLYSTICK_CATALOG_REFRESH_INTERVAL_MS", "10"},
                               // Nobody listens there: its routes are served all the same.
                               {"TALLYSTICK_WAREHOUSE_URL", "http://127.0.0.1:1"},
                               {"TALLYSTICK_METRICS_PUBLIC", "false"}};
    environment.insert(environment.end(), more.begin(), more.end());
    config_ = std::make_unique<base::Config>(load_config(std::nullopt, environment).value());
    StartOptions options;
    options.announce = [this](std::string_view text) {
      admin_ = text.substr(text.find("tsk_"));
      admin_.erase(admin_.find_last_not_of(" \n") + 1);
    };
    auto started = Application::start(*config_, options);
    ASSERT_TRUE(started) << started.error().message;
    application_ = *std::move(started);
    connection_ = std::make_unique<support::RawConnection>(application_->port());
  }

  [[nodiscard]] const std::vector<std::unique_ptr<http::Route>>& routes() const {
    return application_->router().routes();
  }
  [[nodiscard]] const http::Router& router() const { return application_->router(); }
  [[nodiscard]] const std::string& admin() const { return admin_; }

  static std::string name_of(const http::Route& route) {
    return fmt::format("{} {}", http::name_of(route.method), route.pattern);
  }
  static bool is_public(const http::Route& route) { return route.scope == http::kPublicScope; }
  // Its pattern with every parameter replaced by `value`.
  static std::string path_of(const http::Route& route, std::string_view value = kSomeId) {
    std::string path = route.pattern;
    for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
      path.replace(open, path.find('}') - open + 1, value);
    }
    return path;
  }

  // `secret`: empty for nobody.
  support::RawAnswer ask(std::string_view method,
                         const std::string& path,
                         const std::string& secret,
                         std::string_view body = "",
                         const std::string& headers = "") {
    std::string lines = headers;
    if (!secret.empty()) {
      lines += "Authorization: Bearer " + secret + "\r\n";
    }
    lines += body.empty() ? "" : "Content-Type: application/json\r\n";
    auto answer = connection_->exchange(method, path, lines, body);
    if (!answer) {
      throw std::runtime_error("no answer to " + path);
    }
    return *std::move(answer);
  }
  support::RawAnswer ask(const http::Route& route, const std::string& secret, std::string_view value = kSomeId) {
    const bool has_body = route.method == http::Method::kPost || route.method == http::Method::kPatch;
    return ask(http::name_of(route.method), path_of(route, value), secret, has_body ? "{}" : "");
  }

  boost::json::value create(const std::string& path, const boost::json::value& body) {
    const support::RawAnswer answer = ask("POST", path, admin_, boost::json::serialize(body));
    EXPECT_EQ(answer.status, 201) << path << ": " << answer.body;
    return boost::json::parse(answer.body);
  }
  static std::string text(const boost::json::value& object, std::string_view member) {
    return std::string(object.at(member).as_string());
  }
  std::string make_key(const std::string& name, const std::vector<std::string>& scopes) {
    boost::json::array list(scopes.begin(), scopes.end());
    return text(create("/api/keys", {{"name", name}, {"scopes", std::move(list)}}), "key");
  }
  std::string make_tenant_key(const std::string& tenant) {
    const auto principal = create("/api/principals", {{"name", tenant}, {"role", "merchant"}, {"tenant", tenant}});
    return text(create("/api/keys", {{"name", tenant}, {"principal_id", principal.at("id")}}), "key");
  }

  // What becomes true within a second: asked again until then.
  template <typename Condition>
  static bool soon(Condition is_true) {
    const auto latest = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!is_true()) {
      if (std::chrono::steady_clock::now() > latest) {
        return false;
      }
    }
    return true;
  }
  // The capture path and the gatekeeper both know the key.
  bool is_known(const std::string& secret) {
    return soon([&] { return ask("POST", "/api/conversions", secret, "{}").status != 401; });
  }

 private:
  support::TemporaryDirectory folder_;
  std::unique_ptr<base::Config> config_;
  std::string admin_;
  std::unique_ptr<Application> application_;
  std::unique_ptr<support::RawConnection> connection_;
};

}  // namespace tallystick::server
