#include "harness/transport/reference_model.h"

#include <gtest/gtest.h>

#include "base/json_reader.h"
#include "base/virtual_timeline.h"
#include "media/dash.h"
#include "media/hls.h"

namespace harness {
namespace {

using namespace base::literals;
using base::Instant;

constexpr Instant kStart = base::VirtualTimeline::kStart;

class ReferenceModelTest : public testing::Test {
 protected:
  static ReferenceModel::Options options(bool live) {
    ReferenceModel::Options options;
    options.live = live;
    options.wall = {kStart, base::UtcTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}}};
    return options;
  }
  ModelReply get(Instant now, const std::string& path, const std::string& token = "") {
    TransportRequest request{.url = "http://model" + path};
    if (!token.empty()) request.headers = {{"Authorization", "Bearer " + token}};
    return model_.reply(now, request);
  }
  base::Json post(Instant now, const std::string& path, const base::Json& body) {
    last_ = model_.reply(now, {.method = "POST", .url = "http://model" + path, .body = body.dump()});
    return last_.status == 200 ? *base::parse_json(last_.body) : base::Json{};
  }
  base::Json new_token(Instant now) { return post(now, "/v1/tokens", {{"stream", "main"}, {"subject", "v"}, {"group", "tv"}}); }
  media::HlsMediaPlaylist playlist(Instant now) {
    return std::get<media::HlsMediaPlaylist>(*media::parse_hls(get(now, "/live/main/video-720p/playlist.m3u8").body));
  }
  std::vector<std::int64_t> gaps(Instant now) {
    const media::HlsMediaPlaylist listed = playlist(now);
    std::vector<std::int64_t> numbers;
    for (std::size_t i = 0; i < listed.segments.size(); ++i)
      if (listed.segments[i].gap) numbers.push_back(listed.media_sequence + static_cast<std::int64_t>(i));
    return numbers;
  }
  std::int64_t last_listed(Instant now) {
    const media::HlsMediaPlaylist listed = playlist(now);
    return listed.media_sequence + static_cast<std::int64_t>(listed.segments.size()) - 1;
  }
  ReferenceModel model_{options(true)};
  ModelReply last_;
};

TEST_F(ReferenceModelTest, IsNotReadyBeforeThreeSegments) {
  const ModelReply early = get(kStart + 5999ms, "/live/main/master.m3u8");
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(early.retry_after, base::Duration{1s});
  EXPECT_EQ(get(kStart + 6s, "/live/main/master.m3u8").status, 200);
}

TEST_F(ReferenceModelTest, ALoginTakesLongerThanAPage) {
  ReferenceModel::Options slow = options(false);
  slow.think = 1ms;
  slow.login_think = 9ms;
  ReferenceModel model{slow};
  EXPECT_EQ(model.reply(kStart, {.method = "POST", .url = "http://model/v1/login", .body = "{}"}).think, 9ms);
  EXPECT_EQ(model.reply(kStart, {.url = "http://model/login"}).think, 1ms);
}

// As server/delivery says it: media_site_test.cc.
TEST_F(ReferenceModelTest, SaysWhatABrowserMayKeepAndForHowLong) {
  const auto max_age = [&](const std::string& path) { return get(kStart + 20s, path).caching.max_age; };
  EXPECT_EQ(max_age("/live/main/video-720p/init.mp4"), 365 * 24h);
  EXPECT_EQ(max_age("/live/main/video-720p/5.m4s"), 365 * 24h);
  EXPECT_EQ(max_age("/live/main/video-720p/playlist.m3u8"), 1s);
  EXPECT_EQ(max_age("/live/main/manifest.mpd"), 1s);
  EXPECT_EQ(max_age("/static/hls.min.js"), 1h);
  EXPECT_TRUE(get(kStart + 20s, "/watch/main").caching.no_cache);
  EXPECT_TRUE(get(kStart + 20s, "/login").caching.no_store);
  EXPECT_TRUE(get(kStart + 20s, "/time").caching.no_store);
  EXPECT_EQ(get(kStart + 20'300ms, "/live/main/master.m3u8").caching.date, options(true).wall.utc + 20s);
}

TEST_F(ReferenceModelTest, AnswersAConditionByWhatThePlaylistSays) {
  const auto ask = [&](Instant now, const std::string& tag) {
    return model_.reply(now, {.url = "http://model/live/main/audio/playlist.m3u8", .headers = {{"If-None-Match", tag}}});
  };
  const std::string tag = get(kStart + 20s, "/live/main/audio/playlist.m3u8").caching.etag;
  const ModelReply same = ask(kStart + 21s, tag), later = ask(kStart + 22s, tag);
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.bytes, 0_B);
  EXPECT_TRUE(same.body.empty());
  EXPECT_EQ(same.caching.max_age, 1s);
  EXPECT_EQ(later.status, 200);
  EXPECT_NE(later.caching.etag, tag);
}

TEST_F(ReferenceModelTest, HasThePagesOfItsChannelsAndOfNoOther) {
  ReferenceModel::Options two = options(true);
  two.channels = 2;
  ReferenceModel model{two};
  const auto ask = [&](const std::string& path) { return model.reply(kStart, {.url = "http://model" + path}); };
  for (const char* page : {"/watch/", "/embed/"}) {
    EXPECT_NE(ask(page + std::string{"main"}).body->find("/live/main/"), std::string::npos);
    EXPECT_NE(ask(page + std::string{"main-2"}).body->find("/live/main-2/"), std::string::npos);
    EXPECT_EQ(ask(page + std::string{"main-3"}).status, 404);
  }
}

TEST_F(ReferenceModelTest, AnAccountMaySeeEveryChannel) {
  ReferenceModel::Options two = options(true);
  two.channels = 2;
  ReferenceModel model{two};
  const auto login = base::parse_json(model.reply(kStart, {.method = "POST", .url = "http://model/v1/login", .body = "{}"}).body);
  const std::string session = (*login)["session"];
  const auto ask = [&](std::string bearer) {
    return model.reply(kStart, {.url = "http://model/v1/entitlements", .headers = {{"Authorization", "Bearer " + bearer}}});
  };
  const auto entitled = base::parse_json(ask(session).body);
  ASSERT_TRUE(entitled.has_value());
  EXPECT_EQ((*entitled)["streams"][0]["name"], "main");
  EXPECT_EQ((*entitled)["streams"][1]["name"], "main-2");
  EXPECT_EQ(ask("another").status, 401);
}

TEST_F(ReferenceModelTest, ListsTheRungsFromHighToLowWithSeparateAudio) {
  const auto master = std::get<media::HlsMultivariantPlaylist>(*media::parse_hls(get(kStart + 6s, "/live/main/master.m3u8").body));
  ASSERT_EQ(master.variants.size(), 3u);
  EXPECT_EQ(master.variants[0].uri, "video-720p/playlist.m3u8");
  EXPECT_GT(master.variants[0].bandwidth, 2500_kbps + 128_kbps);
  EXPECT_EQ(master.variants[2].height, 240);
  EXPECT_EQ(master.renditions.at(0).uri, "audio/playlist.m3u8");
}

TEST_F(ReferenceModelTest, CutsAndEncodesAsItIsTold) {
  ReferenceModel::Options shape = options(true);
  shape.ladder = {{1280, 720, 3_Mbps}, {1920, 1080, 6_Mbps}, {1920, 1080, 4500_kbps}};
  shape.segment_duration = 6s;
  shape.listed_segments = 5;
  ReferenceModel model{shape};
  const auto ask = [&](const std::string& path) { return model.reply(kStart + 63s, {.url = "http://model/live/main/" + path}); };
  const auto master = std::get<media::HlsMultivariantPlaylist>(*media::parse_hls(ask("master.m3u8").body));
  ASSERT_EQ(master.variants.size(), 3u);
  EXPECT_EQ(master.variants[0].uri, "video-720p/playlist.m3u8");
  EXPECT_EQ(master.variants[2].uri, "video-1080p-2/playlist.m3u8");
  const auto listed = std::get<media::HlsMediaPlaylist>(*media::parse_hls(ask("video-1080p/playlist.m3u8").body));
  EXPECT_EQ(listed.target_duration, 6s);
  EXPECT_EQ(listed.segments.size(), 5u);
  EXPECT_EQ(listed.hold_back, base::Duration{18s});
  EXPECT_NEAR(static_cast<double>(ask("video-1080p/9.m4s").bytes.count()), 6 * 6e6 / 8, 6 * 6e6 / 8 * 0.25);
  const media::DashManifest manifest = *media::parse_mpd(ask("manifest.mpd").body);
  EXPECT_EQ(manifest.minimum_update_period, base::Duration{6s});
  EXPECT_EQ(ask("video-1080p-2/t4860000.m4s").bytes, ask("video-1080p-2/9.m4s").bytes);
}

TEST_F(ReferenceModelTest, MuxesTheAudioIntoTheSegmentsOfEveryRung) {
  ReferenceModel::Options muxed = options(true);
  muxed.ladder = {{1280, 720, 2500_kbps}};
  muxed.audio = 500_kbps;
  ReferenceModel apart{muxed};
  muxed.audio_muxed = true;
  ReferenceModel model{muxed};
  const auto ask = [](ReferenceModel& of, const std::string& path) {
    return of.reply(kStart + 8s, {.url = "http://model/live/main/" + path});
  };
  const auto master = std::get<media::HlsMultivariantPlaylist>(*media::parse_hls(ask(model, "master.m3u8").body));
  EXPECT_TRUE(master.renditions.empty());
  EXPECT_TRUE(master.variants.at(0).audio_group.empty());
  EXPECT_EQ(master.variants[0].average_bandwidth, 3000_kbps);
  EXPECT_EQ(ask(model, "audio/playlist.m3u8").status, 404);
  const base::ByteCount audio = ask(model, "video-720p/1.m4s").bytes - ask(apart, "video-720p/1.m4s").bytes;
  EXPECT_NEAR(static_cast<double>(audio.count()), 2 * 500e3 / 8, 2 * 500e3 / 8 * 0.05);
}

TEST_F(ReferenceModelTest, KeepsAWindowOfEightSegments) {
  const media::HlsMediaPlaylist listed = playlist(kStart + 31s);
  EXPECT_EQ(listed.segments.size(), 8u);
  EXPECT_EQ(listed.media_sequence, 7);
  EXPECT_EQ(listed.hold_back, base::Duration{6s});
  EXPECT_FALSE(listed.ended);
}

TEST_F(ReferenceModelTest, ListsASegmentOnceItsSlotHasPassed) {
  EXPECT_EQ(playlist(kStart + 8s - 1ns).segments.size(), 3u);
  EXPECT_EQ(playlist(kStart + 8s).segments.size(), 4u);
}

TEST_F(ReferenceModelTest, ASegmentIsThereFromItsListingUntilOneWindowMore) {
  EXPECT_EQ(get(kStart + 8s - 1ns, "/live/main/audio/3.m4s").status, 404);
  EXPECT_EQ(get(kStart + 8s, "/live/main/audio/3.m4s").status, 200);
  EXPECT_EQ(get(kStart + 8s + 32s - 1ns, "/live/main/audio/3.m4s").status, 200);
  EXPECT_EQ(get(kStart + 8s + 32s, "/live/main/audio/3.m4s").status, 404);
}

// Slot 11 has passed at 24 s.
TEST_F(ReferenceModelTest, HoldsAPlaylistUntilItListsWhatIsAskedFor) {
  ReferenceModel::Options blocking = options(true);
  blocking.blocking_reload = true;
  ReferenceModel model{blocking};
  const Instant now = kStart + 22500ms;
  const auto held = [&](const std::string& path) { return model.held_until(now, {.url = "http://model/live/main" + path}) - kStart; };
  EXPECT_EQ(held("/audio/playlist.m3u8?_HLS_msn=11"), 24s);
  EXPECT_EQ(held("/audio/playlist.m3u8?CMCD=x&_HLS_msn=12"), 26s);
  EXPECT_EQ(held("/audio/playlist.m3u8?_HLS_msn=10"), 22500ms) << "it is there";
  EXPECT_EQ(held("/audio/playlist.m3u8?_HLS_msn=13"), 22500ms) << "too far ahead";
  EXPECT_EQ(held("/audio/playlist.m3u8?_HLS_msn=99999999999999999999"), 22500ms);
  EXPECT_EQ(held("/audio/playlist.m3u8?_HLS_msn=x"), 22500ms);
  EXPECT_EQ(held("/audio/playlist.m3u8"), 22500ms);
  EXPECT_EQ(held("/audio/12.m4s?_HLS_msn=11"), 22500ms);
  EXPECT_EQ(model_.held_until(now, {.url = "http://model/live/main/audio/playlist.m3u8?_HLS_msn=11"}), now) << "not asked to";

  const TransportRequest request{.url = "http://model/live/main/audio/playlist.m3u8?_HLS_msn=11"};
  const auto listed = std::get<media::HlsMediaPlaylist>(*media::parse_hls(model.reply(kStart + 24s, request).body));
  EXPECT_TRUE(listed.can_block_reload);
  EXPECT_EQ(listed.media_sequence + static_cast<std::int64_t>(listed.segments.size()) - 1, 11);
  EXPECT_EQ(model.reply(now, {.url = "http://model/live/main/audio/playlist.m3u8?_HLS_msn=13"}).status, 400);
  EXPECT_FALSE(playlist(now).can_block_reload);
}

TEST_F(ReferenceModelTest, SegmentsAreAsLargeAsTheirRung) {
  base::ByteCount sum;
  for (int n = 0; n < 100; ++n) sum += get(kStart + 2s * (n + 3), "/live/main/video-480p/" + std::to_string(n) + ".m4s").bytes;
  EXPECT_NEAR(static_cast<double>(sum.count()), 100 * 275'000, 100 * 275'000 * 0.03);
  EXPECT_EQ(get(kStart + 8s, "/live/main/video-480p/1.m4s").bytes, get(kStart + 9s, "/live/main/video-480p/t180000.m4s").bytes);
}

TEST_F(ReferenceModelTest, TheSlotInWhichTheFeedDiesIsCompleted) {
  model_.lose(kStart + 11s, kStart + 11s);  // in slot 5
  EXPECT_EQ(gaps(kStart + 16s), (std::vector<std::int64_t>{6, 7}));
  EXPECT_EQ(get(kStart + 16s, "/live/main/audio/5.m4s").status, 200);
  EXPECT_EQ(get(kStart + 16s, "/live/main/audio/6.m4s").status, 404);
}

TEST_F(ReferenceModelTest, TheSlotInWhichTheFeedReturnsIsLost) {
  model_.lose(kStart + 11s, kStart + 11s);
  model_.resume(kStart + 15s);  // in slot 7
  EXPECT_EQ(gaps(kStart + 20s), (std::vector<std::int64_t>{6, 7}));
}

TEST_F(ReferenceModelTest, AnOutageInsideOneSlotLeavesNoGap) {
  model_.lose(kStart + 10s + 200ms, kStart + 10s + 200ms);
  model_.resume(kStart + 11s);
  EXPECT_TRUE(gaps(kStart + 20s).empty());
}

TEST_F(ReferenceModelTest, AnOutageFromSlotToSlotLosesThoseSlotsOnly) {
  model_.lose(kStart + 10s, kStart + 10s);
  model_.resume(kStart + 14s);
  EXPECT_EQ(gaps(kStart + 20s), (std::vector<std::int64_t>{5, 6}));
}

TEST_F(ReferenceModelTest, WhatIsHaltedIsListedWhenItGoesOn) {
  model_.halt(kStart + 11s, {kStart + 15s});  // in slot 5
  EXPECT_EQ(last_listed(kStart + 14s), 4);
  EXPECT_EQ(get(kStart + 14s, "/live/main/audio/5.m4s").status, 404);
  model_.resume(kStart + 15s);
  EXPECT_EQ(last_listed(kStart + 15s), 6);
  EXPECT_TRUE(gaps(kStart + 15s).empty());
  EXPECT_EQ(get(kStart + 15s, "/live/main/audio/6.m4s").status, 200);
}

TEST_F(ReferenceModelTest, WhatIsHaltedAndLostIsAGap) {
  model_.halt(kStart + 11s, {kStart + 15s});
  model_.lose(kStart + 11s, kStart + 11s);
  EXPECT_EQ(last_listed(kStart + 16s), 7);
  EXPECT_EQ(gaps(kStart + 16s), (std::vector<std::int64_t>{6, 7}));
}

TEST_F(ReferenceModelTest, APlaylistIsHeldThroughAHalt) {
  ReferenceModel::Options blocking = options(true);
  blocking.blocking_reload = true;
  ReferenceModel model{blocking};
  model.halt(kStart + 21s, {kStart + 25s});  // in slot 10
  const auto held = [&](int number) {
    return model.held_until(kStart + 21500ms, {.url = "http://model/live/main/audio/playlist.m3u8?_HLS_msn=" + std::to_string(number)}) -
           kStart;
  };
  EXPECT_EQ(held(9), 21500ms) << "it is there";
  EXPECT_EQ(held(10), 25s);
  EXPECT_EQ(held(11), 25s);
}

TEST_F(ReferenceModelTest, APlaylistIsHeldUntilTheSlotThatWasBegunIsCompleted) {
  ReferenceModel::Options blocking = options(true);
  blocking.blocking_reload = true;
  ReferenceModel model{blocking};
  const auto held = [&](base::Duration at, int number) {
    return model.held_until(kStart + at, {.url = "http://model/live/main/audio/playlist.m3u8?_HLS_msn=" + std::to_string(number)}) - kStart;
  };
  model.halt(kStart + 20100ms, {kStart + 20600ms, true});  // in slot 10
  EXPECT_EQ(held(20200ms, 10), 20600ms);
  EXPECT_EQ(held(20200ms, 11), 24s);
  model.lose(kStart + 20100ms, kStart + 20600ms);
  EXPECT_EQ(held(20700ms, 10), 20700ms);
  EXPECT_EQ(held(20700ms, 12), 26s) << "not too far ahead";
}

TEST_F(ReferenceModelTest, TheManifestLeavesAHoleForAGap) {
  model_.lose(kStart + 11s, kStart + 11s);
  model_.resume(kStart + 15s);
  const media::DashManifest manifest = *media::parse_mpd(get(kStart + 20s, "/live/main/manifest.mpd").body);
  const auto& timeline = manifest.periods.at(0).adaptation_sets.at(0).representations.at(0).segments.timeline;
  ASSERT_EQ(timeline.size(), 2u);
  EXPECT_EQ(timeline[0].start + (timeline[0].repeat + 1) * timeline[0].duration, 6 * 180'000);
  EXPECT_EQ(timeline[1].start, 8 * 180'000);
}

TEST_F(ReferenceModelTest, TheManifestIsNeverEmptyThroughALongOutage) {
  model_.lose(kStart + 11s, kStart + 11s);
  const media::DashManifest manifest = *media::parse_mpd(get(kStart + 100s, "/live/main/manifest.mpd").body);
  EXPECT_EQ(manifest.periods.at(0).adaptation_sets.at(0).representations.at(0).segments.timeline.at(0).start, 5 * 180'000);
  EXPECT_EQ(get(kStart + 100s, "/live/main/video-720p/t900000.m4s").status, 200);
}

TEST_F(ReferenceModelTest, VodIsCompleteFromTheStart) {
  ReferenceModel vod{options(false)};
  const ModelReply reply = vod.reply(kStart, {.url = "http://model/vod/main/audio/playlist.m3u8"});
  const auto listed = std::get<media::HlsMediaPlaylist>(*media::parse_hls(reply.body));
  EXPECT_TRUE(listed.ended);
  EXPECT_EQ(listed.playlist_type, "VOD");
  EXPECT_EQ(listed.segments.size(), 30u);
  const media::DashManifest manifest = *media::parse_mpd(vod.reply(kStart, {.url = "http://model/vod/main/manifest.mpd"}).body);
  EXPECT_EQ(manifest.duration, base::Duration{60s});
}

TEST_F(ReferenceModelTest, NeedsNoTokenButChecksOneThatIsShown) {
  EXPECT_EQ(get(kStart + 6s, "/live/main/master.m3u8").status, 200);
  EXPECT_EQ(get(kStart + 6s, "/live/main/master.m3u8", "nonsense").status, 401);
  const std::string token = new_token(kStart + 6s)["access_token"];
  EXPECT_EQ(get(kStart + 6s, "/live/main/master.m3u8", token).status, 200);
}

TEST_F(ReferenceModelTest, ATokenExpires) {
  const base::Json grant = new_token(kStart + 6s);
  EXPECT_EQ(grant["expires_in"], 60);
  EXPECT_EQ(get(kStart + 66s - 1ns, "/live/main/audio/init.mp4", grant["access_token"]).status, 200);
  EXPECT_EQ(get(kStart + 66s, "/live/main/audio/init.mp4", grant["access_token"]).status, 401);
}

TEST_F(ReferenceModelTest, ExpiringAGroupLeavesItsRefreshTokensGood) {
  const base::Json before = new_token(kStart + 6s);
  model_.expire_group("tv");
  EXPECT_EQ(get(kStart + 7s, "/live/main/audio/init.mp4", before["access_token"]).status, 401);
  const base::Json after = post(kStart + 7s, "/v1/tokens/refresh", {{"refresh_token", before["refresh_token"]}});
  EXPECT_EQ(get(kStart + 7s, "/live/main/audio/init.mp4", after["access_token"]).status, 200);
}

TEST_F(ReferenceModelTest, ExpiringAnotherGroupChangesNothing) {
  const base::Json grant = new_token(kStart + 6s);
  model_.expire_group("ios");
  EXPECT_EQ(get(kStart + 7s, "/live/main/audio/init.mp4", grant["access_token"]).status, 200);
}

TEST_F(ReferenceModelTest, ARefreshTokenUsedTwiceWithdrawsItsSession) {
  const base::Json first = new_token(kStart + 6s);
  const base::Json second = post(kStart + 7s, "/v1/tokens/refresh", {{"refresh_token", first["refresh_token"]}});
  post(kStart + 8s, "/v1/tokens/refresh", {{"refresh_token", first["refresh_token"]}});
  EXPECT_EQ(last_.status, 401);
  EXPECT_EQ(get(kStart + 8s, "/live/main/audio/init.mp4", second["access_token"]).status, 403);
}

TEST_F(ReferenceModelTest, RefusesWhatItDoesNotHave) {
  for (const char* path : {"/", "/live/main", "/live/other/master.m3u8", "/vod/main/master.m3u8", "/live/main/nothing.txt",
                           "/live/main/video-1080p/playlist.m3u8", "/live/main/audio/-1.m4s", "/live/main/audio/t1.m4s",
                           "/live/main/audio/99999999999999999999.m4s"})
    EXPECT_EQ(get(kStart + 20s, path).status, 404) << path;
  EXPECT_EQ(model_.reply(kStart, {.url = "nonsense"}).status, 400);
}

TEST_F(ReferenceModelTest, HasTheServersPagesAndWhatTheyLoad) {
  for (const char* page : {"/watch/main", "/embed/main", "/login"}) {
    const std::string html = get(kStart, page).body;
    for (auto at = html.find("/static/"); at != std::string::npos; at = html.find("/static/", at + 1)) {
      const std::string path = html.substr(at, html.find('"', at) - at);
      const ModelReply asset = get(kStart, path);
      EXPECT_EQ(asset.status, 200) << path;
      EXPECT_GT(asset.bytes, 100_B) << path;
    }
  }
  EXPECT_GT(get(kStart, "/static/hls.min.js").bytes, 100'000_B);
  EXPECT_LT(get(kStart, "/static/hls.min.js").bytes, 250'000_B) << "it travels compressed";
  EXPECT_EQ(get(kStart, "/static/none.js").status, 404);
}

TEST_F(ReferenceModelTest, LetsAnAccountSignIn) {
  const std::string session = post(kStart, "/v1/login", {{"user", "audience"}, {"password", "rehearsal"}})["session"];
  EXPECT_EQ(get(kStart, "/v1/entitlements").status, 401);
  EXPECT_EQ((*base::parse_json(get(kStart, "/v1/entitlements", session).body))["streams"][0]["name"], "main");
}

}  // namespace
}  // namespace harness
