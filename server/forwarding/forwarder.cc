#include "server/forwarding/forwarder.h"

#include <fmt/format.h>

#include <utility>

#include "base/ensure.h"
#include "server/forwarding/backoff.h"
#include "server/forwarding/continuous_clock.h"
#include "server/forwarding/outlet.h"
#include "server/forwarding/track_shaper.h"

namespace server {
namespace {

// A connection that carries nothing is worth less than one that tells the other side that the stream has ended.
constexpr base::Duration kIdle = std::chrono::seconds{10};
// Tracks that change more often are not followed at once.
constexpr base::Duration kSteady = std::chrono::seconds{1};
constexpr base::Duration kLookForBeginning = std::chrono::milliseconds{100};

std::string nothing_from(ForwardWhat what) {
  return what == ForwardWhat::kOutput ? "the stream has no output yet" : fmt::format("the {} source sends nothing", to_text(what));
}

}  // namespace

// What a connection begins with.
struct Forwarder::Beginning {
  MediaPacket picture;
  std::optional<MediaPacket> sound;
};

struct Forwarder::Connection {
  Outlet& outlet;
  TrackShaper& video;
  TrackShaper* sound;
  ContinuousClock& clock;
  std::uint64_t bytes_counted = 0;
};

Forwarder::Forwarder(ForwardSpec spec, Options options)
    : spec_{std::move(spec)},
      url_{parse_forward_url(spec_.url).value()},
      shown_{without_key(url_)},
      on_change_{std::move(options.on_change)},
      resolver_{url_.host, url_.port, std::move(options.look_up)},
      wanted_{spec_.enabled},
      queue_{options.limits},
      status_{.spec = spec_},
      thread_{[this] { run(); }} {}

Forwarder::~Forwarder() {
  ask_to_stop();
  thread_.join();
}

void Forwarder::ask_to_stop() {
  {
    const std::lock_guard lock{mutex_};
    wanted_ = false;
    quitting_ = true;
    interrupt_.stop();
  }
  changed_.notify_all();
}

void Forwarder::start() {
  {
    const std::lock_guard lock{mutex_};
    if (quitting_) return;
    wanted_ = true;
    interrupt_.resume();
  }
  changed_.notify_all();
}

void Forwarder::stop() {
  {
    const std::lock_guard lock{mutex_};
    wanted_ = false;
    interrupt_.stop();
  }
  changed_.notify_all();
}

void Forwarder::offer(const MediaPacket& packet) {
  {
    const std::lock_guard lock{mutex_};
    if (!wanted_) return;
    queue_.push(packet);
  }
  changed_.notify_all();
}

ForwardStatus Forwarder::status() const {
  const std::lock_guard lock{mutex_};
  ForwardStatus status = status_;
  status.dropped = queue_.dropped();
  return status;
}

// ---- its thread ----

void Forwarder::run() {
  for (;;) {
    {
      const std::lock_guard lock{mutex_};
      queue_.reset();
    }
    show(ForwardState::kStopped);
    {
      std::unique_lock lock{mutex_};
      changed_.wait(lock, [this] { return wanted_ || quitting_; });
      if (quitting_) return;
    }
    serve();
  }
}

void Forwarder::serve() {
  Backoff backoff;
  ContinuousClock clock;
  while (const auto beginning = await_beginning()) {
    const base::Instant begun = base::steady_now();
    if (url_.protocol == ForwardProtocol::kRtmp) clock = {};  // where each publication begins with 0
    const base::Result<void> ended = connect_and_send(*beginning, clock);
    const base::Duration lasted = base::steady_now() - begun;
    {
      const std::lock_guard lock{mutex_};
      if (!wanted_) return;
      queue_.hold();
      if (ended.has_error()) ++status_.failures;
    }
    if (ended.has_value() && lasted >= kSteady) continue;
    backoff.note_connection(lasted);
    show(ForwardState::kRetrying, ended.has_error() ? fmt::format("{} {}", shown_, ended.error().message) : "the tracks have just changed");
    std::unique_lock lock{mutex_};
    if (changed_.wait_for(lock, backoff.next(), [this] { return !wanted_; })) return;
  }
}

std::optional<Forwarder::Beginning> Forwarder::await_beginning() {
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      const base::Instant now = base::steady_now();
      if (!wanted_) return std::nullopt;
      if (queue_.is_ready(now)) return Beginning{.picture = queue_.front(), .sound = queue_.latest(PacketTrack::kAudio, now)};
      if (status_.state == ForwardState::kWaiting) changed_.wait_for(lock, kLookForBeginning);
    }
    show(ForwardState::kWaiting, nothing_from(spec_.what));
  }
}

base::Result<void> Forwarder::connect_and_send(const Beginning& beginning, ContinuousClock& clock) {
  auto video = TrackShaper::make(beginning.picture, url_.protocol);
  if (video.has_error()) return base::error("cannot be sent to: " + video.error().message);
  std::optional<base::Result<TrackShaper>> sound;
  if (beginning.sound) sound = TrackShaper::make(*beginning.sound, url_.protocol);
  if (sound && sound->has_error()) return base::error("cannot be sent to: " + sound->error().message);
  show(ForwardState::kConnecting);
  TrackShaper* const with_sound = sound ? &sound->value() : nullptr;
  auto outlet = Outlet::open({.url = url_, .passphrase = spec_.passphrase, .resolver = resolver_}, video->parameters(),
                             with_sound == nullptr ? nullptr : &with_sound->parameters(), interrupt_);
  if (outlet.has_error()) return outlet.error();
  {
    const std::lock_guard lock{mutex_};
    queue_.release();
    ++status_.connects;
  }
  show(ForwardState::kSending);
  Connection connection{.outlet = **outlet, .video = *video, .sound = with_sound, .clock = clock};
  return send_all(connection);
}

base::Result<void> Forwarder::send_all(Connection& connection) {
  while (auto packet = next_packet()) {
    TrackShaper* const shaper = packet->track == PacketTrack::kVideo ? &connection.video : connection.sound;
    if (shaper == nullptr || !shaper->fits(*packet)) {
      put_back(std::move(*packet));
      return {};
    }
    AvPacketPtr shaped = shaper->shape(*packet);
    const auto times = shaped == nullptr ? std::nullopt : connection.clock.place(*packet);
    if (!times) continue;
    const auto written = connection.outlet.write(packet->track, std::move(shaped), *times, packet->lasts);
    const std::uint64_t bytes = connection.outlet.bytes();
    count(written.has_value() ? 1 : 0, bytes - std::exchange(connection.bytes_counted, bytes));
    if (written.has_error()) return written;
  }
  return {};
}

std::optional<MediaPacket> Forwarder::next_packet() {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, kIdle, [this] { return !wanted_ || !queue_.is_empty(); }) || !wanted_) return std::nullopt;
  return queue_.pop();
}

void Forwarder::show(ForwardState state, std::string reason) {
  {
    const std::lock_guard lock{mutex_};
    if (status_.state == state && status_.reason == reason) return;
    status_.state = state;
    status_.reason = std::move(reason);
  }
  if (on_change_) on_change_();
}

void Forwarder::put_back(MediaPacket packet) {
  const std::lock_guard lock{mutex_};
  queue_.put_back(std::move(packet));
}

void Forwarder::count(std::uint64_t packets, std::uint64_t bytes) {
  const std::lock_guard lock{mutex_};
  status_.packets += packets;
  status_.bytes += bytes;
}

}  // namespace server
