#include "server/delivery/connection.h"

#include <algorithm>
#include <boost/beast/http/field.hpp>
#include <utility>

#include "base/steady_timeline.h"

namespace server {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kLargestHead = 16 * 1024;
constexpr std::size_t kReadSize = 4 * 1024;
constexpr std::size_t kMostDrained = 256 * 1024;
constexpr base::Duration kDrainTimeout = std::chrono::seconds{2};

std::string_view view(boost::string_view text) { return {text.data(), text.size()}; }

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::kGet;
    case http::verb::head:
      return Method::kHead;
    case http::verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

// One look-up is all that a request without CMCD pays for.
template <class Head>
std::array<std::string_view, kCmcdFields.size()> cmcd_of(const Head& head) {
  const auto field = [&](std::size_t i) { return view(head[boost::string_view{kCmcdFields[i].data(), kCmcdFields[i].size()}]); };
  std::array<std::string_view, kCmcdFields.size()> values{field(0)};
  if (!values[0].empty())
    for (std::size_t i = 1; i < values.size(); ++i) values[i] = field(i);
  return values;
}

Response busy() {
  Response response = problem_response(503, "busy", "The server has as many connections as it takes", "no-store");
  response.fields = "Retry-After: 1\r\n";
  return response;
}

}  // namespace

Connection::Connection(const HttpServer::Options& options, RequestHandler& handler, BodyFiles& files, std::string peer, bool refuse,
                       base::Instant now)
    : options_{options},
      handler_{handler},
      files_{files},
      peer_{std::move(peer)},
      refuse_{refuse},
      buffer_{kLargestHead + kReadSize},
      deadline_{now + options.header_timeout} {
  start_parser();
  handler_.connections_changed(1);
}

Connection::~Connection() {
  // Cut off in the middle: what went out still counts.
  if (response_) handler_.finished(*response_, base::ByteCount::bytes(static_cast<std::int64_t>(sent_)), base::steady_now() - asked_at_);
  handler_.connections_changed(-1);
}

void Connection::start_parser() {
  head_taken_ = 0;
  parser_.emplace();
  parser_->header_limit(kLargestHead);
  parser_->body_limit(boost::none);  // bodies are drained, never read
}

boost::asio::mutable_buffer Connection::room() { return buffer_.prepare(std::min(kReadSize, buffer_.max_size() - buffer_.size())); }

Connection::Unsent Connection::unsent() const {
  const std::size_t body_sent = sent_ > head_.size() ? sent_ - head_.size() : 0;
  Unsent unsent;
  if (sent_ < head_.size()) unsent.memory[0] = boost::asio::buffer(head_) + sent_;
  if (!file_) {
    unsent.memory[1] = boost::asio::buffer(response_->body.data(), body_to_send_) + body_sent;
    return unsent;
  }
  unsent.file = file_->fd();
  unsent.file_offset = static_cast<std::size_t>(response_->body.data() - response_->owner->data()) + body_sent;
  unsent.file_count = body_to_send_ - body_sent;
  return unsent;
}

void Connection::received(std::size_t bytes, const Clock& clock) {
  if (draining_) {
    drained_ += bytes;
    if (drained_ > kMostDrained) wish_ = Wish::kClose;
    return;
  }
  if (buffer_.size() == 0 && head_taken_ == 0) deadline_ = clock.now + options_.header_timeout;
  buffer_.commit(bytes);
  parse(clock);
}

void Connection::parse(const Clock& clock) {
  boost::system::error_code error;
  while (buffer_.size() > 0 && !parser_->is_header_done() && !error) {
    const std::size_t taken = parser_->put(buffer_.data(), error);
    buffer_.consume(taken);
    head_taken_ += taken;
  }
  const bool done = parser_->is_header_done();
  // The parser's own limit is for the bytes it is given at once: it keeps the fields that came before.
  const bool too_large = head_taken_ + (done ? 0 : buffer_.size()) > kLargestHead;
  if (done && !too_large) return respond(clock);
  keep_alive_ = false;
  if (error == http::error::header_limit || error == http::error::buffer_overflow || too_large)
    return begin(problem_response(431, "header", "The request header is larger than 16 KB", "no-store"), clock);
  if (error && error != http::error::need_more)
    return begin(problem_response(400, "malformed", "This is not an HTTP/1.1 request", "no-store"), clock);
  wish_ = Wish::kRead;
}

void Connection::respond(const Clock& clock) {
  const auto length = parser_->content_length();
  const bool has_body = parser_->chunked() || (length && *length > 0);
  keep_alive_ = parser_->get().keep_alive() && !has_body && !refuse_;
  begin(refuse_ ? busy() : answer(clock), clock);
}

Response Connection::answer(const Clock& clock) {
  const auto& head = parser_->get();
  if (head.version() >= 11 && head.count(http::field::host) != 1) {
    keep_alive_ = false;
    return problem_response(400, "host", "The request needs one Host field", "no-store");
  }
  const Request request{.method = method_of(head.method()),
                        .target = view(head.target()),
                        .host = view(head[http::field::host]),
                        .authorization = view(head[http::field::authorization]),
                        .cookie = view(head[http::field::cookie]),
                        .accept_encoding = view(head[http::field::accept_encoding]),
                        .range = view(head[http::field::range]),
                        .if_range = view(head[http::field::if_range]),
                        .if_none_match = view(head[http::field::if_none_match]),
                        .forwarded_proto = view(head["X-Forwarded-Proto"]),
                        .peer = peer_,
                        .cmcd = cmcd_of(head)};
  return handler_.answer(request, clock.utc);
}

void Connection::begin(Response response, const Clock& clock) {
  response_ = std::move(response);
  head_ = header_text(*response_, clock.date, keep_alive_);
  response_->head_size = head_.size();
  const bool head_only = parser_->is_header_done() && parser_->get().method() == http::verb::head;
  body_to_send_ = head_only || response_->status == 204 || response_->status == 304 ? 0 : response_->body.size();
  file_ = body_to_send_ >= BodyFiles::kSmallest ? files_.of(response_->owner) : nullptr;
  sent_ = 0;
  asked_at_ = clock.now;
  deadline_ = clock.now + options_.write_timeout;
  wish_ = Wish::kWrite;
}

void Connection::sent(std::size_t bytes, const Clock& clock) {
  sent_ += bytes;
  if (bytes > 0) deadline_ = clock.now + options_.write_timeout;
  if (sent_ == head_.size() + body_to_send_) finish(clock);
}

void Connection::finish(const Clock& clock) {
  handler_.finished(*response_, base::ByteCount::bytes(static_cast<std::int64_t>(sent_)), clock.now - asked_at_);
  response_.reset();
  file_.reset();
  if (!keep_alive_) {
    draining_ = true;
    buffer_.clear();
    deadline_ = clock.now + kDrainTimeout;
    wish_ = Wish::kShutdownAndRead;
    return;
  }
  start_parser();
  deadline_ = clock.now + (buffer_.size() > 0 ? options_.header_timeout : options_.idle_timeout);
  parse(clock);
}

}  // namespace server
