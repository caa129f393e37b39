// PlayerSession and progress that comes to nothing: however it is told, and whether or not everything is looked at each time, the player
// does and says the same.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/random.h"
#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

enum class Telling {
  kAtOnce,
  kLate,          // what may be told late is, before whatever comes next, and the last of it stands for all but the first
  kBesideStrays,  // at once, and an answer to nothing comes with each wake-up, for which the player looks at everything
  kAndAskedAgain  // at once, and the player, which takes it late, looks at everything once more
};

Device device_of(EngineKind engine) {
  const bool hls = engine == EngineKind::kHlsJs || engine == EngineKind::kMedia3;
  Device with = device(hls ? StreamingProtocol::kHls : StreamingProtocol::kDash);
  with.engine = engine;
  with.buffer_target = 14s;
  with.initial_estimate = 1_Mbps;
  return with;
}

// One player and a network whose rate for each answer is drawn from the seed.
class QuietWorld {
 public:
  // Wake-ups come `late`, as they do in real time.
  QuietWorld(EngineKind engine, std::uint64_t seed, Telling telling, base::Duration late = {})
      : seed_{seed}, telling_{telling}, late_by_{late}, session_{config_of(engine, seed % 3 == 0)} {
    base::Random random = base::Random::stream(seed, 0);
    stream_.live = random.chance(0.3);
    stream_.vod_segments = 40;
    slow_ = random.chance(0.5);
    names_delay_ = seed % 2 == 0;
  }

  std::string plays(base::Duration time) {
    tell(PlayerScript::kStart, Begin{});
    while (const auto next = next_at()) {
      if (*next > PlayerScript::kStart + time || finished_) break;
      step(*next);
    }
    tell_late();
    const PlayerTotals totals = session_.totals(PlayerScript::kStart + time);
    note(PlayerScript::kStart + time, fmt::format("played {}, stalled {}: {} bits, {} bytes", totals.played.count(), totals.stalled.count(),
                                                  totals.bitrate_seconds, totals.bytes.count()));
    return log_;
  }
  std::size_t told_late() const { return told_late_; }
  bool is_live_and_names_its_delay() const { return stream_.live && names_delay_; }

 private:
  struct Running {
    Fetch fetch;
    base::Instant started, progress_at, first_byte, ends;
    Reply reply;
  };

  static PlayerConfig config_of(EngineKind engine, bool acts) {
    const Device device = device_of(engine);
    const bool hls = device.protocol == StreamingProtocol::kHls;
    PlayerConfig config = PlayerScript::config(device, hls ? FakeStream::hls_url() : FakeStream::dash_url(), ContentKind::kVod);
    if (acts) config.actions = {{20s, SeekBy{-4s}}, {40s, SeekBy{30s}}, {55s, PausePlay{}}, {60s, ResumePlay{}}, {95s, SeekBy{-1s}}};
    return config;
  }

  std::optional<base::Instant> next_at() const {
    std::optional<base::Instant> next = wake_;
    const auto earlier = [&next](base::Instant when) { next = std::min(next.value_or(when), when); };
    for (const auto& [id, one] : running_) {
      earlier(one.ends);
      if (one.progress_at < one.ends) earlier(one.progress_at);
    }
    return next;
  }

  void step(base::Instant now) {
    for (auto& [id, one] : running_) {
      if (one.ends == now) return answer(now, id);
      if (one.progress_at == now) return progress(now, one);
    }
    if (const auto due = wake_; telling_ == Telling::kBesideStrays) {
      tell(now, Answered{.id = RequestId{999'999}, .status = 200, .body = {}, .bytes = {}, .retry_after = {}});
      if (wake_ != due) return;
    }
    wake_.reset();
    tell(now, Woken{});
  }

  void answer(base::Instant now, RequestId id) {
    const Running done = std::move(running_.extract(id).mapped());
    tell(now, Answered{.id = id,
                       .status = done.reply.status,
                       .body = done.reply.body,
                       .bytes = done.reply.bytes,
                       .ttfb = done.first_byte - done.started,
                       .took = now - done.started,
                       .retry_after = {}});
  }

  void progress(base::Instant now, Running& one) {
    one.progress_at += one.fetch.progress_every;
    const double share = base::to_seconds(now - one.first_byte) / base::to_seconds(one.ends - one.first_byte);
    const auto received = base::ByteCount::bytes(static_cast<std::int64_t>(share * static_cast<double>(one.reply.bytes.count())) + 1);
    const Progress progress{one.fetch.id, received, one.reply.bytes, one.first_byte - one.started};
    const bool may_be_late = now < session_.notes_until();
    told_late_ += may_be_late;
    if (may_be_late && telling_ == Telling::kLate) return late_.emplace_back(now, progress), void();
    tell(now, progress);
    has_reported_.insert(progress.id);
    if (may_be_late && telling_ == Telling::kAndAskedAgain) tell(now, Woken{});
  }

  void tell_late() {
    auto late = std::exchange(late_, {});
    for (auto one = late.begin(); one != late.end(); ++one) {
      const Progress& progress = one->second;
      const auto later = std::find_if(one + 1, late.end(), [&](const auto& other) { return other.second.id == progress.id; });
      if (later != late.end() && has_reported_.contains(progress.id))
        later->second.reports += progress.reports;
      else
        session_.on_late(one->first, progress);
      has_reported_.insert(progress.id);
    }
  }

  void tell(base::Instant now, const Event& event) {
    tell_late();
    for (const Command& command : session_.on(now, event)) std::visit([&](const auto& what) { obey(now, what); }, command);
  }

  void obey(base::Instant now, const Fetch& fetch) {
    note(now, "asks " + *fetch.url);
    base::Random random = base::Random::stream(seed_, std::hash<std::string>{}(*fetch.url));
    const bool listing = fetch.keep_body;
    stream_.rate =
        base::Bitrate::bits_per_second(static_cast<std::int64_t>(slow_ && !listing ? random.uniform(2e5, 3e6) : random.uniform(2e6, 2e7)));
    Running one{.fetch = fetch, .started = now, .progress_at = base::Instant::max(), .reply = stream_(now, fetch)};
    if (const auto first = one.reply.body.find("#EXTINF"); names_delay_ && first != std::string::npos)
      one.reply.body.insert(first, "#EXT-X-SERVER-CONTROL:HOLD-BACK=7.0\n");
    one.first_byte = now + stream_.rtt;
    one.ends = now + one.reply.took;
    if (fetch.progress_every.count() > 0) one.progress_at = one.first_byte;
    running_.emplace(fetch.id, std::move(one));
  }
  void obey(base::Instant now, const Abort& abort) {
    note(now, fmt::format("gives up {}", static_cast<std::uint32_t>(abort.id)));
    running_.erase(abort.id);
  }
  void obey(base::Instant, const WakeAt& wake) { wake_ = wake.when + late_by_; }
  void obey(base::Instant now, const Note& said) { note(now, fmt::format("says {}", said.what.index())); }
  void obey(base::Instant now, const Finish&) {
    note(now, "ends");
    finished_ = true;
  }

  // Nanoseconds from the start.
  void note(base::Instant now, const std::string& what) { log_ += fmt::format("{} {}\n", (now - PlayerScript::kStart).count(), what); }

  const std::uint64_t seed_;
  const Telling telling_;
  const base::Duration late_by_;
  bool slow_ = false, finished_ = false;
  bool names_delay_ = false;  // HLS: HOLD-BACK
  FakeStream stream_;
  PlayerSession session_;
  std::map<RequestId, Running> running_;
  std::optional<base::Instant> wake_;
  std::vector<std::pair<base::Instant, Progress>> late_;
  std::set<RequestId> has_reported_;
  std::size_t told_late_ = 0;
  std::string log_;
};

class QuietSession : public testing::TestWithParam<std::tuple<EngineKind, int>> {
 protected:
  static std::string plays(Telling telling, base::Duration late = {}) {
    return QuietWorld{std::get<0>(GetParam()), static_cast<std::uint64_t>(std::get<1>(GetParam())), telling, late}.plays(150s);
  }
};

TEST_P(QuietSession, DoesTheSameWhenProgressIsToldLate) { EXPECT_EQ(plays(Telling::kLate), plays(Telling::kAtOnce)); }

// Requests that leave at their instant leave alone otherwise.
TEST_P(QuietSession, DoesTheSameWhenItLooksAtEverythingWithEachWakeUp) {
  EXPECT_EQ(plays(Telling::kBesideStrays), plays(Telling::kAtOnce));
}

TEST_P(QuietSession, DoesTheSameWhenItLooksAtEverythingWithEachWakeUpThatIsLate) {
  for (const base::Duration late : {base::Duration{50us}, base::Duration{20ms}})
    EXPECT_EQ(plays(Telling::kBesideStrays, late), plays(Telling::kAtOnce, late));
}

// A look of Media3's is a second after whatever happened last, a look in vain too.
TEST_P(QuietSession, DoesTheSameWhenItLooksAtEverythingWithEachProgress) {
  if (std::get<0>(GetParam()) == EngineKind::kMedia3) return;
  EXPECT_EQ(plays(Telling::kAndAskedAgain), plays(Telling::kAtOnce));
}

INSTANTIATE_TEST_SUITE_P(Engines, QuietSession,
                         testing::Combine(testing::Values(EngineKind::kHlsJs, EngineKind::kDashJs, EngineKind::kShaka, EngineKind::kMedia3,
                                                          EngineKind::kCustom),
                                          testing::Range(0, 25)));

TEST(QuietWorld, TellsProgressLateToPlayersThatTakeIt) {
  for (const EngineKind engine : {EngineKind::kHlsJs, EngineKind::kDashJs, EngineKind::kMedia3}) {
    QuietWorld world{engine, 1, Telling::kLate};
    world.plays(150s);
    EXPECT_GT(world.told_late(), 100u) << to_text(engine);
  }
}

}  // namespace
}  // namespace harness::test
