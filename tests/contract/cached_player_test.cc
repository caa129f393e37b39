// A player with its browser's cache over real HTTP: what crosses the wire. The film is interrupted: film, advertisement, film. dash.js
// keeps one init, so that it asks for the film's again behind the advertisement.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/run/viewer.h"
#include "harness/scenario/catalogue.h"
#include "harness/transport/browser_cache.h"
#include "harness/transport/curl_transport.h"
#include "tests/contract/script_server.h"
#include "tests/contract/timeline_worlds.h"

namespace contract {
namespace {

using namespace std::chrono_literals;

std::string period(const std::string& folder, int first) {
  return fmt::format(R"(<Period duration="PT2S"><BaseURL>{}/</BaseURL><AdaptationSet mimeType="video/mp4">)"
                     R"(<SegmentTemplate initialization="init.mp4" media="$Number$.m4s" duration="2" startNumber="{}"/>)"
                     R"(<Representation id="v" bandwidth="400000"/></AdaptationSet></Period>)",
                     folder, first);
}

class CachedPlayerTest : public testing::Test, private harness::ViewerObserver {
 protected:
  CachedPlayerTest() {
    server_.offer("/film.mpd", "", "<MPD type=\"static\">" + period("film", 1) + period("ad", 1) + period("film", 2) + "</MPD>");
    for (const char* path : {"/film/init.mp4", "/film/1.m4s", "/film/2.m4s", "/ad/init.mp4", "/ad/1.m4s"}) offer(path, "max-age=3600");
  }
  void offer(const std::string& path, const std::string& caching) {
    server_.offer(path, "Cache-Control: " + caching + "\r\n", std::string(700, 'x'));
  }
  // Until everything that the film needs was loaded.
  bool plays(const std::string& device) {
    harness::Device dash = harness::built_in_device("device", device);
    dash.protocol = harness::StreamingProtocol::kDash;
    harness::PlayerConfig config{.device = std::move(dash),
                                 .manifest_url = fmt::format("http://127.0.0.1:{}/film.mpd", server_.port()),
                                 .content = harness::ContentKind::kVod,
                                 .wall = world_.timeline().wall_anchor()};
    viewer_.emplace(base::ViewerId{0}, std::move(config), world_.timeline(), cache_, static_cast<harness::ViewerObserver&>(*this));
    viewer_->begin();
    const bool loaded = world_.run_until([this] { return requests_.size() == 7; });
    viewer_->stop();
    return loaded;
  }
  std::size_t wire(const std::string& path) const { return server_.count(path); }

  SteadyWorld world_;
  ScriptServer server_{world_.io()};
  harness::CurlTransport network_{world_.io(), world_.timeline(), {}};
  harness::BrowserCache cache_{network_, world_.timeline(), world_.timeline().wall_anchor()};
  std::vector<harness::RequestDone> requests_;
  std::optional<harness::Viewer> viewer_;

 private:
  void on_note(base::ViewerId, base::Instant, const harness::Telemetry& what) override {
    if (const auto* request = std::get_if<harness::RequestDone>(&what)) requests_.push_back(*request);
  }
  void on_finish(base::ViewerId, base::Instant, const harness::Finish&) override {}
  void on_lateness(base::Duration) override {}
};

TEST_F(CachedPlayerTest, AsksForEachInitOnceOnTheWire) {
  ASSERT_TRUE(plays("desktop-dashjs"));
  for (const char* path : {"/film/init.mp4", "/film/1.m4s", "/film/2.m4s", "/ad/init.mp4", "/ad/1.m4s"}) EXPECT_EQ(wire(path), 1u) << path;
  EXPECT_EQ(viewer_->totals().requests, 6u);
}

TEST_F(CachedPlayerTest, SaysWhichAnswerWasCached) {
  ASSERT_TRUE(plays("desktop-dashjs"));
  std::vector<harness::RequestDone> inits;
  for (const harness::RequestDone& request : requests_)
    if (request.url->ends_with("/film/init.mp4")) inits.push_back(request);
  ASSERT_EQ(inits.size(), 2u);
  EXPECT_FALSE(is_from_cache(inits[0]));
  EXPECT_EQ(inits[0].bytes, base::ByteCount::bytes(700));
  EXPECT_TRUE(is_from_cache(inits[1]));
  EXPECT_EQ(inits[1].bytes, base::ByteCount{});
  EXPECT_EQ(inits[1].cached, base::ByteCount::bytes(700));
  EXPECT_EQ(inits[1].status, 200);
}

TEST_F(CachedPlayerTest, AsksAgainForWhatMustNotBeKept) {
  offer("/film/init.mp4", "no-store");
  ASSERT_TRUE(plays("desktop-dashjs"));
  EXPECT_EQ(wire("/film/init.mp4"), 2u);
  EXPECT_EQ(viewer_->totals().requests, 7u);
}

}  // namespace
}  // namespace contract
