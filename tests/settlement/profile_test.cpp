#include "settlement/profile.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "settlement/profile_library.h"
#include "tests/settlement/reports.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::settlement {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kSmall = R"(
name = "acme"
network = "generic"
title = "Acme orders"
required = ["occurred", "commission"]
[columns]
occurred = ["Day"]
commission = ["Our share"]
[dates]
formats = ["%Y-%m-%d"]
)";

TEST(Profiles, AllThatAreBuiltInParse) {
  const auto library = ProfileLibrary::load();
  ASSERT_TRUE(library) << library.error().message;
  std::vector<std::string> names;
  for (const Profile& profile : library->all()) {
    names.push_back(profile.name);
    EXPECT_EQ(profile.origin, "built in");
  }
  EXPECT_THAT(names,
              ElementsAre("amazon", "awin", "cj", "cj-performance", "flexoffers", "impact", "rakuten", "shareasale"));
}

TEST(Profiles, NamesOfColumnsLoseCaseSpacesAndUnits) {
  EXPECT_EQ(parse_column_name("Sale Amount (USD)").name, "saleamount");
  EXPECT_EQ(parse_column_name("Sale Amount (USD)").currency->text(), "USD");
  EXPECT_EQ(parse_column_name("sale_amount").name, "saleamount");
  EXPECT_EQ(parse_column_name("Price($)").name, "price");
  EXPECT_EQ(parse_column_name("Preis (\xE2\x82\xAC)").currency->text(), "EUR");
  // What is no unit belongs to the name.
  EXPECT_EQ(parse_column_name("Member ID (U1)").name, "memberidu1");
}

TEST(Profiles, EveryMistakeIsNamedWithItsLine) {
  const auto profile = parse_profile(
      "name = \"A\"\nnetwork = \"cj\"\ncolour = \"red\"\nrequired = [\"when\"]\n"
      "[dates]\nformats = [\"%Q\"]\n[status]\napproved = [\"yes\"]\n",
      "mine.toml");
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().code, "bad_profile");
  std::vector<std::string> findings;
  for (const auto& field : profile.error().fields) {
    findings.push_back(field.pointer + " " + field.detail);
  }
  EXPECT_THAT(findings, testing::Contains(HasSubstr("mine.toml:3 colour is not a key of profiles")));
  EXPECT_THAT(findings, testing::Contains(HasSubstr("mine.toml:4 required: when is not a field")));
  EXPECT_THAT(findings, testing::Contains(HasSubstr("mine.toml:6 \"%Q\" is no date format")));
  EXPECT_THAT(findings, testing::Contains(HasSubstr("mine.toml:8 status.approved: yes is not of the form")));
  EXPECT_THAT(findings, testing::Contains(HasSubstr("commission has to be among the required")));
}

TEST(Profiles, AnOperatorsFolderAddsAndReplaces) {
  const support::TemporaryDirectory folder;
  std::ofstream(folder.path() / "acme.toml") << kSmall;
  std::string replaced(kSmall);
  replaced.replace(replaced.find("acme"), 4, "awin");
  std::ofstream(folder.path() / "b.toml") << replaced;
  std::ofstream(folder.path() / "notes.txt") << "no profile";
  const auto library = ProfileLibrary::load(folder.path());
  ASSERT_TRUE(library) << library.error().message;
  EXPECT_EQ(library->all().size(), 9U);
  EXPECT_EQ((*library->find("awin"))->title, "Acme orders");
  EXPECT_EQ((*library->find("awin"))->origin, "b.toml");
  std::ofstream(folder.path() / "c.toml") << "name = ";
  EXPECT_EQ(ProfileLibrary::load(folder.path()).error().code, "bad_profile");
  EXPECT_EQ(ProfileLibrary::load(folder.path() / "missing").error().code, "profile_directory_failed");
}

}  // namespace
}  // namespace tallystick::settlement
