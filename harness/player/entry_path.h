// EntryPath: what a viewer asks for from opening the page to its player's first request. A list of steps, each a set of requests that
// leave side by side: a page and then the styles and scripts it names, a login, the account's entitlements, the token (which the session
// asks for), an embedded player's start message. Decides; the session sends. Pure; every viewer has a fresh profile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "harness/player/events.h"

namespace harness {

// Where a viewer enters. Empty URLs: that step is not taken.
struct Entrance {
  std::string login_page{};        // on which the viewer signs in
  std::string login_url{};         // POST {"user", "password"}: {"session"}
  std::string entitlements_url{};  // GET with the session: {"streams": [{"name"}, …]}
  std::string user{}, password{};
  std::string stream{};          // must be among the entitlements
  std::string page{};            // that plays: the watch page, or the embed page
  std::string referrer{};        // the page that leads to `page`; empty: typed, or a bookmark
  bool waits_for_start = false;  // the player in `page` starts when the page around it says so
};

// Chromium's kMaxSocketsPerGroup (net/socket/client_socket_pool_manager.cc, normal sockets): HTTP/1.1 requests at once to one host.
inline constexpr int kConnectionsPerHost = 6;
// The pauses of a page, in Chromium 156 on loopback: first deciles of 20 loads each of the watch and the embed page, on two processors that
// were busy with other work, so that medians would tell of that. From a page's last byte to its assets' requests (6.6 ms, 26 ms):
inline constexpr base::Duration kPageToAssets = std::chrono::milliseconds{10};
// The last asset's last byte to the page's own script running (45 ms, 55 ms): hls.js's 620 kB are compiled and run in between.
inline constexpr base::Duration kAssetsToScript = std::chrono::milliseconds{50};
// "ready" to the page around and "start" back: two messages between processes; an assumption of the right size. What a publisher does
// before it says "start" (consent, advertising) is the publisher's time, not the stream's, and not counted.
inline constexpr base::Duration kMessagesBothWays = std::chrono::milliseconds{5};
// A browser waits for minutes; a viewer does not.
inline constexpr base::Duration kPageTimeout = std::chrono::seconds{20};

class EntryPath {
 public:
  // A request on its way.
  struct Sent {
    RequestId id{};
    RequestKind kind = RequestKind::kPage;
    std::string url;
    base::Instant at;
    bool vital = true;  // without it there is no player: pages, scripts, calls; not styles
  };

  // `with_token`: the viewer needs a token.
  EntryPath(Entrance entry, bool with_token);

  // A request that may leave now, known as `id` from here on; to be asked until there is none.
  std::optional<Fetch> next(base::Instant now, RequestId id);
  // The request that `id` is, which then no longer runs; the caller says what became of it.
  std::optional<Sent> take(RequestId id);
  // It was answered well. An error, one sentence: the answer is of no use.
  base::Result<void> arrived(base::Instant now, const Sent& sent, std::string_view body);
  // It failed, and is not vital.
  void missed(base::Instant now) { go_on(now); }

  // The token's turn.
  bool wants_token(base::Instant now) const { return is_at(Step::kToken) && not_before_ <= now; }
  void token_granted(base::Instant now);
  const std::string& session() const { return session_; }  // of the login; empty: none (yet)

  // The player runs: it may ask for its manifest.
  bool is_over(base::Instant now) const { return step_ == steps_.size() && not_before_ <= now; }
  // When something may be done without an answer.
  base::Instant wake() const { return not_before_; }
  const std::vector<Sent>& running() const { return running_; }

 private:
  enum class Step : std::uint8_t { kLoginPage, kLogin, kEntitlements, kToken, kPage, kStartMessage };
  struct Wanted {
    RequestKind kind = RequestKind::kPage;
    std::string url;
    bool document = false;  // its assets are asked for
    bool vital = true;
  };
  bool is_at(Step step) const { return step_ < steps_.size() && steps_[step_] == step; }
  void enter(base::Instant now, base::Duration pause);
  void go_on(base::Instant now);
  bool has_connection(const std::string& url) const;
  Fetch fetch_of(const Wanted& wanted) const;
  base::Result<void> login_arrived(std::string_view body);
  base::Result<void> entitlements_arrived(std::string_view body) const;

  Entrance entry_;
  std::vector<Step> steps_;
  std::size_t step_ = 0;
  std::vector<Wanted> wanted_;
  std::vector<Sent> running_;
  bool document_here_ = false;  // the step's page; its assets are what is on its way
  base::Instant not_before_{};
  std::string session_;
};

}  // namespace harness
