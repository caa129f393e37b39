// PlayerSession on manifests that are wrong, hostile or beyond it (tests/data/manifests): it fails with a reason, or plays what there
// is; it never asks without end.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "harness/player/fake_stream.h"
#include "harness/player/site.h"
#include "media/mp4_boxes.h"

namespace harness::test {
namespace {

std::string stored(const std::string& name) {
  const std::ifstream file{std::string{REHEARSAL_SOURCE_DIR} + "/tests/data/manifests/" + name};
  EXPECT_TRUE(file) << name;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string sidx(std::uint64_t reference, std::uint64_t duration) {
  using namespace media;
  return full_box("sidx", 0, 0, u32(1) + u32(1000) + u32(0) + u32(0) + u16(0) + u16(1) + u32(reference) + u32(duration) + u32(0));
}

// Answers with the stored files; media is there.
Reply answer(base::Instant now, const Fetch& fetch) {
  static const Site indexes{{{"http://s/index/page", {.status = 206, .body = "<html>no such file anywhere, we are sorry"}},
                             {"http://s/index/nobytes", {.status = 206, .body = sidx(0, 4000)}},
                             {"http://s/index/nested", {.status = 206, .body = sidx(0x8000'0064, 4000)}},
                             {"http://s/index/short", {.status = 200, .body = "short"}}}};
  const std::string name = fetch.url->substr(fetch.url->rfind('/') + 1);
  const bool listing = ends_with(name, ".m3u8") || ends_with(name, ".mpd");
  if (!listing || name == "nowhere.m3u8") return indexes(now, fetch);
  return {.body = stored(name), .took = 10ms};
}

PlayerScript opened(const std::string& name, ContentKind content = ContentKind::kVod) {
  const auto protocol = ends_with(name, ".mpd") ? StreamingProtocol::kDash : StreamingProtocol::kHls;
  return PlayerScript{PlayerScript::config(device(protocol), "http://s/" + name, content)};
}

struct Bad {
  const char* file;
  const char* reason;
  bool at_once = false;  // asking again would bring the same
};

const Bad kBad[] = {
    {"truncated.m3u8", "line 8: EXTINF: no URI follows on the manifest request (http://s/truncated.m3u8)"},
    {"cut_in_a_tag.m3u8", "line 2: EXT-X-STREAM-INF: the quote of CODECS is not closed"},
    {"error_page.m3u8", "line 1: a playlist must start with #EXTM3U"},
    {"empty.m3u8", "line 1: a playlist must start with #EXTM3U"},
    {"encrypted.m3u8", "the stream is encrypted (EXT-X-KEY METHOD=AES-128, line 7): not supported", true},
    {"session_key.m3u8", "the stream is encrypted (EXT-X-SESSION-KEY METHOD=SAMPLE-AES, line 2): not supported", true},
    {"variables.m3u8", "the playlist uses variables (EXT-X-DEFINE, line 2): not supported", true},
    {"trick_play.m3u8", "the playlist is for trick play (EXT-X-I-FRAMES-ONLY, line 4): not supported", true},
    {"negative_duration.m3u8", "line 4: EXTINF: \"-4.0\" is not a number of seconds"},
    {"no_target_duration.m3u8", "the media playlist has no EXT-X-TARGETDURATION"},
    {"nothing_listed.m3u8", "the playlist lists nothing that can be played"},
    {"no_length.m3u8", "the playlist lists nothing that can be played"},
    {"lists_itself.m3u8", "the playlist lists itself as a segment"},
    {"variant_of_itself.m3u8", "a media playlist was expected, a multivariant playlist came"},
    {"missing_variant.m3u8", "HTTP 404 on the playlist request (http://s/nowhere.m3u8)"},
    {"missing_audio.m3u8", "HTTP 404 on the playlist request (http://s/nowhere.m3u8)"},
    {"impossible_range.m3u8", "is not a byte range"},
    {"missing_init.m3u8", "HTTP 404 on the init request (http://s/nowhere)"},
    {"missing_segment.m3u8", "HTTP 404 on the video request (http://s/nowhere)"},
    {"truncated.mpd", "not well-formed XML"},
    {"error_page.mpd", "the root element is \"html\", not MPD"},
    {"no_period.mpd", "MPD: has no Period"},
    {"encrypted.mpd", "the stream is encrypted (MPD/Period[1]/AdaptationSet[1]/ContentProtection[1]): not supported", true},
    {"remote_period.mpd", "part of the manifest lies elsewhere (MPD/Period[1]@xlink:href): not supported", true},
    {"no_addressing.mpd", "SegmentBase@indexRange (MPD/Period[1]/AdaptationSet[1]/Representation[1]): not supported", true},
    {"index_elsewhere.mpd", "RepresentationIndex[1]): not supported", true},
    {"negative_length.mpd", "MPD@mediaPresentationDuration: \"-PT8S\" is not a duration"},
    {"negative_segment.mpd", "@d: \"-4\" is not a whole number"},
    {"endless.mpd", "a static manifest lists segments without an end"},
    {"countless_segments.mpd", "has more than 200000 segments"},
    {"next_century.mpd", "a dynamic manifest without a usable availabilityStartTime"},
    {"no_start_time.mpd", "MPD@availabilityStartTime: is missing in a dynamic MPD"},
    {"no_video_no_audio.mpd", "has no AdaptationSet with audio or video"},
    {"index_page.mpd", "is cut short"},
    {"index_nobytes.mpd", "reference 1 of the sidx has no bytes"},
    {"index_nested.mpd", "a segment index of segment indexes (sidx, reference 1): not supported", true},
    {"index_short.mpd", "the server sent neither the range asked for nor a file that holds it"},
    {"index_nowhere.mpd", "HTTP 404 on the playlist request (http://s/index/nowhere)"},
};

void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.file; }

class BadManifest : public testing::TestWithParam<Bad> {};

TEST_P(BadManifest, EndsTheSessionWithAReason) {
  for (const ContentKind content : {ContentKind::kVod, ContentKind::kLive}) {
    PlayerScript player = opened(GetParam().file, content);
    player.begins().lives(300s, answer).expects_finish(Ending::kFailed, GetParam().reason);
    EXPECT_LE(player.asked().size(), 20u) << player.steps();
    EXPECT_LE(player.finished_at() - PlayerScript::kStart, GetParam().at_once ? 1s : 40s);
    EXPECT_EQ(player.totals().failure, player.finished()->reason);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, BadManifest, testing::ValuesIn(kBad), [](const auto& row) {
  std::string name = row.param.file;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST(OddManifest, IsPlayedForWhatItLists) {
  const std::pair<const char*, base::Duration> rows[] = {
      {"unknown_group.m3u8", 8s}, {"dates_go_back.m3u8", 8s},  {"longer_than_declared.m3u8", 41s},
      {"times_go_back.mpd", 4s},  {"periods_overlap.mpd", 8s}, {"audio_ends_early.mpd", 8s},
  };
  for (const auto& [file, length] : rows) {
    PlayerScript player = opened(file);
    player.begins().lives(300s, answer).expects_finish(Ending::kContentEnded);
    EXPECT_EQ(player.totals().played, length) << file << "\n" << player.steps();
  }
}

std::string countless(const std::string& head, const std::function<std::string(int)>& entry, const std::string& tail = {}) {
  std::string text = head;
  for (int i = 0; i < 10'000; ++i) text += entry(i);
  return text + tail;
}

TEST(HugeManifest, EndsTheSessionWithAReason) {
  const std::string variants =
      countless("#EXTM3U\n", [](int i) { return fmt::format("#EXT-X-STREAM-INF:BANDWIDTH={}\n{}.m3u8\n", i + 1, i); });
  const std::string representations = countless(
      R"(<MPD mediaPresentationDuration="PT8S"><Period><AdaptationSet mimeType="video/mp4"><SegmentTemplate media="$Number$" duration="4"/>)",
      [](int i) { return fmt::format(R"(<Representation id="{0}" bandwidth="{1}"/>)", i, i + 1); }, "</AdaptationSet></Period></MPD>");
  const std::string beyond_the_limit = "#EXTM3U\n" + std::string(17'000'000, '\n');
  const std::tuple<const char*, Reply, const char*> rows[] = {
      {"m.m3u8", {.body = variants}, "lists more than 500 variants"},
      {"m.mpd", {.body = representations}, "lists more than 500 renditions"},
      {"m.m3u8", {.body = beyond_the_limit}, "a listing of more than 16 MiB"},
      {"m.m3u8", {.failure = "too-large"}, "a listing of more than 16 MiB"},
      {"m.mpd", {.failure = "redirects"}, "a loop of redirects on the manifest request (http://s/m.mpd)"},
  };
  for (const auto& [name, reply, reason] : rows) {
    PlayerScript player = opened(name);
    player.begins().lives(300s, [&](base::Instant, const Fetch&) { return reply; }).expects_finish(Ending::kFailed, reason);
  }
}

TEST(HugeManifest, IsPlayedWithCountlessBackups) {
  const std::string master =
      countless("#EXTM3U\n", [](int i) { return fmt::format("#EXT-X-STREAM-INF:BANDWIDTH=1000\nhttp://h{}/nowhere.m3u8\n", i); });
  PlayerScript player = opened("m.m3u8");
  player.begins().lives(300s, [&](base::Instant now, const Fetch& fetch) {
    return ends_with(fetch.url, "/m.m3u8") ? Reply{.body = master} : answer(now, fetch);
  });
  player.expects_finish(Ending::kFailed, "HTTP 404 on the playlist request");
  EXPECT_LE(player.asked().size(), 20u);
}

// A server whose caches disagree: every other listing is a minute old.
TEST(BadLiveStream, MayGoBackInTime) {
  for (const auto protocol : {StreamingProtocol::kHls, StreamingProtocol::kDash}) {
    FakeStream stream;
    int listings = 0;
    const Responder torn = [&](base::Instant now, const Fetch& fetch) {
      const bool old = fetch.keep_body && ++listings % 2 == 0;
      return stream(old ? now - 60s : now, fetch);
    };
    PlayerScript player =
        playing(protocol == StreamingProtocol::kHls ? "http://s/master.m3u8" : "http://s/manifest.mpd", protocol, ContentKind::kLive);
    player.begins().lives(120s, torn);
    EXPECT_LE(player.asked().size(), 600u);
    EXPECT_TRUE(!player.finished() || !player.finished()->reason.empty());
  }
}

TEST(BadSegment, WithoutAByteIsAFailure) {
  const Responder hollow = [](base::Instant now, const Fetch& fetch) {
    Reply reply = answer(now, fetch);
    if (!fetch.keep_body) reply.bytes = {};
    return reply;
  };
  PlayerScript player = opened("no_audio_group.m3u8");
  player.begins().lives(60s, hollow).expects_finish(Ending::kFailed, "an empty answer on the video request (http://s/0.ts)");
}

TEST(BadSegment, OfAnySizeIsPlayedAsLongAsItIsDeclared) {
  for (const base::ByteCount size : {1_B, 1'000'000'000'000_B}) {
    const Responder odd = [&](base::Instant now, const Fetch& fetch) {
      Reply reply = answer(now, fetch);
      if (!fetch.keep_body) reply.bytes = size;
      return reply;
    };
    PlayerScript player = opened("no_audio_group.m3u8");
    player.begins().lives(60s, odd).expects_finish(Ending::kContentEnded);
    EXPECT_EQ(player.totals().played, base::Duration{8s});
  }
}

}  // namespace
}  // namespace harness::test
