// For tests: a PlayerSession told step by step what happens to it, in the words of a story. On a failed expectation it prints the
// steps so far. It watches over what must always hold: bounded commands, one media request at a time on a track, silence after Finish.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/player/player_session.h"

namespace harness::test {

using namespace base::literals;

// What becomes of a request.
struct Reply {
  int status = 200;
  std::string body = {};
  base::ByteCount bytes = 1'000'000_B;
  base::Duration took = 100ms;
  std::string failure = {};  // not empty: the request broke
  std::optional<base::Duration> retry_after = {};
  std::string url = {};                    // where redirects led
  std::optional<base::UtcTime> date = {};  // to HEAD
  base::ByteCount cached = {};
  bool validated = false;
};
using Responder = std::function<Reply(base::Instant, const Fetch&)>;

inline Device device(StreamingProtocol protocol = StreamingProtocol::kHls) {
  return {.name = "test",
          .engine = EngineKind::kCustom,
          .protocol = protocol,
          .max_height = 0,
          .buffer_target = 12s,
          .live_delay = 0s,
          .initial_estimate = 500_kbps,
          .abr = AbrKind::kThroughput,
          .start_buffer = 1s,
          .resume_buffer = 1s,
          .append_delay = 0s,
          .safety_factor = 0.9};
}

class PlayerScript {
 public:
  static constexpr std::size_t kMostAtOnce = 6;  // token, two listings, two media; a page's assets
  static constexpr base::Instant kStart{std::chrono::seconds{1000}};
  static constexpr base::UtcTime kStartUtc{std::chrono::seconds{1'800'000'000}};

  explicit PlayerScript(PlayerConfig config) : session_{std::move(config)} {}
  static PlayerConfig config(Device device, std::string url, ContentKind content) {
    return {.device = std::move(device),
            .manifest_url = std::move(url),
            .content = content,
            .watch = {},
            .token = {},
            .wall = {.at = kStart, .utc = kStartUtc}};
  }

  // URLs no longer tell the tracks apart: check the number of requests only.
  PlayerScript& with_mangled_urls() {
    urls_tell_tracks_ = false;
    return *this;
  }
  // The player's engine asks for init and segment at once.
  PlayerScript& with_init_beside_segment() {
    init_beside_segment_ = true;
    return *this;
  }
  PlayerScript& begins() { return feed(Begin{}, "begins"); }
  PlayerScript& stops() { return feed(Stop{}, "stops"); }
  // The running request whose URL ends like this gets its answer now.
  PlayerScript& receives(const std::string& ending, Reply reply = {});
  // So much of the running request whose URL ends like this is here now, the first byte `ttfb` after it was asked for.
  PlayerScript& progresses(const std::string& ending, base::ByteCount received, base::ByteCount expected, base::Duration ttfb = 50ms);
  // Time passes; the player is woken when it asked to be.
  PlayerScript& advances(base::Duration time);
  // Time passes and every request is answered by the responder.
  PlayerScript& lives(base::Duration time, const Responder& responder);

  PlayerScript& expects_fetch(const std::string& ending);
  PlayerScript& expects_no_fetch(const std::string& ending);
  PlayerScript& expects_state(PlayerState state);
  PlayerScript& expects_finish(Ending ending, const std::string& reason_part = {});

  template <class T>
  std::vector<T> said() const {
    std::vector<T> found;
    for (const Telemetry& what : said_) {
      if (const T* it = std::get_if<T>(&what)) found.push_back(*it);
    }
    return found;
  }
  const Fetch* running(const std::string& ending) const;
  const std::deque<Fetch>& asked() const { return asked_; }
  std::size_t count_asked(const std::string& ending) const;
  PlayerTotals totals() const { return session_.totals(now_); }
  std::optional<base::Instant> stays_until() const { return session_.stays_until(now_); }
  PlayerStatus status() const { return session_.status(now_); }
  base::Instant now() const { return now_; }
  const std::optional<Finish>& finished() const { return finished_; }
  base::Instant finished_at() const { return finished_at_; }
  std::string steps() const;

 private:
  struct Due {
    base::Instant at;
    RequestId id;
    Reply reply;
  };
  PlayerScript& feed(const Event& event, const std::string& step);
  void obey(const Command& command);
  void obey(const Fetch& fetch);
  void answer(const Fetch& fetch, const Reply& reply);
  std::optional<Fetch> take(RequestId id);
  bool one_step(base::Instant until, const Responder& responder);
  void schedule(const Responder& responder);

  PlayerSession session_;
  base::Instant now_ = kStart;
  std::optional<base::Instant> wake_;
  std::vector<Fetch> running_;
  std::vector<Due> due_;
  std::deque<Fetch> asked_;
  std::vector<Telemetry> said_;
  std::deque<std::string> steps_;
  bool urls_tell_tracks_ = true;
  bool init_beside_segment_ = false;
  std::optional<Finish> finished_;
  base::Instant finished_at_{};
};

inline bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

inline std::string PlayerScript::steps() const {
  std::string all = "steps so far:\n";
  for (const std::string& step : steps_) all += "  " + step + "\n";
  return all;
}

inline PlayerScript& PlayerScript::feed(const Event& event, const std::string& step) {
  steps_.push_back(std::to_string(base::to_seconds(now_ - kStart)) + " s: " + step);
  if (steps_.size() > 200) steps_.pop_front();
  const bool was_finished = finished_.has_value();
  const std::vector<Command> commands = session_.on(now_, event);
  EXPECT_TRUE(!was_finished || commands.empty()) << "commands after Finish\n" << steps();
  EXPECT_LE(commands.size(), 24u) << steps();
  for (const Command& command : commands) obey(command);
  return *this;
}

inline void PlayerScript::obey(const Command& command) {
  EXPECT_FALSE(finished_) << "a command after Finish\n" << steps();
  if (const auto* fetch = std::get_if<Fetch>(&command)) obey(*fetch);
  if (const auto* abort = std::get_if<Abort>(&command)) {
    EXPECT_TRUE(take(abort->id)) << "aborted what does not run\n" << steps();
  }
  if (const auto* wake = std::get_if<WakeAt>(&command)) wake_ = wake->when;
  if (const auto* note = std::get_if<Note>(&command)) said_.push_back(note->what);
  if (const auto* finish = std::get_if<Finish>(&command)) {
    finished_ = *finish;
    finished_at_ = now_;
    EXPECT_TRUE(running_.empty()) << "requests run on after Finish\n" << steps();
  }
}

inline void PlayerScript::obey(const Fetch& fetch) {
  const auto lane = [this](const Fetch& f) {
    const bool media = f.kind == RequestKind::kInit || f.kind == RequestKind::kVideo || f.kind == RequestKind::kAudio;
    const bool audio = f.url->find("audio") != std::string::npos;
    if (f.kind == RequestKind::kToken || f.kind == RequestKind::kTokenRefresh) return std::string{"token"};
    if (f.kind == RequestKind::kManifest) return std::string{"manifest"};
    if (f.kind == RequestKind::kInit && init_beside_segment_) return std::string{"init "} + (audio ? "audio" : "video");
    if (f.kind == RequestKind::kClock) return std::string{"clock"};
    if (f.kind == RequestKind::kPage) return "page " + *f.url;
    if (f.kind == RequestKind::kLogin || f.kind == RequestKind::kEntitlements) return std::string{"account"};
    return std::string{media ? "media " : "playlist "} + (audio ? "audio" : "video");
  };
  for (const Fetch& other : running_) {
    EXPECT_TRUE(!urls_tell_tracks_ || lane(other) != lane(fetch)) << "two requests at once: " << fetch.url << "\n" << steps();
  }
  EXPECT_LE(running_.size(), kMostAtOnce + (init_beside_segment_ ? 2 : 0)) << steps();
  EXPECT_GT(fetch.timeout.count(), 0);
  steps_.push_back("    asks " + std::string{fetch.method} + " " + *fetch.url);
  running_.push_back(fetch);
  asked_.push_back(fetch);
}

inline std::optional<Fetch> PlayerScript::take(RequestId id) {
  for (auto it = running_.begin(); it != running_.end(); ++it) {
    if (it->id != id) continue;
    Fetch fetch = *it;
    running_.erase(it);
    return fetch;
  }
  return std::nullopt;
}

inline const Fetch* PlayerScript::running(const std::string& ending) const {
  for (const Fetch& fetch : running_) {
    if (ends_with(fetch.url, ending)) return &fetch;
  }
  return nullptr;
}

inline std::size_t PlayerScript::count_asked(const std::string& ending) const {
  std::size_t count = 0;
  for (const Fetch& fetch : asked_) count += ends_with(fetch.url, ending) ? 1u : 0u;
  return count;
}

inline void PlayerScript::answer(const Fetch& fetch, const Reply& reply) {
  const std::string step = (reply.failure.empty() ? std::to_string(reply.status) : reply.failure) + " for " + *fetch.url;
  if (!reply.failure.empty()) {
    feed(Broke{.id = fetch.id, .failure = reply.failure, .bytes = {}, .took = reply.took}, step);
    return;
  }
  feed(Answered{.id = fetch.id,
                .status = reply.status,
                .body = fetch.keep_body ? reply.body : std::string{},
                .bytes = reply.bytes,
                .ttfb = 0s,
                .took = reply.took,
                .retry_after = reply.retry_after,
                .url = reply.url,
                .date = reply.date,
                .cached = reply.cached,
                .validated = reply.validated},
       step);
}

inline PlayerScript& PlayerScript::receives(const std::string& ending, Reply reply) {
  const Fetch* fetch = running(ending);
  if (fetch == nullptr) {
    ADD_FAILURE() << "no request for " << ending << " runs\n" << steps();
    return *this;
  }
  answer(*take(fetch->id), reply);
  return *this;
}

inline PlayerScript& PlayerScript::progresses(const std::string& ending, base::ByteCount received, base::ByteCount expected,
                                              base::Duration ttfb) {
  const Fetch* fetch = running(ending);
  if (fetch == nullptr) {
    ADD_FAILURE() << "no request for " << ending << " runs\n" << steps();
    return *this;
  }
  return feed(Progress{.id = fetch->id, .received = received, .expected = expected, .ttfb = ttfb}, "progress of " + *fetch->url);
}

inline PlayerScript& PlayerScript::advances(base::Duration time) {
  const base::Instant until = now_ + time;
  for (int turns = 0; wake_ && *wake_ <= until && turns < 10'000; ++turns) {
    now_ = std::max(now_, *wake_);
    wake_.reset();
    feed(Woken{}, "woken");
  }
  now_ = until;
  return *this;
}

inline void PlayerScript::schedule(const Responder& responder) {
  for (const Fetch& fetch : running_) {
    bool known = false;
    for (const Due& due : due_) known = known || due.id == fetch.id;
    if (known) continue;
    const Reply reply = responder(now_, fetch);
    due_.push_back({now_ + reply.took, fetch.id, reply});
  }
}

inline bool PlayerScript::one_step(base::Instant until, const Responder& responder) {
  schedule(responder);
  auto next = due_.end();
  for (auto it = due_.begin(); it != due_.end(); ++it) {
    if (next == due_.end() || it->at < next->at) next = it;
  }
  const bool wakes_first = wake_ && (next == due_.end() || *wake_ <= next->at);
  if (finished_ || (wakes_first ? *wake_ > until : next == due_.end() || next->at > until)) return false;
  if (wakes_first) {
    now_ = std::max(now_, *wake_);
    wake_.reset();
    feed(Woken{}, "woken");
    return true;
  }
  const Due due = *next;
  due_.erase(next);
  now_ = std::max(now_, due.at);
  if (const auto fetch = take(due.id)) answer(*fetch, due.reply);
  return true;
}

inline PlayerScript& PlayerScript::lives(base::Duration time, const Responder& responder) {
  const base::Instant until = now_ + time;
  int turns = 0;
  while (one_step(until, responder)) {
    if (++turns < 200'000) continue;
    ADD_FAILURE() << "the session spins\n" << steps();
    break;
  }
  if (!finished_) now_ = until;
  return *this;
}

inline PlayerScript& PlayerScript::expects_fetch(const std::string& ending) {
  EXPECT_NE(running(ending), nullptr) << "expected a request for " << ending << "\n" << steps();
  return *this;
}

inline PlayerScript& PlayerScript::expects_no_fetch(const std::string& ending) {
  EXPECT_EQ(running(ending), nullptr) << "expected no request for " << ending << "\n" << steps();
  return *this;
}

inline PlayerScript& PlayerScript::expects_state(PlayerState state) {
  EXPECT_EQ(static_cast<int>(status().state), static_cast<int>(state)) << steps();
  return *this;
}

inline PlayerScript& PlayerScript::expects_finish(Ending ending, const std::string& reason_part) {
  EXPECT_TRUE(finished_) << "expected the end\n" << steps();
  if (!finished_) return *this;
  EXPECT_STREQ(to_text(finished_->ending), to_text(ending)) << finished_->reason << "\n" << steps();
  EXPECT_NE(finished_->reason.find(reason_part), std::string::npos) << finished_->reason << "\n" << steps();
  return *this;
}

}  // namespace harness::test
