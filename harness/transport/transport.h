// Transport: the second port to the world (the first is base/timeline.h). Starts HTTP requests for viewers and reports what came
// of them. CurlTransport is the network, ModelTransport a link and server model in virtual time; both pass
// tests/contract/transport_contract_test.cc. One thread; receivers are called from its timeline's loop, never inside start().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/shared_text.h"
#include "base/time.h"
#include "base/units.h"
#include "harness/transport/cache_fields.h"

namespace harness {

enum class TransferId : std::uint64_t {};

// Whether an HTTP cache stands between whoever asks and the network (browser_cache.h), and what it is asked for: of segments there are
// many, and each is of use for a while.
enum class CacheUse : std::uint8_t { kNone, kSegment, kOther };

struct TransportRequest {
  base::ViewerId viewer{};          // connections and source address belong to a viewer and are never shared between viewers
  std::string_view method = "GET";  // of static storage
  base::SharedText url;
  std::vector<std::pair<std::string, std::string>> headers;
  base::SharedText body;
  base::Duration timeout{};  // whole transfer; must be positive
  bool keep_body = false;
  // How often progress is wanted, at most; zero: never. The first report comes with the first byte of a 2xx answer.
  base::Duration progress_every{};
  CacheUse cache = CacheUse::kNone;
  std::uint16_t weight = 1;  // so many viewers ask for the same at that moment; servers that are simulated count them all
};

// Null: not sent. Names are compared as they are written.
inline const std::string* find_header(const TransportRequest& request, std::string_view name) {
  for (const auto& [each, value] : request.headers)
    if (each == name) return &value;
  return nullptr;
}

struct TransferProgress {
  base::ByteCount received;                 // of the body, so far
  std::optional<base::ByteCount> expected;  // of the whole body, where the answer says it
  base::Duration ttfb{};                    // as TransportOutcome::ttfb
  std::uint32_t reports = 1;                // that this one stands for, itself included
};

// An instant, and how much of the body has come.
struct ProgressWish {
  base::Instant from{};
  base::ByteCount received{};
};

struct TransportOutcome {
  std::string failure;  // "" : an HTTP answer of any status; else a word of harness/player/events.h: RequestDone::failure
  int status = 0;
  base::SharedText body;  // with keep_body, at most 16 MiB
  base::ByteCount bytes;  // of the body as transferred: compressed, where the server compressed it
  base::Duration ttfb{};  // start to first byte of the answer
  base::Duration took{};  // start to the last byte
  bool opened = false;    // a connection was opened for it
  std::optional<base::Duration> retry_after;
  base::SharedText url{};               // with keep_body: where redirects led; empty: nowhere else
  std::optional<base::UtcTime> date{};  // HEAD only: what the answer's Date says
  // Of requests that a cache may answer, unless redirects led elsewhere.
  std::optional<CacheFields> caching{};
  base::ByteCount cached{};  // of the body, as once transferred: given by the cache, and on top of `bytes`
  bool validated = false;    // the server was asked and said that what the cache has still holds
};

class TransferReceiver {
 public:
  virtual void on_progress(TransferId id, const TransferProgress& progress) = 0;  // as often as the request wants it
  // Asked after each report: none is of use before that. A transport may spare itself those, and need not.
  virtual ProgressWish progress_wanted(TransferId) const { return {}; }
  // Progress before that instant may be told late, in its order, if only it is told before whatever else its viewer hears or is asked
  // (Transport::catch_up), and nothing but that changes the instant (Transport::look_again). Until then all progress is wanted. Of a
  // viewer, no more than one report is late at an instant. Of a transfer's late reports between two such occasions one may stand for all
  // before it, but for the transfer's first report, and for the first that tells of as many bytes as the last.
  virtual base::Instant takes_late_until(TransferId) const { return {}; }
  virtual void on_late_progress(TransferId, base::Instant /*at*/, const TransferProgress&) {}
  virtual void on_outcome(TransferId id, TransportOutcome&& outcome) = 0;  // the last call for this id

 protected:
  ~TransferReceiver() = default;
};

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;
  // `receiver` must outlive the transfer or cancel it.
  virtual TransferId start(TransportRequest&& request, TransferReceiver& receiver) = 0;
  // No call follows. Idempotent; unknown ids are ignored.
  virtual void cancel(TransferId id) = 0;
  // The viewer has left: its connections are closed. Requires: none of its transfers runs.
  virtual void leave(base::ViewerId viewer) = 0;
  // Tells the progress of the viewer's transfers before now that has not been told.
  virtual void catch_up(base::ViewerId) {}
  // Until when its receivers take progress late may be another instant now.
  virtual void look_again(base::ViewerId) {}
};

}  // namespace harness
