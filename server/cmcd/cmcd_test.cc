#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/cmcd/log.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

CmcdReport read(std::string_view text) {
  CmcdReport report;
  EXPECT_TRUE(read_cmcd(text, report)) << text;
  return report;
}

TEST(CmcdReport, ReadsVersion1) {
  const CmcdReport report =
      read("bl=5000,br=2500,bs,cid=\"main\",d=2000,nor=\"..%2F7.m4s\",ot=v,pr=1.08,sf=h,sid=\"s-1\",st=l,su,com.example-x=\"y\"");
  EXPECT_EQ(report.version, 1);
  EXPECT_EQ(report.session, "s-1");
  EXPECT_EQ(report.content, "main");
  EXPECT_EQ(report.object, CmcdObject::kVideo);
  EXPECT_EQ(report.buffer, 5000);
  EXPECT_EQ(report.bitrate, 2500);
  EXPECT_TRUE(report.startup);
  EXPECT_TRUE(report.starved);
}

TEST(CmcdReport, ReadsListsOfVersion2ByTheirFirst) {
  const CmcdReport report = read("bl=( 4900;a 5000;v ), br=(2500;v 128;a),msd=812,nor=(\"7.m4s\";r=\"0-9\"),sta=r,su=?0,tb=(),v=2");
  EXPECT_EQ(report.version, 2);
  EXPECT_EQ(report.buffer, 4900);
  EXPECT_EQ(report.bitrate, 2500);
  EXPECT_EQ(report.start_delay, 812);
  EXPECT_EQ(report.state, "r");
  EXPECT_FALSE(report.startup);
}

TEST(CmcdReport, ReadsEscapedStrings) { EXPECT_EQ(read(R"(cid="a \"b\" \\")").content, R"(a "b" \)"); }

TEST(CmcdReport, KeepsSoMuchOfItsText) {
  CmcdReport report;
  keep_as_received(report, "CMCD-Session", std::string(1500, 's'));
  keep_as_received(report, "CMCD-Object", std::string(15'000, 'o'));
  keep_as_received(report, "CMCD-Request", "su");
  ASSERT_EQ(report.parts.size(), 2u);
  EXPECT_EQ(report.parts[0].second, std::string(1500, 's'));
  EXPECT_EQ(report.parts[1].second, std::string(kMostCmcdText - 1500, 'o'));
}

TEST(CmcdReport, ReadsNothingAsNothing) { EXPECT_EQ(read("").object, CmcdObject::kUnsaid); }

TEST(CmcdReport, RefusesWhatIsMalformed) {
  for (const char* text : {",",        "bl=",        "bl=5000,",     "bl=5000,,su",  "bl=5000 su",
                           "BL=5000",  "sid=\"open", "sid=\"a\\n\"", "sid=\"\x01\"", "bl=(1 2",
                           "bl=(1,2)", "bl=(1)2",    "bl=1.",        "bl=1.2345",    "bl=1234567890123456",
                           "bl=-",     "bl=?2",      "su;",          "su;=1",        "=1",
                           "bl=:YQ==:"}) {
    CmcdReport report;
    EXPECT_FALSE(read_cmcd(text, report)) << text;
  }
}

TEST(CmcdReport, RefusesValuesOfAnotherType) {
  for (const char* text :
       {"bl", "bl=\"5000\"", "bl=-100", "sid=s", "sid", "ot=x", "ot=\"v\"", "su=1", "bs=\"yes\"", "v=3", "v", "sta=pp", "ot=()"}) {
    CmcdReport report;
    EXPECT_FALSE(read_cmcd(text, report)) << text;
  }
  CmcdReport report;
  EXPECT_FALSE(read_cmcd("sid=\"" + std::string(65, 's') + '"', report));
}

TEST(CmcdParameter, IsFoundAmongOthers) {
  EXPECT_EQ(cmcd_parameter("token=a&CMCD=bs%2Csu&x=1"), "bs%2Csu");
  EXPECT_EQ(cmcd_parameter("CMCD="), "");
  EXPECT_EQ(cmcd_parameter("token=CMCD=1&xCMCD=2"), std::nullopt);
  EXPECT_EQ(cmcd_parameter(""), std::nullopt);
}

TEST(CmcdParameter, IsDecodedAsBrowsersWriteIt) {
  EXPECT_EQ(decode_cmcd_parameter("br%3D%28100%3Bv+64%3Ba%29%2cid%3d%22a%2Bb%20c%22"), "br=(100;v 64;a),id=\"a+b c\"");
  for (const char* text : {"%", "%4", "%zz", "a%2"}) EXPECT_EQ(decode_cmcd_parameter(text), std::nullopt) << text;
}

class CmcdLogTest : public testing::Test {
 protected:
  void hear(std::string_view text, std::int64_t bytes, std::chrono::seconds at = 0s) {
    auto report = std::make_shared<CmcdReport>(read(text));
    report->asked_at = base::UtcTime{at};
    report->parts = {{"CMCD", std::string{text}}};
    log.add(report, base::ByteCount::bytes(bytes));
  }
  prometheus::Registry registry;
  CmcdLog log{registry, 2};
};

TEST_F(CmcdLogTest, AddsASessionsRequestsUp) {
  hear("ot=m,sid=\"a\",su", 1000, 10s);
  hear("bl=2000,br=1000,ot=v,sid=\"a\",su", 30'000, 12s);
  hear("bl=4000,br=2000,bs,cid=\"main\",msd=700,ot=v,sid=\"a\",su,v=2", 60'000, 14s);
  const auto session = log.find("a");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->requests, 3u);
  EXPECT_EQ(session->bytes.count(), 91'000);
  EXPECT_EQ(session->startups, 3u);
  EXPECT_EQ(session->starved, 1u);
  EXPECT_EQ(session->buffer, 4000);
  EXPECT_EQ(session->start_delay, 700);
  EXPECT_EQ(session->content, "main");
  EXPECT_EQ(session->bitrate_sum, 3000);
  EXPECT_EQ(session->bitrates, 2u);
  EXPECT_EQ(session->first_seen, base::UtcTime{10s});
  EXPECT_EQ(session->last_seen, base::UtcTime{14s});
  EXPECT_EQ(session->by_object[static_cast<std::size_t>(CmcdObject::kVideo)].bytes.count(), 90'000);
}

TEST_F(CmcdLogTest, ForgetsTheSessionThatWasHeardOfLongestAgo) {
  hear("sid=\"a\"", 1);
  hear("sid=\"b\"", 1);
  hear("sid=\"a\"", 1);
  hear("sid=\"c\"", 1);
  EXPECT_TRUE(log.find("a"));
  EXPECT_FALSE(log.find("b"));
  EXPECT_EQ(log.counts().sessions, 2u);
  EXPECT_EQ(log.counts().forgotten, 1u);
}

TEST_F(CmcdLogTest, KeepsTheLatestReports) {
  for (std::size_t i = 0; i < CmcdLog::kMostLatest + 3; ++i) hear("d=" + std::to_string(i) + ",sid=\"a\"", 1);
  const auto session = log.find("a");
  EXPECT_EQ(session->latest.size(), CmcdLog::kMostLatest);
  EXPECT_EQ(session->latest.front()->parts.front().second, "d=10,sid=\"a\"");
}

TEST_F(CmcdLogTest, ListsInPages) {
  hear("sid=\"b\"", 1);
  hear("sid=\"a\"", 1);
  EXPECT_EQ(log.list("", 1).front().session, "a");
  EXPECT_EQ(log.list("a", 9).front().session, "b");
  EXPECT_TRUE(log.list("b", 9).empty());
  EXPECT_TRUE(log.list("", 1).front().latest.empty());
}

TEST_F(CmcdLogTest, CountsWhatItCannotUse) {
  log.malformed();
  log.anonymous();
  log.anonymous();
  EXPECT_EQ(log.counts().malformed, 1u);
  EXPECT_EQ(log.counts().anonymous, 2u);
  EXPECT_EQ(log.counts().reports, 0u);
}

}  // namespace
}  // namespace server
