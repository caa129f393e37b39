// Transport: the second port to the world (the first is base/timeline.h). Starts HTTP requests for viewers and reports what came
// of them. CurlTransport is the network, ModelTransport a link and server model in virtual time; both pass
// tests/contract/transport_contract_test.cc. One thread; receivers are called from its timeline's loop, never inside start().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/units.h"

namespace harness {

enum class TransferId : std::uint64_t {};

struct TransportRequest {
  base::ViewerId viewer{};  // connections and source address belong to a viewer and are never shared between viewers
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  base::Duration timeout{};  // whole transfer; must be positive
  bool keep_body = false;
  // How often progress is wanted, at most; zero: never. The first report comes with the first byte of a 2xx answer.
  base::Duration progress_every{};
};

struct TransferProgress {
  base::ByteCount received;                 // of the body, so far
  std::optional<base::ByteCount> expected;  // of the whole body, where the answer says it
  base::Duration ttfb{};                    // as TransportOutcome::ttfb
};

struct TransportOutcome {
  std::string failure;  // "" : an HTTP answer of any status; else a word of harness/player/events.h: RequestDone::failure
  int status = 0;
  std::string body;       // with keep_body, at most 16 MiB
  base::ByteCount bytes;  // of the body as transferred: compressed, where the server compressed it
  base::Duration ttfb{};  // start to first byte of the answer
  base::Duration took{};  // start to the last byte
  std::optional<base::Duration> retry_after;
  std::string url{};                    // with keep_body: where redirects led; empty: nowhere else
  std::optional<base::UtcTime> date{};  // HEAD only: what the answer's Date says
};

class TransferReceiver {
 public:
  virtual void on_progress(TransferId id, const TransferProgress& progress) = 0;  // as often as the request wants it
  virtual void on_outcome(TransferId id, TransportOutcome outcome) = 0;           // the last call for this id

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
  virtual TransferId start(TransportRequest request, TransferReceiver& receiver) = 0;
  // No call follows. Idempotent; unknown ids are ignored.
  virtual void cancel(TransferId id) = 0;
  // The viewer has left: its connections are closed. Requires: none of its transfers runs.
  virtual void leave(base::ViewerId viewer) = 0;
};

}  // namespace harness
