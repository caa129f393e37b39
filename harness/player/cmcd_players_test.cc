#include "harness/player/cmcd_players.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/player/cmcd_reporter.h"

namespace harness {
namespace {

using namespace base::literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr const char* kCmcdSegmentUrl = "http://cdn.test/live/main/video-720p/6.m4s";

// A request in the middle of a live stream. 2 s at 2.5 Mbit/s with 8.17 s of buffer.
CmcdMoment moment_of(CmcdPlayer player, RequestKind kind = RequestKind::kVideo) {
  CmcdMoment m{.player = player, .kind = kind};
  m.protocol = player == CmcdPlayer::kDashJs ? StreamingProtocol::kDash : StreamingProtocol::kHls;
  m.live = true;
  m.next_url = "http://cdn.test/live/main/video-720p/7.m4s";
  m.bitrate = base::Bitrate::bits_per_second(2'500'900);
  m.top_bitrate = 5_Mbps;
  m.lowest_bitrate = 300_kbps;
  m.playhead_bitrate = 1_Mbps;
  m.duration = 2s;
  m.buffer = 8'170ms;
  m.shortest_buffer = 7'600ms;
  m.throughput = base::Bitrate::bits_per_second(7'360'000);
  m.started = true;
  m.since_begin = 20s;
  m.startup_time = 800ms;
  m.latency = 6'123ms;
  m.session = "s";
  m.delay_reported = true;
  m.sequence = 9;
  return m;
}

CmcdMoment first_moment(CmcdPlayer player) {
  CmcdMoment m{.player = player, .session = "s"};
  m.protocol = player == CmcdPlayer::kHlsJs ? StreamingProtocol::kHls : StreamingProtocol::kDash;
  return m;
}

std::string text_of(const CmcdMoment& m, int version = 1) { return cmcd_text(cmcd_facts(m), version, kCmcdSegmentUrl); }

TEST(CmcdPlayers, AreKnownByTheirEngine) {
  EXPECT_EQ(cmcd_player(EngineKind::kHlsJs), CmcdPlayer::kHlsJs);
  EXPECT_EQ(cmcd_player(EngineKind::kDashJs), CmcdPlayer::kDashJs);
  EXPECT_EQ(cmcd_player(EngineKind::kShaka), CmcdPlayer::kShaka);
  EXPECT_EQ(cmcd_player(EngineKind::kMedia3), CmcdPlayer::kStandard);
}

TEST(CmcdPlayers, SendNothingWithTokenRequests) {
  for (const auto player : {CmcdPlayer::kStandard, CmcdPlayer::kHlsJs, CmcdPlayer::kDashJs, CmcdPlayer::kShaka})
    EXPECT_EQ(text_of(moment_of(player, RequestKind::kToken)), "");
}

TEST(CmcdPlayers, HlsJsCallsItsFirstPlaylistUrgent) {
  CmcdMoment m = first_moment(CmcdPlayer::kHlsJs);
  m.throughput = 500_kbps;  // abrEwmaDefaultEstimate
  EXPECT_EQ(text_of(m), "mtp=500,ot=m,sf=h,sid=\"s\",su");
}

TEST(CmcdPlayers, HlsJsReportsTheShortestBufferWithPlaylists) {
  EXPECT_EQ(text_of(moment_of(CmcdPlayer::kHlsJs, RequestKind::kPlaylist)), "bl=7600,mtp=7400,ot=m,sf=h,sid=\"s\",st=l");
}

TEST(CmcdPlayers, HlsJsDescribesVideo) {
  EXPECT_EQ(text_of(moment_of(CmcdPlayer::kHlsJs)),
            "bl=8200,br=2501,d=2000,dl=8200,mtp=7400,nor=\"7.m4s\",ot=v,rtp=12500,sf=h,sid=\"s\",st=l");
  EXPECT_EQ(text_of(moment_of(CmcdPlayer::kHlsJs), 2),
            "bl=(8200),br=(2501),d=2000,dl=8200,mtp=(7400),nor=(\"7.m4s\"),ot=v,pb=(1000),rtp=12500,sf=h,sid=\"s\",sn=9,st=l,sta=p,"
            "tpb=(5000),v=2");
}

TEST(CmcdPlayers, HlsJsNamesTheTopBitrateOfMuxedStreamsOnly) {
  CmcdMoment m = moment_of(CmcdPlayer::kHlsJs);
  EXPECT_THAT(text_of(m), Not(HasSubstr("tb=")));
  m.muxed = true;
  EXPECT_THAT(text_of(m), HasSubstr("ot=av"));
  EXPECT_THAT(text_of(m), HasSubstr("tb=5000"));
}

TEST(CmcdPlayers, HlsJsGivesAudioTheBitrateOfTheLowestVariant) {
  CmcdMoment m = moment_of(CmcdPlayer::kHlsJs, RequestKind::kAudio);
  m.bitrate = 128_kbps;
  EXPECT_EQ(text_of(m), "bl=8200,br=300,d=2000,dl=8200,mtp=7400,ot=a,rtp=1500,sf=h,sid=\"s\",st=l");
}

TEST(CmcdPlayers, HlsJsReportsAStallWithTheNextVideo) {
  CmcdMoment m = moment_of(CmcdPlayer::kHlsJs, RequestKind::kAudio);
  m.starved = m.stalled = true;
  EXPECT_THAT(text_of(m), Not(HasSubstr("bs")));
  m.kind = RequestKind::kVideo;
  EXPECT_THAT(text_of(m), HasSubstr(",bs,"));
  EXPECT_THAT(text_of(m), HasSubstr(",su"));
  m.stalled = false;  // over, and not yet reported
  EXPECT_THAT(text_of(m), HasSubstr(",su"));
}

TEST(CmcdPlayers, DashJsKnowsNothingOfTheStreamBeforeItsManifest) {
  EXPECT_EQ(text_of(first_moment(CmcdPlayer::kDashJs)), "ot=m,sid=\"s\"");
}

TEST(CmcdPlayers, DashJsDescribesVideo) {
  // rtp: 2 s at 2500.9 kbit/s within 8.1 s, times 5, is 3087.5: the next hundred above.
  EXPECT_EQ(text_of(moment_of(CmcdPlayer::kDashJs)),
            "bl=8100,br=2500,d=2000,dl=8100,mtp=7300,nor=\"7.m4s\",ot=v,rtp=3100,sf=d,sid=\"s\",st=l,tb=5000");
  EXPECT_EQ(
      text_of(moment_of(CmcdPlayer::kDashJs), 2),
      "bl=(8100;v),br=(2500;v),d=2000,dl=8100,ltc=6123,mtp=(7300;v),nor=(\"7.m4s\"),ot=v,pb=(1000;v),rtp=3100,sf=d,sid=\"s\",sn=9,st=l,"
      "sta=p,tb=(5000;v),tpb=(5000;v),v=2");
}

TEST(CmcdPlayers, DashJsReckonsWithHalfASecondWhenTheBufferIsEmpty) {
  CmcdMoment m = moment_of(CmcdPlayer::kDashJs);
  m.buffer = 0s;
  EXPECT_THAT(text_of(m), HasSubstr("rtp=50100"));  // 2500.9 x 2 / 0.5 x 5 = 50018
}

TEST(CmcdPlayers, DashJsCallsInitsAndFirstSegmentsUrgent) {
  EXPECT_EQ(text_of(moment_of(CmcdPlayer::kDashJs, RequestKind::kInit)), "ot=i,sf=d,sid=\"s\",st=l,su");
  CmcdMoment m = moment_of(CmcdPlayer::kDashJs);
  m.first_of_track = true;
  EXPECT_THAT(text_of(m), HasSubstr(",su,"));
}

TEST(CmcdPlayers, DashJsMeasuresItsStartFromTheManifestRequest) {
  CmcdMoment m = first_moment(CmcdPlayer::kDashJs);
  EXPECT_THAT(text_of(m, 2), Not(HasSubstr("msd")));
  m.since_begin = 14ms;
  EXPECT_THAT(text_of(m, 2), HasSubstr("msd=14"));
}

TEST(CmcdPlayers, ShakaSaysThatItsListingsAreOnDemand) {
  EXPECT_EQ(text_of(first_moment(CmcdPlayer::kShaka)), "ot=m,sf=d,sid=\"s\",st=v,su");
  EXPECT_EQ(text_of(moment_of(CmcdPlayer::kShaka, RequestKind::kPlaylist)), "ot=m,sf=h,sid=\"s\",st=v");
}

TEST(CmcdPlayers, ShakaDescribesVideo) {
  // rtp: 2 s at 2500.9 kbit/s within 8.17 s, times 5, is 3061.
  EXPECT_EQ(text_of(moment_of(CmcdPlayer::kShaka)),
            "bl=8200,br=2501,d=2000,dl=8200,nor=\"7.m4s\",ot=v,rtp=3100,sf=h,sid=\"s\",st=l,tb=5000");
}

TEST(CmcdPlayers, ShakaReportsNoStarvation) {
  CmcdMoment m = moment_of(CmcdPlayer::kShaka);
  m.starved = m.stalled = true;
  EXPECT_THAT(text_of(m), Not(HasSubstr("bs")));
  EXPECT_THAT(text_of(m, 2), HasSubstr("sta=r"));
}

TEST(CmcdPlayers, ShakaReportsItsStartupTimeOnce) {
  CmcdMoment m = moment_of(CmcdPlayer::kShaka);
  m.delay_reported = false;
  EXPECT_THAT(text_of(m, 2), HasSubstr("msd=800"));
  EXPECT_THAT(text_of(moment_of(CmcdPlayer::kShaka), 2), Not(HasSubstr("msd")));
}

TEST(CmcdPlayers, OthersSayAllTheyKnow) {
  CmcdMoment m = moment_of(CmcdPlayer::kStandard);
  m.starved = true;
  m.delay_reported = false;
  EXPECT_EQ(text_of(m, 2),
            "bl=(8200;v),br=(2501;v),bs,d=2000,dl=8200,ltc=6123,msd=800,mtp=(7400),nor=(\"7.m4s\"),ot=v,rtp=3100,sf=h,sid=\"s\",sn=9,st=l,"
            "sta=p,tb=(5000;v),v=2");
}

Fetch cmcd_fetch(RequestKind kind) {
  Fetch request;
  request.kind = kind;
  request.url = kCmcdSegmentUrl;
  return request;
}

TEST(CmcdReporter, WritesIntoTheUrlOrTheHeaderFields) {
  CmcdReporter query{{.setting = {1, CmcdSending::kQuery}, .session = "s", .content = ""}, CmcdPlayer::kDashJs};
  Fetch first = cmcd_fetch(RequestKind::kManifest);
  query.report(first, {});
  EXPECT_EQ(first.url, std::string{kCmcdSegmentUrl} + "?CMCD=ot%3Dm%2Csid%3D%22s%22");
  EXPECT_TRUE(first.headers.empty());
  CmcdReporter header{{.setting = {1, CmcdSending::kHeader}, .session = "s", .content = ""}, CmcdPlayer::kDashJs};
  Fetch second = cmcd_fetch(RequestKind::kManifest);
  header.report(second, {});
  EXPECT_EQ(second.url, kCmcdSegmentUrl);
  EXPECT_THAT(second.headers, ElementsAre(Pair("CMCD-Object", "ot=m"), Pair("CMCD-Session", "sid=\"s\"")));
}

TEST(CmcdReporter, LeavesTokenRequestsAlone) {
  CmcdReporter reporter{{.setting = {2, CmcdSending::kQuery}, .session = "s", .content = ""}, CmcdPlayer::kStandard};
  Fetch token = cmcd_fetch(RequestKind::kTokenRefresh);
  reporter.report(token, {});
  EXPECT_EQ(token.url, kCmcdSegmentUrl);
}

// What one reporter writes, request by request, as decoded text would be read.
class CmcdReports {
 public:
  explicit CmcdReports(CmcdPlayer player) : reporter{{.setting = {2, CmcdSending::kHeader}, .session = "s", .content = ""}, player} {}
  std::string of(RequestKind kind) {
    Fetch sent = cmcd_fetch(kind);
    reporter.report(sent, moment_of(CmcdPlayer::kStandard));
    std::string text;
    for (const auto& [name, value] : sent.headers) text += name + ": " + value + ",\n";
    return text;
  }
  CmcdReporter reporter;
};

TEST(CmcdReporter, CountsTheRequestsOfASession) {
  CmcdReports reports{CmcdPlayer::kHlsJs};
  EXPECT_THAT(reports.of(RequestKind::kManifest), HasSubstr("sn=0,"));
  EXPECT_THAT(reports.of(RequestKind::kVideo), HasSubstr("sn=1,"));
}

TEST(CmcdReporter, ReportsAStallOnce) {
  CmcdReports reports{CmcdPlayer::kHlsJs};
  reports.reporter.ran_dry(TrackKind::kAudio);
  reports.reporter.ran_dry(TrackKind::kVideo);
  EXPECT_THAT(reports.of(RequestKind::kPlaylist), Not(HasSubstr("bs,")));
  EXPECT_THAT(reports.of(RequestKind::kVideo), HasSubstr("bs,"));
  EXPECT_THAT(reports.of(RequestKind::kVideo), Not(HasSubstr("bs,")));
}

TEST(CmcdReporter, ReportsAStallForEachTrackInDashJs) {
  CmcdReports reports{CmcdPlayer::kDashJs};
  reports.reporter.ran_dry(TrackKind::kAudio);
  reports.reporter.stall_ended(1'500ms);
  EXPECT_THAT(reports.of(RequestKind::kAudio), HasSubstr("bs,"));
  EXPECT_THAT(reports.of(RequestKind::kVideo), HasSubstr("bsd=(1500;v)"));
  EXPECT_THAT(reports.of(RequestKind::kVideo), Not(HasSubstr("bs")));
}

TEST(CmcdReporter, ReportsTheStartupTimeOnce) {
  CmcdReports reports{CmcdPlayer::kShaka};
  EXPECT_THAT(reports.of(RequestKind::kVideo), HasSubstr("msd=800"));
  EXPECT_THAT(reports.of(RequestKind::kVideo), Not(HasSubstr("msd")));
}

TEST(CmcdSessionId, EndsWithTheViewersNumber) {
  const std::string id = cmcd_session_id(7, base::ViewerId{42});
  EXPECT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '8');
  EXPECT_EQ(id.substr(24), "00000000002a");
  EXPECT_EQ(id.substr(0, 23), cmcd_session_id(7, base::ViewerId{1}).substr(0, 23));
  EXPECT_NE(id, cmcd_session_id(8, base::ViewerId{42}));
}

}  // namespace
}  // namespace harness
