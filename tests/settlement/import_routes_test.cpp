#include "settlement/import_routes.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/settlement/import_scene.h"

namespace tallystick::settlement {
namespace {

namespace json = boost::json;
using http::Method;
using testing::HasSubstr;

class ImportRoutes : public ImportScene {
 protected:
  void SetUp() override {
    ImportScene::SetUp();
    const auto as_it_is = [](http::Handler handler) {
      return handler;
    };
    add_import_routes(router_, service(), as_it_is);
    add_upload_routes(router_, service(), as_it_is);
  }
  http::Response call(Method method,
                      const std::string& path,
                      const std::string& body = "",
                      const std::string& query = "",
                      const std::string& type = "text/csv") {
    http::Match match;
    router_.match(method, path, match);
    if (match.route == nullptr) {
      throw std::runtime_error("no route for " + path);
    }
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    request.headers.emplace_back("Content-Type", type);
    for (const auto& parameter : match.parameters) {
      request.path_parameters.emplace_back(parameter.name, parameter.value);
    }
    clock_.advance_us(base::kMicrosPerSecond);
    return match.route->handler(request);
  }
  void run(const json::value& import) {
    TestJob job(*queue().get(*base::parse_uuid(std::string_view(import.at("job_id").as_string()))));
    ASSERT_TRUE(service().run_job(job));
  }

  http::Router router_;
  const std::string reports_ = "/api/partners/acme/reports";
};

TEST_P(ImportRoutes, AFileAsTheBodyIsQueuedAndThenShown) {
  const auto accepted = call(Method::kPost, reports_, report_file("cj_bad_rows.csv"), "file_name=november.csv");
  ASSERT_EQ(accepted.status, 202) << accepted.body;
  const json::value queued = json::parse(accepted.body);
  EXPECT_EQ(queued.at("state").as_string(), "waiting");
  EXPECT_EQ(queued.at("profile").as_string(), "cj");
  run(queued);
  const std::string path = reports_ + "/" + std::string(queued.at("id").as_string());
  const json::value import = json::parse(call(Method::kGet, path).body);
  EXPECT_EQ(import.at("state").as_string(), "complete");
  EXPECT_EQ(import.at("counts").at("new").as_int64(), 2);
  EXPECT_EQ(import.at("counts").at("rejected").as_int64(), 6);
  EXPECT_EQ(import.at("file").at("name").as_string(), "november.csv");
  EXPECT_EQ(import.at("evidence").at("columns").at("sub_id").as_string(), "SID");
  EXPECT_EQ(import.at("evidence").at("decimal_mark").as_string(), "point");
  EXPECT_THAT(json::serialize(import.at("evidence").at("ignored_columns")), HasSubstr("Operating System"));

  const json::value rejections = json::parse(call(Method::kGet, path + "/rejections", "", "limit=2").body);
  EXPECT_EQ(rejections.at("items").as_array().size(), 2U);
  EXPECT_EQ(rejections.at("next_after").as_int64(), 4);
  EXPECT_THAT(call(Method::kGet, path + "/rejections", "", "format=csv").body,
              HasSubstr("\r\n5,missing_value,\"the row has no commission\","));
  const json::value rows = json::parse(call(Method::kGet, path + "/rows").body);
  EXPECT_EQ(rows.at("items").at(1).at("amount").as_string(), "1250.50");
  EXPECT_TRUE(rows.at("next_after").is_null());
  EXPECT_EQ(call(Method::kGet, path + "/file").body, report_file("cj_bad_rows.csv"));
  EXPECT_EQ(call(Method::kGet, path + "/file", "", "offset=10").body, report_file("cj_bad_rows.csv").substr(10));
  const json::value list = json::parse(call(Method::kGet, reports_).body);
  EXPECT_EQ(list.at("items").as_array().size(), 1U);
}

TEST_P(ImportRoutes, AFormDoesTheSame) {
  const std::string body = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n" +
                           report_file("cj.csv") +
                           "\r\n--X\r\nContent-Disposition: form-data; name=\"profile\"\r\n\r\ncj\r\n--X--\r\n";
  const auto answer = call(Method::kPost, reports_, body, "", "multipart/form-data; boundary=X");
  ASSERT_EQ(answer.status, 202) << answer.body;
  const json::value import = json::parse(answer.body);
  EXPECT_EQ(import.at("file").at("name").as_string(), "a.csv");
  EXPECT_TRUE(import.at("evidence").at("is_profile_named").as_bool());
  run(import);
  EXPECT_EQ(rows().size(), 4U);
}

TEST_P(ImportRoutes, AnUploadComesInPieces) {
  const auto begun = call(Method::kPost, reports_ + "/uploads", R"({"file_name":"big.csv"})");
  ASSERT_EQ(begun.status, 201) << begun.body;
  const std::string path = reports_ + "/uploads/" + std::string(json::parse(begun.body).at("id").as_string());
  const std::string bytes = report_file("cj.csv");
  EXPECT_EQ(call(Method::kPut, path + "/0", bytes.substr(0, 100)).status, 200);
  EXPECT_EQ(call(Method::kPut, path + "/50", bytes.substr(50, 50)).status, 200);
  EXPECT_EQ(call(Method::kPut, path + "/200", "x").status, 409);
  EXPECT_EQ(call(Method::kPut, path + "/x", "x").status, 400);
  EXPECT_EQ(json::parse(call(Method::kGet, path).body).at("received").as_int64(), 100);
  EXPECT_EQ(call(Method::kPut, path + "/100", bytes.substr(100)).status, 200);
  const auto complete = call(Method::kPost, path + "/complete");
  ASSERT_EQ(complete.status, 202) << complete.body;
  run(json::parse(complete.body));
  EXPECT_EQ(rows().size(), 4U);
  EXPECT_EQ(call(Method::kPost, path + "/complete").status, 404);
}

TEST_P(ImportRoutes, BadRequestsAreRefused) {
  EXPECT_EQ(call(Method::kPost, reports_, "").status, 422);
  EXPECT_EQ(call(Method::kPost, reports_, report_file("no_report.csv")).status, 422);
  EXPECT_EQ(call(Method::kPost, "/api/partners/nobody/reports", "x").status, 404);
  EXPECT_EQ(call(Method::kPost, reports_, report_file("cj.csv"), "profile=nosuch").status, 400);
  EXPECT_EQ(call(Method::kPost, reports_, report_file("cj.csv"), "wait=31").status, 400);
  EXPECT_EQ(call(Method::kPost, reports_, "x", "", "multipart/form-data; boundary=X").status, 400);
  EXPECT_EQ(call(Method::kPost, reports_ + "/uploads", R"({"profile":"nosuch"})").status, 422);
  EXPECT_EQ(call(Method::kGet, reports_ + "/" + base::format_uuid(base::Uuid{})).status, 404);
  EXPECT_EQ(call(Method::kGet, reports_ + "/nonsense").status, 400);
}

TEST_P(ImportRoutes, ProfilesAreShown) {
  const json::value profiles = json::parse(call(Method::kGet, "/api/report-profiles").body);
  EXPECT_EQ(profiles.at("items").as_array().size(), 8U);
}

TALLY_ON_BOTH_DATABASES(ImportRoutes);

}  // namespace
}  // namespace tallystick::settlement
