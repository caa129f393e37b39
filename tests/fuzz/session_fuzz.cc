// Anything that may happen to a player of either protocol and any engine, in any order: answers that make sense or do not, to requests
// known and unknown, breaks, progress, wakes, absurd times. Its time adds up, and what it asks for stays within bounds.
#include <fuzzer/FuzzedDataProvider.h>

#include <set>

#include "base/ensure.h"
#include "harness/player/player_session.h"
#include "harness/scenario/catalogue.h"
#include "tests/fuzz/session_listings.h"

namespace {

using namespace harness;

constexpr std::size_t kMostAtOnce = 6;  // token, manifest or clock, two playlists, two media
constexpr std::size_t kMostEvents = 400;
constexpr base::Instant kLast{std::chrono::hours{24 * 365 * 100}};  // UTC ends in 2262

class Driver {
 public:
  explicit Driver(FuzzedDataProvider& data) : data_{data}, config_{config()}, session_{config_} {}

  void run() {
    feed(Begin{});
    for (std::size_t i = 0; i < kMostEvents && data_.remaining_bytes() > 0; ++i) {
      now_ = std::min<base::Instant>(now_ + time(), kLast);
      feed(event());
    }
    feed(Stop{});
    ENSURE(finished_);
  }

 private:
  PlayerConfig config() {
    const auto& devices = built_in_catalogue().devices;
    PlayerConfig made;
    made.device = std::next(devices.begin(), data_.ConsumeIntegralInRange<int>(0, static_cast<int>(devices.size()) - 1))->second;
    made.manifest_url = "http://s/manifest";
    made.content = data_.ConsumeBool() ? ContentKind::kLive : ContentKind::kVod;
    made.wall = {.at = now_, .utc = base::UtcTime{std::chrono::seconds{1'800'000'000}}};
    if (data_.ConsumeBool()) made.watch = std::chrono::seconds{30};
    if (data_.ConsumeBool()) made.token = TokenSource{"http://s/token", "http://s/refresh", "main", "v", "g"};
    return made;
  }

  // Mostly plausible; now and then a week, a century or a step back.
  base::Duration time() {
    const base::Duration steps[] = {std::chrono::milliseconds{1}, std::chrono::milliseconds{300}, std::chrono::seconds{2},
                                    std::chrono::seconds{-1},     std::chrono::hours{170},        std::chrono::hours{24 * 365 * 10}};
    const auto wake = wake_ && *wake_ > now_ ? *wake_ - now_ : base::Duration{};
    const auto which = data_.ConsumeIntegralInRange<std::size_t>(0, 12);
    return which < std::size(steps) ? steps[which] : which < 9 ? wake : base::Duration{};
  }

  RequestId id() {
    if (running_.empty() || data_.ConsumeIntegralInRange(0, 15) == 0) return RequestId{data_.ConsumeIntegral<std::uint32_t>()};
    return *std::next(running_.begin(), data_.ConsumeIntegralInRange<int>(0, static_cast<int>(running_.size()) - 1));
  }

  base::ByteCount bytes() {
    return base::ByteCount::bytes(data_.ConsumeIntegralInRange<std::int64_t>(0, std::int64_t{1} << data_.ConsumeIntegralInRange(0, 40)));
  }

  std::string body() {
    std::string text = fuzz::listing(data_.ConsumeIntegral<std::uint8_t>());
    if (data_.ConsumeIntegralInRange(0, 3) == 0 && !text.empty())
      text.replace(data_.ConsumeIntegralInRange<std::size_t>(0, text.size() - 1), data_.ConsumeIntegralInRange<std::size_t>(0, 8),
                   data_.ConsumeRandomLengthString(16));
    return text;
  }

  Event event() {
    const int statuses[] = {200, 200, 200, 200, 206, 401, 403, 404, 503, 0};
    switch (data_.ConsumeIntegralInRange(0, 7)) {
      case 0:
        return Woken{};
      case 1:
        return Progress{.id = id(),
                        .received = bytes(),
                        .expected = bytes(),
                        .ttfb = std::chrono::milliseconds{data_.ConsumeIntegral<std::uint16_t>()}};
      case 2:
        return Broke{.id = id(),
                     .failure = data_.PickValueInArray({"timeout", "reset", "malformed"}),
                     .bytes = bytes(),
                     .took = std::chrono::milliseconds{data_.ConsumeIntegral<std::uint16_t>()}};
      default:
        return Answered{.id = id(),
                        .status = data_.PickValueInArray(statuses),
                        .body = body(),
                        .bytes = bytes(),
                        .ttfb = std::chrono::milliseconds{data_.ConsumeIntegral<std::uint8_t>()},
                        .took = std::chrono::milliseconds{data_.ConsumeIntegral<std::uint16_t>()},
                        .retry_after = {}};
    }
  }

  void feed(const Event& event) {
    over_ = RequestId{};
    if (const auto* answer = std::get_if<Answered>(&event)) over_ = answer->id;
    if (const auto* broke = std::get_if<Broke>(&event)) over_ = broke->id;
    running_.erase(over_);
    latest_ = std::max(latest_, now_);
    const bool was_finished = finished_;
    const std::vector<Command> commands = session_.on(now_, event);
    ENSURE(!was_finished || commands.empty());
    for (const Command& command : commands) obey(command);
    ENSURE(running_.size() <= kMostAtOnce);
    check_times();
  }

  void obey(const Command& command) {
    ENSURE(!finished_);
    if (const auto* fetch = std::get_if<Fetch>(&command))
      ENSURE(running_.insert(fetch->id).second && fetch->timeout.count() > 0 && !fetch->url.empty());
    if (const auto* abort = std::get_if<Abort>(&command))
      ENSURE(running_.erase(abort->id) == 1 || abort->id == over_);  // it ended before it heard
    if (const auto* wake = std::get_if<WakeAt>(&command)) {
      ENSURE(wake->when > latest_);
      wake_ = wake->when;
    }
    if (std::holds_alternative<Finish>(command)) {
      finished_ = true;
      ended_ = latest_;
      ENSURE(running_.empty());
    }
  }

  void check_times() {
    const PlayerTotals totals = session_.totals(latest_);
    const base::Duration session = (finished_ ? ended_ : latest_) - totals.began;
    ENSURE(totals.played.count() >= 0 && totals.stalled.count() >= 0 && totals.bytes.count() >= 0);
    const base::Duration told = totals.startup_time.value_or(base::Duration{}) + totals.played + totals.stalled;
    ENSURE(told <= session && (told == session || finished_ || !totals.startup_time));  // a film may have ended before it was looked at
    if (!totals.startup_time) ENSURE(totals.played.count() == 0 && totals.stalled.count() == 0);
    ENSURE(!finished_ || totals.ending.has_value());
  }

  FuzzedDataProvider& data_;
  base::Instant now_{std::chrono::seconds{1000}}, latest_ = now_, ended_{};
  PlayerConfig config_;
  PlayerSession session_;
  std::set<RequestId> running_;
  RequestId over_{};  // by the event that is told
  std::optional<base::Instant> wake_;
  bool finished_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider provider{data, size};
  Driver{provider}.run();
  return 0;
}
