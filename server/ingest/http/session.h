// Session: a publisher's HTTP connection, the server's end: one request, whose body is the contribution. Pure.
//
//   head ── let in, its container known ──▶ publishing ── the body's end ──▶ over: 200
//     │  └─ let in, its container not named ──▶ first bytes ──▶ publishing
//     └──── refused, malformed, too late: over, answered before the body was read
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "server/ingest/admission.h"
#include "server/ingest/http/request_reader.h"
#include "server/ingest/http/upload_request.h"
#include "server/ingest/publish_session.h"
#include "server/ingest/readability.h"

namespace server::http {

class SessionHost {
 public:
  // Whether the publisher would be let in now; nothing: yes.
  virtual std::optional<Refusal> consider(const PublishName& name) = 0;
  // Nothing: let in; the body goes to push() until leave() or the session's end.
  virtual std::optional<Refusal> enter(const PublishName& name, Container container) = 0;
  virtual void leave() = 0;
  // False: there is no room for it, it is dropped.
  virtual bool push(std::string_view bytes) = 0;
  // False: whoever takes the bytes can make nothing of them.
  virtual bool is_readable() const = 0;
  virtual base::UtcTime utc_now() const = 0;

 protected:
  ~SessionHost() = default;
};

class Session final : public PublishSession, private RequestSink {
 public:
  // Requires: `host` outlives the session, which calls it within receive() and dismiss() only.
  explicit Session(SessionHost& host) : host_{host} {}

  void receive(std::span<const std::uint8_t> bytes) override;
  std::string_view output() const override { return output_; }
  void sent(std::size_t size) override { output_.erase(0, size); }
  bool is_let_in() const override { return request_.has_value() && !is_over_; }
  bool is_over() const override { return is_over_; }
  std::optional<TurnedAway> turned_away() const override { return turned_away_; }
  void dismiss(Dismissal why) override;

 private:
  void on_head(const RequestHead& head) override;
  void on_body(std::string_view piece) override;
  void on_end() override;
  void enter(Container container);
  void push(std::string_view bytes);
  // The points have refused it.
  void refuse(Refusal refusal);
  void refuse(const Problem& problem);
  void turn_away(const Problem& problem);
  void end(const std::string& answer);

  SessionHost& host_;
  RequestReader reader_{*this};
  std::optional<UploadRequest> request_;  // once it is let in
  std::string point_;                     // as it was asked for
  std::optional<TurnedAway> turned_away_;
  std::string beginning_;              // of a body that does not say yet what it is
  bool is_recognised_ = false;         // it has said so
  std::optional<Readability> pushed_;  // once it publishes
  bool is_publishing_ = false;
  bool is_over_ = false;
  std::uint64_t taken_ = 0, dropped_ = 0;  // bytes
  std::string output_;
};

}  // namespace server::http
