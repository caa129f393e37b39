// A calibration in virtual time, against a server whose every figure is known.
#include "harness/calibrate/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/virtual_timeline.h"
#include "harness/transport/model_transport.h"

namespace harness {
namespace {

using namespace base::literals;
using testing::HasSubstr;

constexpr base::Duration kRoundTrip = 10ms;

// Thinks 2 ms for playlists, 6 ms for segments, each with nothing else to do; one server, which takes 1 ms of work for each answer.
struct KnownServer final : ModelServer {
  std::map<std::string, ModelReply> replies{
      {"/master.m3u8", {.body = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=900000\nv/playlist.m3u8\n"}},
      {"/v/playlist.m3u8",
       {.body = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:2,\n0.m4s\n#EXTINF:2,\n1.m4s\n#EXT-X-ENDLIST\n"}},
      {"/v/init.mp4", {.bytes = base::ByteCount::bytes(800)}},
      {"/v/0.m4s", {.bytes = base::ByteCount::bytes(250'000)}},
      {"/v/1.m4s", {.bytes = base::ByteCount::bytes(250'000)}}};
  base::Instant free{};
  int failing_after = 1'000'000;

  ModelReply reply(base::Instant now, const TransportRequest& request) override {
    const auto found = replies.find(request.url->substr(std::string_view{"http://h"}.size()));
    if (found == replies.end()) return {.status = 404};
    if (--failing_after < 0) return {.status = 503};
    free = std::max(free, now) + 1ms;
    ModelReply out = found->second;
    out.think = free - now + (request.url->ends_with(".m4s") ? 5ms : 1ms);
    return out;
  }
};

// Its server closes the connection after each answer.
struct ClosingTransport final : Transport, private TransferReceiver {
  explicit ClosingTransport(Transport& transport) : open{transport} {}
  TransferId start(TransportRequest&& request, TransferReceiver& receiver) override {
    const base::ViewerId viewer = request.viewer;
    const TransferId id = open.start(std::move(request), *this);
    running[id] = {viewer, &receiver};
    return id;
  }
  void cancel(TransferId id) override {
    running.erase(id);
    open.cancel(id);
  }
  void leave(base::ViewerId viewer) override { open.leave(viewer); }
  void on_progress(TransferId id, const TransferProgress& progress) override { running.at(id).second->on_progress(id, progress); }
  void on_outcome(TransferId id, TransportOutcome&& outcome) override {
    const auto [viewer, receiver] = running.at(id);
    running.erase(id);
    open.leave(viewer);
    receiver->on_outcome(id, std::move(outcome));
  }
  Transport& open;
  std::map<TransferId, std::pair<base::ViewerId, TransferReceiver*>> running;
};

struct Lab {
  base::VirtualTimeline timeline;
  KnownServer server;
  netem::Rate down = netem::Unlimited{};
  ModelTransport transport{timeline, server, [this](base::ViewerId) { return ModelLink{down, netem::Unlimited{}, kRoundTrip}; }};
  ClosingTransport closing{transport};
  bool closes = false;
  int most_at_once = 256;
  std::vector<std::string> progress;
  std::optional<Calibration> calibration;

  Calibration& begin(const std::string& url = "http://h/master.m3u8") {
    Transport& used = closes ? static_cast<Transport&>(closing) : transport;
    calibration.emplace(timeline, used, CalibrationPlan{.url = url, .most_at_once = most_at_once},
                        Calibration::World{.utc = [this] { return base::UtcTime{timeline.now().time_since_epoch()}; },
                                           .round_trip = [] { return kRoundTrip; },
                                           .cpu_time = [] { return base::Duration{}; },
                                           .progress = [this](const std::string& what) { progress.push_back(what); }});
    calibration->begin();
    return *calibration;
  }
  void finish() {
    timeline.run_until([this] { return calibration->done(); }, timeline.now() + 10min);
  }
};

base::Duration median(const ServerModel& model, ObjectKind kind) {
  return model.think[static_cast<std::size_t>(kind)].value().at[kMedianQuantile].value();
}

TEST(Calibration, FindsTheThinkTimesOfTheServer) {
  Lab lab;
  lab.begin();
  lab.finish();
  EXPECT_EQ(lab.calibration->failure(), "");
  const ServerModel model = lab.calibration->model();
  EXPECT_EQ(median(model, ObjectKind::kMaster), 2ms);
  EXPECT_EQ(median(model, ObjectKind::kPlaylist), 2ms);
  EXPECT_EQ(median(model, ObjectKind::kInit), 2ms);
  EXPECT_EQ(median(model, ObjectKind::kSegment), 6ms);
  EXPECT_EQ(model.accept_cpu, 0s);  // a new connection costs its round trip and nothing else
  EXPECT_EQ(model.think[static_cast<std::size_t>(ObjectKind::kToken)], std::nullopt);
}

// A millisecond of work for each answer: a thousand a second, whatever is asked for.
TEST(Calibration, FindsWhereTheServerHasNoMoreToGive) {
  Lab lab;
  lab.begin();
  lab.finish();
  const ServerModel model = lab.calibration->model();
  EXPECT_NEAR(model.requests_per_s.value(), 1000, 30);
  EXPECT_NEAR(static_cast<double>(model.egress.value().bps()), 1000 * 250'000 * 8.0, 0.06e9);
  EXPECT_THAT(lab.calibration->table(), HasSubstr("capacity.requests_per_s"));
}

// A segment takes two seconds, a step one; each request has a link of its own.
TEST(Calibration, CountsTheBytesOfSegmentsThatTakeLongerThanAStep) {
  Lab lab;
  lab.down = 1_Mbps;
  lab.most_at_once = 4;
  lab.begin();
  lab.finish();
  ASSERT_TRUE(lab.calibration->model().egress.has_value()) << lab.calibration->table();
  EXPECT_NEAR(static_cast<double>(lab.calibration->model().egress->bps()), 4e6, 0.3e6);
}

TEST(Calibration, SaysWhereNoConnectionStaysOpen) {
  Lab lab;
  lab.closes = true;
  lab.begin();
  lab.finish();
  const ServerModel model = lab.calibration->model();
  EXPECT_FALSE(model.think[static_cast<std::size_t>(ObjectKind::kSegment)].has_value());
  EXPECT_FALSE(model.accept_cpu.has_value());
  EXPECT_TRUE(model.requests_per_s.has_value());
  EXPECT_THAT(lab.calibration->table(), HasSubstr("keeps no connection open: what it thinks (master, playlist, init, segment)"));
}

TEST(Calibration, SaysThatNoSegmentIsListed) {
  Lab lab;
  lab.server.replies["/v/playlist.m3u8"].body = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI=\"init.mp4\"\n";
  lab.begin();
  lab.finish();
  EXPECT_THAT(lab.calibration->table(), HasSubstr("capacity.egress: no segment was listed"));
}

TEST(Calibration, KeepsWhatWasMeasuredUntilItIsStopped) {
  Lab lab;
  lab.begin();
  lab.timeline.run_until([&] { return !lab.progress.empty() && lab.progress.back() == "think time: init"; }, lab.timeline.now() + 10min);
  const ServerModel model = lab.calibration->model();
  EXPECT_EQ(median(model, ObjectKind::kMaster), 2ms);
  EXPECT_FALSE(model.requests_per_s.has_value());
  EXPECT_FALSE(lab.calibration->done());
}

TEST(Calibration, EndsWhenTheServerBeginsToFail) {
  Lab lab;
  lab.server.failing_after = 1500;
  lab.begin();
  lab.finish();
  EXPECT_TRUE(lab.calibration->done());
  EXPECT_THAT(lab.calibration->failure(), HasSubstr("HTTP status 503"));
  EXPECT_EQ(median(lab.calibration->model(), ObjectKind::kSegment), 6ms);
}

TEST(Calibration, SaysWhyATargetCannotBeMeasured) {
  Lab lab;
  lab.begin("http://h/absent.m3u8");
  lab.finish();
  EXPECT_EQ(lab.calibration->failure(), "http://h/absent.m3u8: HTTP status 404");
}

}  // namespace
}  // namespace harness
