// The main job's first half on the real binary: events in, counted, proven, erased.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>

#include "tests/e2e/instance.h"

namespace tallystick::e2e {
namespace json = boost::json;

std::vector<std::string> files_with(const std::filesystem::path& folder, std::string_view needle) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      std::ostringstream content;
      content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      if (content.str().find(needle) != std::string::npos) {
        found.push_back(entry.path().filename().string());
      }
    }
  }
  return found;
}

namespace {

constexpr std::string_view kFirefox =
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 EraseMe/77";
constexpr std::string_view kUser = "0190163d-8694-739b-aea5-966c26f8ad90";

std::string target_of(const std::string& url) {
  return url.substr(url.find("/go/"));
}

// The demo makes partners and links; a rate and a time that add up quickly.
support::CommandResult run_demo(const Instance& instance, const std::string& seconds = "2") {
  return instance.run({"demo", "--seconds", seconds, "--rate", "300", "--connections", "2"});
}

TEST(MainJob, TheDemoAddsUpAndTheLogVerifies) {
  Instance instance;
  ASSERT_FALSE(instance.key().empty()) << "the first start shows an administrator key";
  const support::CommandResult demo = run_demo(instance, "3");
  EXPECT_EQ(demo.exit_code, 0) << demo.output;
  EXPECT_NE(demo.output.find("counts agree with the server's own"), std::string::npos) << demo.output;
  EXPECT_NE(demo.output.find("Verified."), std::string::npos) << demo.output;
  const support::CommandResult live = instance.run({"journal", "verify"});
  EXPECT_EQ(live.exit_code, 0) << live.output;
  EXPECT_EQ(instance.stop(), 0);
  const support::CommandResult stopped = instance.run({"journal", "verify"});
  EXPECT_EQ(stopped.exit_code, 0) << stopped.output;
}

TEST(MainJob, TheDemoMayRunAgain) {
  Instance instance;
  ASSERT_EQ(run_demo(instance, "1").exit_code, 0);
  const support::CommandResult again = run_demo(instance, "1");
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_NE(again.output.find("Created 0 "), std::string::npos) << again.output;
}

TEST(MainJob, TwoDemosAtATimeTakeTurnsAndBothAddUp) {
  Instance instance;
  support::CommandResult other;
  {
    const std::jthread thread([&] { other = run_demo(instance, "1"); });
    const support::CommandResult demo = run_demo(instance, "1");
    EXPECT_EQ(demo.exit_code, 0) << demo.output;
  }
  EXPECT_EQ(other.exit_code, 0) << other.output;
}

TEST(MainJob, CountsAndDuplicatesSurviveARestart) {
  Instance instance;
  ASSERT_EQ(run_demo(instance, "1").exit_code, 0);
  const std::string event =
      R"({"event_id":"01901640-0000-7000-8000-000000000001","placement_id":"demo-home-top","occurred_at":)";
  const auto now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  const std::string body = event + std::to_string(now_ms) + R"(,"session_id":"s1","state":"viewable"})";
  const support::RawAnswer first =
      instance.exchange("POST", "/api/monetization/impression", "Content-Type: application/json\r\n", body);
  ASSERT_EQ(first.status, 202) << first.body;
  EXPECT_NE(first.body.find("\"accepted\":1"), std::string::npos) << first.body;
  ASSERT_EQ(instance.stop(), 0);
  const auto records = instance.run_json({"journal", "stats"}).at("by_kind");
  instance.start();
  const support::RawAnswer again =
      instance.exchange("POST", "/api/monetization/impression", "Content-Type: application/json\r\n", body);
  EXPECT_NE(again.body.find("\"duplicate\":1"), std::string::npos) << again.body;
  EXPECT_TRUE(instance.server().first_key().empty()) << "the first key is shown once";
  ASSERT_EQ(instance.stop(), 0);
  const auto after = instance.run_json({"journal", "stats"}).at("by_kind");
  EXPECT_EQ(after.at("impression"), records.at("impression"));
  EXPECT_EQ(after.at("click"), records.at("click"));
}

TEST(MainJob, AnErasedPersonIsNowhereAndTheReceiptStillVerifies) {
  Instance instance;
  ASSERT_EQ(run_demo(instance, "1").exit_code, 0);
  const json::value link = instance.run_json({"link",
                                              "sign",
                                              "--partner",
                                              "demo-books",
                                              "--link",
                                              "novels",
                                              "--parameter",
                                              "user=" + std::string(kUser),
                                              "--parameter",
                                              "session=session-of-the-person",
                                              "--parameter",
                                              "consent=analytics"});
  const std::string event_id(link.at("event_id").as_string());
  const support::RawAnswer click = instance.exchange(
      "GET", target_of(std::string(link.at("url").as_string())), "User-Agent: " + std::string(kFirefox) + "\r\n");
  ASSERT_EQ(click.status, 302) << click.body;
  EXPECT_TRUE(click.header("Location").starts_with("https://demo-books.example.com/novels")) << click.head;

  const std::string receipt = (instance.folder() / "click.receipt").string();
  ASSERT_EQ(instance.run({"receipt", "get", event_id, "--output", receipt}).exit_code, 0);
  const std::string key = (instance.data() / "journal" / "verifier-key").string();
  EXPECT_EQ(instance.run({"receipt", "verify", receipt, "--key", key}).exit_code, 0);
  EXPECT_FALSE(files_with(instance.data(), "EraseMe/77").empty()) << "with consent the user agent is stored";
  const json::value before = instance.run_json({"journal", "stats"});

  const support::CommandResult erased = instance.run({"privacy", "erase", "--user", std::string(kUser)});
  ASSERT_EQ(erased.exit_code, 0) << erased.output;
  EXPECT_NE(erased.output.find("in 1 records"), std::string::npos) << erased.output;
  EXPECT_TRUE(files_with(instance.data(), "EraseMe/77").empty());
  EXPECT_TRUE(files_with(instance.data(), kUser).empty());
  EXPECT_TRUE(files_with(instance.data(), "session-of-the-person").empty());
  const json::value after = instance.run_json({"journal", "stats"});
  EXPECT_EQ(after.at("by_kind").at("click"), before.at("by_kind").at("click")) << "counts stay";
  EXPECT_EQ(instance.run({"receipt", "verify", receipt, "--key", key}).exit_code, 0);
  EXPECT_EQ(instance.stop(), 0);
  EXPECT_TRUE(files_with(instance.data(), "EraseMe/77").empty());
  EXPECT_EQ(instance.run({"journal", "verify"}).exit_code, 0);
}

TEST(MainJob, AForgedReceiptDoesNotVerify) {
  Instance instance;
  ASSERT_EQ(run_demo(instance, "1").exit_code, 0);
  const json::value shown = instance.run_json({"journal", "show", "--limit", "200"});
  const json::array& records = shown.at("records").as_array();
  // Not every record is an event: the audit trail and forwardings stand among them.
  const auto click =
      std::ranges::find_if(records, [](const json::value& record) { return record.at("kind").as_string() == "click"; });
  ASSERT_NE(click, records.end());
  const std::string event_id(click->at("event_id").as_string());
  const support::CommandResult receipt = instance.run({"receipt", "get", event_id});
  ASSERT_EQ(receipt.exit_code, 0) << receipt.output;
  std::string text = receipt.output;
  const std::size_t digit = text.find_last_of("0123456789");
  text[digit] = text[digit] == '1' ? '2' : '1';
  const auto file = instance.folder() / "forged";
  std::ofstream(file) << text;
  const support::CommandResult verified = instance.run({"receipt", "verify", file.string()});
  EXPECT_EQ(verified.exit_code, 3) << verified.output;
}

TEST(MainJob, AFlippedBitIsFoundAndNamed) {
  Instance instance;
  ASSERT_EQ(run_demo(instance, "1").exit_code, 0);
  ASSERT_EQ(instance.stop(), 0);
  std::filesystem::path segment;
  for (const auto& entry : std::filesystem::directory_iterator(instance.data() / "journal" / "segments")) {
    segment = entry.path();
  }
  {
    std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(5'000);
    const char byte = static_cast<char>(file.get() ^ 4);
    file.seekp(5'000);
    file.put(byte);
  }
  const support::CommandResult verified = instance.run({"journal", "verify"});
  EXPECT_EQ(verified.exit_code, 3) << verified.output;
  EXPECT_NE(verified.output.find(segment.filename().string()), std::string::npos) << verified.output;
}

TEST(MainJob, AStopUnderLoadLosesNothingThatWasAcknowledged) {
  Instance instance;
  ASSERT_EQ(run_demo(instance, "1").exit_code, 0);
  const auto impressions_before =
      instance.run_json({"journal", "stats"}).at("by_kind").at("impression").to_number<std::uint64_t>();
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<bool> has_begun{false};
  const auto now_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < 3; ++sender) {
    senders.emplace_back([&, sender] {
      support::RawConnection connection(instance.server().port());
      for (int i = 0; i < 100'000; ++i) {
        char id[40];
        std::snprintf(id, sizeof id, "01901640-%04d-7000-8000-%012d", sender, i);
        const std::string body = std::string(R"({"event_id":")") + id +
                                 R"(","placement_id":"demo-home-top","session_id":"s","occurred_at":)" +
                                 std::to_string(now_ms) + "}";
        const auto answer = connection.exchange(
            "POST",
            "/api/monetization/impression",
            "Content-Type: application/json\r\nX-Forwarded-For: 198.51.100." + std::to_string(i % 250) + "\r\n",
            body);
        if (!answer || answer->status != 202) {
          return;
        }
        acknowledged += answer->body.find("\"accepted\":1") != std::string::npos ? 1 : 0;
        has_begun = true;
      }
    });
  }
  while (!has_begun) {
    std::this_thread::yield();
  }
  EXPECT_EQ(instance.stop(), 0);
  senders.clear();
  const auto impressions =
      instance.run_json({"journal", "stats"}).at("by_kind").at("impression").to_number<std::uint64_t>();
  EXPECT_EQ(impressions, impressions_before + acknowledged) << "neither more nor less than was acknowledged";
  EXPECT_EQ(instance.run({"journal", "verify"}).exit_code, 0);
}

}  // namespace
}  // namespace tallystick::e2e
