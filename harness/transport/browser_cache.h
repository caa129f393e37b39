// BrowserCache: the HTTP caches of all viewers whose player runs in a browser, each its own: a private cache (RFC 9111) as Chromium's. A
// decorator of Transport. What is fresh is answered from here after a browser's few milliseconds; what is stale and has a validator is
// asked for with a condition, and a 304 gives the kept body again; everything else goes through to the network and is kept if its header
// fields allow it. Complete answers to GET alone; a range is a thing of its own. Bounded, and small for each viewer: segments are kept by
// size alone, the rest is shared between viewers (answer_pool.h).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/timeline.h"
#include "harness/transport/answer_pool.h"
#include "harness/transport/transport.h"

namespace harness {

class BrowserCache final : public Transport {
 public:
  // What a viewer's cache holds at most: the newest segments, and whatever else was used last.
  static constexpr std::size_t kSegments = 48, kOthers = 24;
  // Request to last byte of an answer from the cache, medians in Chromium 156: 2.5 ms for init segments (166 of them), 4.1 ms for media
  // segments (96).
  static constexpr base::Duration kSmallAnswer = std::chrono::microseconds{2500}, kLargeAnswer = std::chrono::microseconds{4100};
  static constexpr base::ByteCount kSmall = base::ByteCount::bytes(4096);

  // `wall` relates instants to the dates that answers bear.
  BrowserCache(Transport& network, base::Timeline& timeline, base::WallAnchor wall);
  ~BrowserCache() override;

  // Whether the request would be answered without the network, if it started now.
  bool answers(const TransportRequest& request) const;

  TransferId start(TransportRequest&& request, TransferReceiver& receiver) override;
  void cancel(TransferId id) override;
  // The viewer's cache stays: who turns to another channel does so in the same browser.
  void leave(base::ViewerId viewer) override { network_.leave(viewer); }
  void catch_up(base::ViewerId viewer) override { network_.catch_up(viewer); }
  void look_again(base::ViewerId viewer) override { network_.look_again(viewer); }
  // The viewer does not come back.
  void forget(base::ViewerId viewer);
  // Of one viewer's cache, without what it shares.
  std::size_t bytes_held(base::ViewerId viewer) const;

 private:
  struct Held {
    std::uint64_t key = 0;          // of the request
    std::uint32_t what = 0;         // a segment: its bytes; else its place in the pool
    std::uint32_t fresh_until = 0;  // milliseconds after the cache was made; the largest: for as long as any run lasts
  };
  // The oldest first: the longest kept of segments, the longest unused of others.
  struct Profile {
    std::vector<Held> segments, others;
    std::uint32_t kept = 0;  // segments so far
  };
  // Through to the network.
  struct Passing final : TransferReceiver {
    Passing(BrowserCache& through, std::uint32_t number) : cache{through}, slot{number} {}
    void on_progress(TransferId, const TransferProgress& progress) override { receiver->on_progress(id, progress); }
    ProgressWish progress_wanted(TransferId) const override { return receiver->progress_wanted(id); }
    base::Instant takes_late_until(TransferId) const override { return receiver->takes_late_until(id); }
    void on_late_progress(TransferId, base::Instant at, const TransferProgress& progress) override {
      receiver->on_late_progress(id, at, progress);
    }
    void on_outcome(TransferId, TransportOutcome&& outcome) override { cache.hear(*this, std::move(outcome)); }

    BrowserCache& cache;
    const std::uint32_t slot;
    std::uint32_t use_count = 0;
    TransferReceiver* receiver = nullptr;  // null: free
    TransferId id{}, network_id{};
    base::ViewerId viewer{};
    std::uint64_t key = 0;
    CacheUse use = CacheUse::kNone;
    bool range = false;
    std::optional<std::uint32_t> unheld{};     // it was not held when its profile had kept so many segments
    std::string sent{};                        // names of header fields, in lower case, each with a comma behind it
    std::optional<std::uint32_t> validates{};  // an answer in the pool, held
  };
  struct Recalled {  // from the cache
    TransferReceiver* receiver;
    TransportOutcome outcome;
    base::Timer alarm;
  };
  std::uint32_t mark(base::Instant when) const;
  const Profile* profile_of(base::ViewerId viewer) const;
  static const Held* find(const Profile* profile, CacheUse use, std::uint64_t key);
  bool is_fresh(const Held& held) const;
  TransferId recall(base::ViewerId viewer, CacheUse use, const Held& held, bool range, TransferReceiver& receiver);
  void deliver(TransferId id);
  Passing& free_slot();
  Passing* find_passing(TransferId id);
  void make_conditional(TransportRequest& request, Passing& passing);
  void hear(Passing& passing, TransportOutcome&& outcome);
  void confirm(const Passing& passing, TransportOutcome& outcome);
  void keep(const Passing& passing, const TransportOutcome& outcome);
  // Looks at the newest ones only.
  void drop(Profile& profile, CacheUse use, std::uint64_t key, std::size_t newest);
  void let_go(Passing& passing);

  Transport& network_;
  base::Timeline& timeline_;
  base::WallAnchor wall_;
  base::Instant made_;
  AnswerPool pool_;
  std::unordered_map<base::ViewerId, Profile> profiles_;
  std::deque<Passing> passing_;  // each in its slot
  std::vector<std::uint32_t> free_slots_;
  std::unordered_map<TransferId, Recalled> recalled_;
  std::uint64_t last_recalled_ = 0;
};

}  // namespace harness
