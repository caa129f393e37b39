#include "harness/player/cmcd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;
using testing::ElementsAre;
using testing::Pair;

constexpr const char* kCmcdUrl = "http://cdn.test/live/main/video-720p/6.m4s";

CmcdFacts every_fact() {
  CmcdFacts facts;
  facts.bitrate = {{2'500_kbps, CmcdObject::kVideo}};
  facts.top_bitrate = {{5_Mbps, CmcdObject::kVideo}};
  facts.measured_throughput = {{7'349_kbps, {}}};
  facts.buffer_length = {{4'961ms, CmcdObject::kVideo}};
  facts.object_duration = 2s;
  facts.deadline = 4'949ms;
  facts.requested_throughput = 12'451_kbps;
  facts.next = {{"http://cdn.test/live/main/video-720p/7.m4s", "0-99"}};
  facts.object = CmcdObject::kVideo;
  facts.format = CmcdFormat::kHls;
  facts.stream = CmcdStream::kLive;
  facts.playback_rate = 1.08;
  facts.content = "main";
  facts.session = "00000000-0000-8000-a000-000000000001";
  facts.starved = true;
  facts.startup = true;
  facts.state = CmcdState::kRebuffering;
  facts.sequence = 12;
  facts.media_start_delay = 812ms;
  facts.live_latency = 6'123ms;
  facts.playhead_time = 90s;
  facts.stall_durations = {{1'234ms, {}}};
  facts.lowest_bitrate = {{300_kbps, {}}};
  facts.playhead_bitrate = {{2'500_kbps, {}}};
  facts.top_playable_bitrate = {{5_Mbps, {}}};
  facts.errors = {"E1", "E2"};
  facts.hidden = true;
  return facts;
}

TEST(Cmcd, WritesTheKeysOfVersion1InAlphabeticalOrder) {
  EXPECT_EQ(cmcd_text(every_fact(), 1, kCmcdUrl),
            "bl=5000,br=2500,bs,cid=\"main\",d=2000,dl=4900,mtp=7300,nor=\"7.m4s\",nrr=\"0-99\",ot=v,pr=1.08,rtp=12500,sf=h,"
            "sid=\"00000000-0000-8000-a000-000000000001\",st=l,su,tb=5000");
}

TEST(Cmcd, WritesTheKeysOfVersion2InAlphabeticalOrder) {
  EXPECT_EQ(cmcd_text(every_fact(), 2, kCmcdUrl),
            "bg,bl=(5000;v),br=(2500;v),bs,bsd=(1234),cid=\"main\",d=2000,dl=4900,ec=(\"E1\" \"E2\"),lb=(300),ltc=6123,msd=812,mtp=(7300),"
            "nor=(\"7.m4s\";r=\"0-99\"),ot=v,pb=(2500),pr=1.08,pt=90000,rtp=12500,sf=h,sid=\"00000000-0000-8000-a000-000000000001\",sn=12,"
            "st=l,sta=r,su,tb=(5000;v),tpb=(5000),v=2");
}

TEST(Cmcd, PutsEachKeyIntoTheHeaderFieldOfItsGroup) {
  EXPECT_THAT(cmcd_headers(every_fact(), 1, kCmcdUrl),
              ElementsAre(Pair("CMCD-Object", "br=2500,d=2000,ot=v,tb=5000"),
                          Pair("CMCD-Request", "bl=5000,dl=4900,mtp=7300,nor=\"7.m4s\",nrr=\"0-99\",su"),
                          Pair("CMCD-Session", "cid=\"main\",sf=h,sid=\"00000000-0000-8000-a000-000000000001\",st=l"),
                          Pair("CMCD-Status", "bs,pr=1.08,rtp=12500")));
}

TEST(Cmcd, LeavesOutHeaderFieldsWithoutKeys) {
  EXPECT_THAT(cmcd_headers({.object = CmcdObject::kManifest}, 1, kCmcdUrl), ElementsAre(Pair("CMCD-Object", "ot=m")));
}

TEST(Cmcd, WritesNothingAboutNothing) {
  EXPECT_EQ(cmcd_text({}, 1, kCmcdUrl), "");
  EXPECT_EQ(cmcd_text({}, 2, kCmcdUrl), "v=2");
  EXPECT_EQ(cmcd_url({}, 1, kCmcdUrl), kCmcdUrl);
}

TEST(Cmcd, LeavesOutDefaults) {
  EXPECT_EQ(cmcd_text({.playback_rate = 1.0}, 1, kCmcdUrl), "");
  EXPECT_EQ(cmcd_text({.playback_rate = 0.0}, 1, kCmcdUrl), "pr=0");
}

TEST(Cmcd, RoundsToTheNearest) {
  struct Row {
    base::Duration length;
    const char* text;
  };
  for (const Row& row : {Row{49ms, "bl=0,d=49,dl=0"},
                         {50ms, "bl=100,d=50,dl=100"},
                         {1'249ms, "bl=1200,d=1249,dl=1200"},
                         {1'999'600us, "bl=2000,d=2000,dl=2000"}}) {
    CmcdFacts facts;
    facts.buffer_length = {{row.length, {}}};
    facts.object_duration = facts.deadline = row.length;
    EXPECT_EQ(cmcd_text(facts, 1, kCmcdUrl), row.text);
  }
  CmcdFacts rates;
  rates.bitrate = {{base::Bitrate::bits_per_second(299'500), {}}};
  rates.measured_throughput = {{149_kbps, {}}};
  EXPECT_EQ(cmcd_text(rates, 1, kCmcdUrl), "br=300,mtp=100");
}

TEST(Cmcd, TellsVersion1OneNumberOfAList) {
  CmcdFacts facts{.object = CmcdObject::kAudio};
  facts.bitrate = {{2'500_kbps, CmcdObject::kVideo}, {128_kbps, CmcdObject::kAudio}};
  EXPECT_EQ(cmcd_text(facts, 1, kCmcdUrl), "br=128,ot=a");
  EXPECT_EQ(cmcd_text(facts, 2, kCmcdUrl), "br=(2500;v 128;a),ot=a,v=2");
}

TEST(Cmcd, TellsVersion1NothingOfLowLatency) {
  EXPECT_EQ(cmcd_text({.stream = CmcdStream::kLowLatency}, 1, kCmcdUrl), "st=l");
  EXPECT_EQ(cmcd_text({.stream = CmcdStream::kLowLatency}, 2, kCmcdUrl), "st=ll,v=2");
}

TEST(Cmcd, EscapesStrings) {
  EXPECT_EQ(cmcd_text({.content = "a \"b\" \\c"}, 1, kCmcdUrl), R"(cid="a \"b\" \\c")");
  EXPECT_EQ(cmcd_text({.content = "f\xC3\xBCr\n"}, 1, kCmcdUrl), "cid=\"f%C3%BCr%0A\"");
}

TEST(Cmcd, CutsIdentifiersToTheirLongest) {
  EXPECT_EQ(cmcd_text({.session = std::string(100, 's')}, 1, kCmcdUrl), "sid=\"" + std::string(64, 's') + '"');
  EXPECT_EQ(cmcd_text({.content = std::string(200, 'c')}, 1, kCmcdUrl), "cid=\"" + std::string(128, 'c') + '"');
}

TEST(Cmcd, EncodesTheNextUrlInVersion1) {
  CmcdFacts facts;
  facts.next = {{"http://cdn.test/live/main/audio/7.m4s?a=1&b=2", {}}};
  EXPECT_EQ(cmcd_text(facts, 1, kCmcdUrl), "nor=\"..%2Faudio%2F7.m4s%3Fa%3D1%26b%3D2\"");
  EXPECT_EQ(cmcd_text(facts, 2, kCmcdUrl), "nor=(\"../audio/7.m4s?a=1&b=2\"),v=2");
}

TEST(Cmcd, JoinsTheQueryOfTheUrl) {
  const CmcdFacts facts{.object = CmcdObject::kVideo, .session = "s 1"};
  EXPECT_EQ(cmcd_url(facts, 1, "http://a/b.m4s"), "http://a/b.m4s?CMCD=ot%3Dv%2Csid%3D%22s%201%22");
  EXPECT_EQ(cmcd_url(facts, 1, "http://a/b.m4s?token=x#part"), "http://a/b.m4s?token=x&CMCD=ot%3Dv%2Csid%3D%22s%201%22");
}

TEST(RelativeReference, LeadsFromOneUrlToTheOther) {
  struct Row {
    const char *from, *to, *reference;
  };
  for (const Row& row : {Row{"http://a/x/1.m4s", "http://a/x/2.m4s", "2.m4s"},
                         {"http://a/x/y/1.m4s?q=/1", "http://a/x/z/2.m4s?q=/2", "../z/2.m4s?q=/2"},
                         {"http://a/x/y/1", "http://a/2", "../../2"},
                         {"http://a/x/1", "http://a/x/", "./"},
                         {"http://a/x/1", "http://a/x/t:1", "./t:1"},
                         {"http://a/x/1", "http://a/x/1", "1"},
                         {"http://a/x/1", "http://b/x/1", "http://b/x/1"},
                         {"http://a/x/1", "https://a/x/1", "https://a/x/1"},
                         {"http://a", "http://a/x", "/x"}})
    EXPECT_EQ(relative_reference(row.from, row.to), row.reference) << row.from << ' ' << row.to;
}

}  // namespace
}  // namespace harness
