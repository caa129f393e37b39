#include "server/ingest/http/request_reader.h"

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/parser.hpp>
#include <string>
#include <utility>

namespace server::http {
namespace {

namespace beast = boost::beast;

constexpr std::size_t kLargestHead = 16 * 1024;  // and the lines between two chunks, or behind the last

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// A body that is handed on in pieces and kept nowhere.
struct PassedOn {
  struct value_type {
    RequestSink* sink = nullptr;
  };
  class reader {
   public:
    template <bool kIsRequest, class Fields>
    reader(beast::http::header<kIsRequest, Fields>&, value_type& body) : body_{body} {}
    void init(const boost::optional<std::uint64_t>&, beast::error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, beast::error_code& error) {
      error = {};
      std::size_t size = 0;
      for (const auto piece : beast::buffers_range_ref(buffers)) {
        body_.sink->on_body({static_cast<const char*>(piece.data()), piece.size()});
        size += piece.size();
      }
      return size;
    }
    void finish(beast::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace

class RequestReader::Impl {
 public:
  explicit Impl(RequestSink& sink) : sink_{sink} {
    parser_.header_limit(kLargestHead);
    parser_.body_limit(boost::none);
    parser_.get().body().sink = &sink;
  }

  std::optional<Problem> read(std::span<const std::uint8_t> bytes) {
    has_begun_ = true;
    if (parser_.is_done()) return std::nullopt;
    std::string all = std::exchange(unread_, {});
    const std::string_view piece{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    if (!all.empty()) all += piece;
    std::string_view rest = all.empty() ? piece : all;  // mostly nothing was left, and nothing is copied
    const std::optional<Problem> problem = parse(rest);
    unread_ = rest;
    return problem;
  }

  bool has_begun() const { return has_begun_; }

 private:
  std::optional<Problem> parse(std::string_view& rest) {
    beast::error_code error;
    while (!rest.empty() && !parser_.is_done() && !error) {
      rest.remove_prefix(parser_.put(beast::net::const_buffer{rest.data(), rest.size()}, error));
      if (parser_.is_header_done() && !parser_.eager()) tell_the_head();
    }
    if (parser_.is_done()) sink_.on_end();
    const bool is_incomplete = !error || error == beast::http::error::need_more;
    if (is_incomplete && rest.size() <= kLargestHead) return std::nullopt;
    if (!parser_.is_header_done() && (is_incomplete || error == beast::http::error::header_limit))
      return Problem{431, "header", "The request's head is larger than 16 KB"};
    return Problem{400, "malformed", parser_.is_header_done() ? "The body's chunks are malformed" : "This is not an HTTP/1.1 request"};
  }

  void tell_the_head() {
    parser_.eager(true);  // from now on as much at once as there is
    const auto& head = parser_.get();
    const auto field = [&](beast::http::field name) { return view(head[name]); };
    const bool is_old = head.version() < 11;
    sink_.on_head({.method = view(head.method_string()),
                   .target = view(head.target()),
                   .authorization = field(beast::http::field::authorization),
                   .content_type = field(beast::http::field::content_type),
                   .content_encoding = field(beast::http::field::content_encoding),
                   .has_body = parser_.chunked() || parser_.content_length().value_or(0) > 0,
                   .expects_continue = !is_old && beast::iequals(head[beast::http::field::expect], "100-continue"),
                   .names_host = is_old || head.count(beast::http::field::host) == 1});
  }

  RequestSink& sink_;
  beast::http::request_parser<PassedOn> parser_;
  std::string unread_;
  bool has_begun_ = false;
};

RequestReader::RequestReader(RequestSink& sink) : impl_{std::make_unique<Impl>(sink)} {}
RequestReader::~RequestReader() = default;
std::optional<Problem> RequestReader::read(std::span<const std::uint8_t> bytes) { return impl_->read(bytes); }
bool RequestReader::has_begun() const { return impl_->has_begun(); }

}  // namespace server::http
