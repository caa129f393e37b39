#include "server/ingest/http/session.h"

#include <utility>
#include <variant>

#include "server/ingest/http/answer.h"

namespace server::http {

void Session::receive(std::span<const std::uint8_t> bytes) {
  if (is_over_) return;
  if (const auto problem = reader_.read(bytes); problem && !is_over_) turn_away(*problem);
}

// A connection on which nothing was asked has nothing to be answered.
void Session::dismiss(Dismissal why) {
  if (is_over_ || !reader_.has_begun()) return;
  switch (why) {
    case Dismissal::kDisplaced:
      return refuse({409, "displaced", "Another publisher has taken this one's place, or the stream was removed"});
    case Dismissal::kUnreadable:
      return turn_away({415, "container", "The body cannot be read as what it says it is; send MPEG-TS or FLV"});
    case Dismissal::kSilent:
      if (is_publishing_) return refuse({408, "timeout", "No byte of the body has come for too long"});
      return turn_away({408, "timeout", request_ ? "No byte of the body has come in time" : "The request's head came too slowly"});
  }
}

void Session::on_head(const RequestHead& head) {
  auto read = read_head(head);
  if (const auto* problem = std::get_if<Problem>(&read)) return turn_away(*problem);
  auto& request = std::get<UploadRequest>(read);
  point_ = request.name.point;
  if (const auto refusal = host_.consider(request.name)) return refuse(*refusal);
  if (const auto* other = std::get_if<OtherContainer>(&request.container)) return turn_away(refused_container(*other));
  request_ = std::move(request);
  if (const auto* container = std::get_if<Container>(&request_->container)) enter(*container);
  if (!is_over_ && head.expects_continue) output_ += kContinue;
}

void Session::on_body(std::string_view piece) {
  if (is_over_) return;
  if (is_recognised_) return push(piece);
  beginning_ += piece;
  const auto* named = std::get_if<Container>(&request_->container);
  const NamedContainer found = named != nullptr ? container_confirmed(*named, beginning_) : container_beginning_with(beginning_);
  if (const auto* other = std::get_if<OtherContainer>(&found)) return turn_away(refused_container(*other));
  const auto* container = std::get_if<Container>(&found);
  if (container == nullptr) return;
  is_recognised_ = true;
  if (!is_publishing_) enter(*container);
  if (is_publishing_) push(std::exchange(beginning_, {}));
}

void Session::on_end() {
  if (is_over_) return;
  if (!is_recognised_ && (!is_publishing_ || !beginning_.empty()))
    return turn_away({415, "container", "The body ends before it says what it is; send MPEG-TS or FLV"});
  // Whoever takes the bytes may not have come so far.
  if (pushed_->was_never_right() || !host_.is_readable()) return dismiss(Dismissal::kUnreadable);
  end(answer_taken(taken_, dropped_, host_.utc_now()));
}

void Session::enter(Container container) {
  if (const auto refusal = host_.enter(request_->name, container)) return refuse(*refusal);
  is_publishing_ = true;
  pushed_.emplace(container);
}

void Session::push(std::string_view bytes) {
  pushed_->take({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  (host_.push(bytes) ? taken_ : dropped_) += bytes.size();
}

void Session::refuse(Refusal refusal) { refuse(refused(refusal, point_)); }

void Session::turn_away(const Problem& problem) {
  turned_away_ = TurnedAway{refusal_of(problem), point_, problem.detail};
  refuse(problem);
}

void Session::refuse(const Problem& problem) { end(answer(problem, host_.utc_now())); }

void Session::end(const std::string& answer) {
  is_over_ = true;
  output_ += answer;
  if (std::exchange(is_publishing_, false)) host_.leave();
}

}  // namespace server::http
