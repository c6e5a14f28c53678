#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "settlement/upload_files.h"
#include "settlement/upload_form.h"
#include "tests/support/temporary_directory.h"

namespace tallystick::settlement {
namespace {

using testing::ElementsAre;

class Uploads : public testing::Test {
 protected:
  support::TemporaryDirectory folder_;
  base::ManualClock clock_{base::Timestamp{1'700'000'000'000'000}};
  base::SeededRandom random_{1};
  UploadFiles files_{folder_.path() / "reports", {.max_file_bytes = 10, .max_uploads = 2}, clock_, random_};
  const base::Uuid partner_ = *base::parse_uuid("0190163d-8694-739b-aea5-000000000001");
};

TEST_F(Uploads, PiecesMakeTheFile) {
  const auto upload = files_.begin(partner_, "a.csv", "cj");
  ASSERT_TRUE(upload);
  EXPECT_EQ(files_.append(partner_, upload->id, 0, "abc")->received, 3);
  EXPECT_EQ(files_.append(partner_, upload->id, 3, "def")->received, 6);
  // Sent again, as after a lost answer.
  EXPECT_EQ(files_.append(partner_, upload->id, 3, "def")->received, 6);
  EXPECT_EQ(files_.append(partner_, upload->id, 7, "x").error().code, "bad_offset");
  EXPECT_EQ(files_.append(partner_, upload->id, 6, "ghijk").error().code, "file_too_large");
  const auto found = files_.find(partner_, upload->id);
  EXPECT_EQ(found->file_name, "a.csv");
  EXPECT_EQ(found->profile, "cj");
  const auto file = files_.complete(*found);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->bytes, 6);
  // SHA-256 of "abcdef".
  EXPECT_EQ(file->digest, "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721");
  EXPECT_EQ(base::read_file(files_.path_of(file->digest), 100), "abcdef");
  EXPECT_EQ(files_.find(partner_, upload->id).error().code, "upload_not_found");
  EXPECT_EQ(files_.store("abcdef")->digest, file->digest);
}

TEST_F(Uploads, AreOfOnePartnerForADay) {
  const auto upload = files_.begin(partner_, "a.csv", "");
  EXPECT_EQ(files_.append(base::Uuid{}, upload->id, 0, "x").error().code, "upload_not_found");
  EXPECT_EQ(files_.complete(*upload).error().code, "empty_report");
  ASSERT_TRUE(files_.append(partner_, upload->id, 0, "x"));
  clock_.advance_us(24 * base::kMicrosPerHour);
  EXPECT_EQ(files_.append(partner_, upload->id, 1, "x").error().code, "upload_not_found");
  ASSERT_TRUE(files_.remove_expired());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "reports" / "uploads"));
}

TEST_F(Uploads, AreFewAtATime) {
  ASSERT_TRUE(files_.begin(partner_, "a", ""));
  ASSERT_TRUE(files_.begin(partner_, "b", ""));
  EXPECT_EQ(files_.begin(partner_, "c", "").error().code, "too_many_uploads");
}

constexpr std::string_view kType = "multipart/form-data; boundary=XyZ";

std::vector<std::string> parts_of(std::string_view type, std::string_view body) {
  std::vector<std::string> texts;
  const auto parts = parse_form(type, body);
  if (!parts) {
    return {parts.error().code};
  }
  for (const FormPart& part : *parts) {
    texts.push_back(part.name + "/" + part.file_name + "=" + std::string(part.content));
  }
  return texts;
}

TEST(Forms, PartsAreTakenAsTheyWereSent) {
  EXPECT_THAT(parts_of(kType,
                       "--XyZ\r\nContent-Disposition: form-data; name=\"profile\"\r\n\r\ncj\r\n"
                       "--XyZ\r\nContent-Type: text/csv\r\ncontent-disposition: form-data; name=\"file\"; "
                       "filename=\"a \\\"b\\\";c.csv\"\r\n\r\na,b\r\n--Xy\r\n\r\n1,2\r\n\r\n--XyZ--\r\n"),
              ElementsAre("profile/=cj", "file/a \"b\";c.csv=a,b\r\n--Xy\r\n\r\n1,2\r\n"));
  EXPECT_THAT(parts_of("Multipart/Form-Data;charset=utf-8; Boundary=\"X Y\"",
                       "to be skipped\r\n--X Y  \r\nContent-Disposition:form-data;name=x\r\n\r\n\r\n--X Y--"),
              ElementsAre("x/="));
  EXPECT_TRUE(parts_of(kType, "--XyZ--\r\n").empty());
}

TEST(Forms, WhatIsCutShortOrNoFormIsRefused) {
  for (const char* body : {"",
                           "a,b",
                           "--XyZ",
                           "--XyZ\r\n",
                           "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
                           "--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--XyZ",
                           "--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--",
                           "--XyZ\r\n\r\nx\r\n--XyZ--",
                           "--XyZjunk\r\n\r\nx\r\n--XyZ--"}) {
    EXPECT_THAT(parts_of(kType, body), ElementsAre("bad_form")) << body;
  }
  EXPECT_FALSE(parse_form("multipart/form-data", "--XyZ--"));
  EXPECT_FALSE(parse_form("multipart/mixed; boundary=XyZ", "--XyZ--"));
  EXPECT_FALSE(is_form("text/csv"));
}

}  // namespace
}  // namespace tallystick::settlement
