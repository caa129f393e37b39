#include "harness/transport/curl_transfer.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "base/steady_timeline.h"
#include "harness/transport/curl_outcome.h"
#include "harness/transport/curl_shard.h"
#include "harness/transport/curl_viewer.h"

namespace harness {
namespace {

constexpr std::size_t kMostBody = 16 * 1024 * 1024;
constexpr long kBufferSize = 64 * 1024;  // measured on loopback: a third less CPU than the default of 16 KiB
constexpr long kMostRedirects = 10;

// One header line for libcurl, in which "Name:" would remove the header and "Name;" sends it empty.
std::string header_line(const std::string& name, const std::string& value) {
  std::string line = value.empty() ? name + ";" : name + ": " + value;
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return line;
}

}  // namespace

CurlTransfer::CurlTransfer(CurlShard& shard, const std::string& user_agent)
    : shard_{&shard}, easy_{owned<CurlEasy>(curl_easy_init(), "start a transfer")} {
  set_constant_options(user_agent);
}

void CurlTransfer::set_constant_options(const std::string& user_agent) {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, kBufferSize);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);     // set, it costs 28 ms per handshake
  const char* trusted = std::getenv("SSL_CERT_FILE");  // libcurl itself does not look
  if (trusted != nullptr && *trusted != '\0') curl_easy_setopt(easy, CURLOPT_CAINFO, trusted);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXREDIRS, kMostRedirects);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &CurlTransfer::on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, &CurlTransfer::on_new_socket);
  curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, this);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &CurlShard::on_close_socket);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, shard_);
}

void CurlTransfer::begin(TransferId id, TransportRequest request, TransferReceiver& receiver, const Route& route) {
  id_ = id;
  request_ = std::move(request);
  receiver_ = &receiver;
  waited_ = route.waited;
  unused_ = route.fd;
  const auto timeout =
      std::chrono::ceil<std::chrono::milliseconds>(std::max<base::Duration>(request_.timeout - waited_, base::Duration{1}));
  curl_easy_setopt(easy(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(easy(), CURLOPT_URL, request_.url->c_str());
  set_method();
  set_headers();
  set_route(route);
  set_address_family();
}

void CurlTransfer::set_method() {
  const std::string_view method = request_.method;
  const bool get = method == "GET";
  curl_easy_setopt(easy(), CURLOPT_HTTPGET, 1L);  // also undoes what an earlier request asked for
  curl_easy_setopt(easy(), CURLOPT_CUSTOMREQUEST, nullptr);
  curl_easy_setopt(easy(), CURLOPT_ACCEPT_ENCODING, get && request_.keep_body ? "gzip" : nullptr);
  if (get) return;
  if (method == "HEAD") return void(curl_easy_setopt(easy(), CURLOPT_NOBODY, 1L));
  if (method != "POST") curl_easy_setopt(easy(), CURLOPT_CUSTOMREQUEST, std::string{method}.c_str());
  if (method != "POST" && request_.body.empty()) return;
  curl_easy_setopt(easy(), CURLOPT_POST, 1L);
  curl_easy_setopt(easy(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  curl_easy_setopt(easy(), CURLOPT_POSTFIELDS, request_.body->c_str());
}

// Browsers and the HTTP stacks of apps say over HTTP/1.1 that they would keep the connection, libcurl does not; servers of the old school
// (Pistache) close it without.
void CurlTransfer::set_headers() {
  add_header("Connection: keep-alive");
  for (const auto& [name, value] : request_.headers) add_header(header_line(name, value));
  curl_easy_setopt(easy(), CURLOPT_HTTPHEADER, headers_.get());
}

void CurlTransfer::add_header(const std::string& line) {
  curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) throw base::RunFailed("start a transfer: libcurl is out of memory");
  if (!headers_) headers_.reset(longer);
}

// The address is part of what libcurl compares before it reuses a connection; an address bound in the socket callback would not be.
void CurlTransfer::set_route(const Route& route) {
  source_address_ = route.source_address;
  place_ = route.place;
  const bool libcurl_binds = !source_address_.empty() && route.pool == nullptr;
  binds_ = !source_address_.empty() && !libcurl_binds;
  curl_easy_setopt(easy(), CURLOPT_INTERFACE, libcurl_binds ? ("host!" + source_address_).c_str() : nullptr);
  curl_easy_setopt(easy(), CURLOPT_LOCALPORTRANGE, CurlViewer::tag(place_));
  curl_easy_setopt(easy(), CURLOPT_ADDRESS_SCOPE, source_address_.empty() ? 0L : CurlViewer::group(viewer(), place_));
  curl_easy_setopt(easy(), CURLOPT_SHARE, route.pool);
}

// Behind a link everybody has IPv4: a peer's IPv6 address would be tried first, and answered for by the link's other end.
void CurlTransfer::set_address_family() {
  const bool literal = request_.url->find("://[") != std::string::npos;
  const long family = shard_->hooks().open && !literal ? CURL_IPRESOLVE_V4 : CURL_IPRESOLVE_WHATEVER;
  curl_easy_setopt(easy(), CURLOPT_IPRESOLVE, family);
}

TransportOutcome CurlTransfer::end(CURLcode code) {
  if (!open_failure_.empty())
    throw base::RunFailed(fmt::format("connect viewer {} to {}: {}", index_of(viewer()), request_.url, open_failure_));
  if (const auto fault = own_fault(easy(), code, socket_error_))
    throw base::RunFailed(fmt::format("connect viewer {}{}{} to {}: {}", index_of(viewer()), source_address_.empty() ? "" : " from ",
                                      source_address_, request_.url, *fault));
  TransportOutcome outcome = outcome_of(easy(), code, request_, std::move(caching_));
  if (outcome.failure.empty()) outcome.body = std::move(body_);
  outcome.took += waited_;
  if (outcome.ttfb.count() > 0) outcome.ttfb += waited_;
  return outcome;
}

const CurlPeer* CurlTransfer::opened() const {
  if (sockets_opened_ != 1) return nullptr;
  long redirects = 0;
  curl_easy_getinfo(easy(), CURLINFO_REDIRECT_COUNT, &redirects);
  return redirects == 0 ? &peer_ : nullptr;
}

void CurlTransfer::close_unused() {
  if (unused_ >= 0) shard_->close_unused(std::exchange(unused_, -1));
}

void CurlTransfer::clear() {
  close_unused();
  waited_ = {};
  sockets_opened_ = 0;
  is_connected_ = false;
  curl_easy_setopt(easy(), CURLOPT_SHARE, nullptr);
  curl_easy_setopt(easy(), CURLOPT_HTTPHEADER, nullptr);
  headers_.reset();
  request_ = {};
  body_ = {};
  caching_ = {};
  in_trailer_ = false;
  receiver_ = nullptr;
  socket_error_ = 0;
  progress_due_ = {};
  open_failure_.clear();
  finished = progress_pending = false;
}

TransferProgress CurlTransfer::progress() const {
  curl_off_t received = 0, expected = -1, first_byte_us = 0;
  curl_easy_getinfo(easy(), CURLINFO_SIZE_DOWNLOAD_T, &received);
  curl_easy_getinfo(easy(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &expected);
  curl_easy_getinfo(easy(), CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
  TransferProgress progress{.received = base::ByteCount::bytes(received), .ttfb = std::chrono::microseconds{first_byte_us} + waited_};
  if (expected >= 0) progress.expected = base::ByteCount::bytes(expected);
  return progress;
}

void CurlTransfer::note_progress() {
  if (request_.progress_every.count() <= 0 || progress_pending) return;
  const base::Instant now = base::steady_now();
  if (now < progress_due_) return;
  long status = 0;
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  if (status < 200 || status >= 300) return;
  progress_due_ = now + request_.progress_every;
  progress_pending = true;
  shard_->note_progress(*this);
}

// One line of a header, or of the trailer behind a body, which caches do not read. An answer with 1xx or a redirect has another one behind.
void CurlTransfer::note_header(std::string_view line) {
  if (request_.cache == CacheUse::kNone) return;
  line = line.substr(0, line.find_first_of("\r\n"));
  if (line.starts_with("HTTP/")) {
    caching_ = {};
    in_trailer_ = false;
  }
  if (line.empty()) in_trailer_ = true;
  const std::size_t colon = line.find(':');
  if (!in_trailer_ && colon != std::string_view::npos) note_field(caching_, line.substr(0, colon), line.substr(colon + 1));
}

// As they come: of what libcurl keeps of them, each step to the next one goes through all.
std::size_t CurlTransfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
  static_cast<CurlTransfer*>(self)->note_header({bytes, size * count});
  return size * count;
}

std::size_t CurlTransfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const std::size_t length = size * count;
  if (transfer.request_.keep_body) {
    if (transfer.body_.size() + length > kMostBody) return length == 0 ? 1 : 0;
    transfer.body_.append(bytes, length);
  }
  transfer.note_progress();
  return length;
}

int CurlTransfer::open(curl_sockaddr& address) noexcept {
  if (unused_ >= 0) {
    is_connected_ = true;
    return std::exchange(unused_, -1);
  }
  ++sockets_opened_;
  peer_ = {.type = address.socktype, .protocol = address.protocol, .length = address.addrlen};
  // libcurl's own is as large as the family needs
  std::memcpy(&peer_.address, &address.addr, std::min<std::size_t>(address.addrlen, sizeof peer_.address));
  sockaddr_storage peer = peer_.address;
  socklen_t length = peer_.length;
  try {
    const int fd = shard_->open_socket(request_.viewer, address.socktype, address.protocol, peer, length);
    std::memcpy(&address.addr, &peer, length);
    address.addrlen = length;
    address.family = peer.ss_family;
    if (fd < 0 || !binds_ || CurlShard::bind(fd, peer.ss_family, source_address_)) return fd;
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
  } catch (const std::exception& failure) {
    open_failure_ = failure.what();
    return -1;
  }
}

curl_socket_t CurlTransfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  const int fd = transfer.open(*address);
  if (fd < 0) {
    transfer.socket_error_ = errno == EAFNOSUPPORT ? 0 : errno;  // a machine without IPv6 still has IPv4
    return CURL_SOCKET_BAD;
  }
  if (!transfer.is_connected_) transfer.shard_->note_socket(fd, transfer.viewer());
  return fd;
}

int CurlTransfer::on_new_socket(void* self, curl_socket_t, curlsocktype) noexcept {
  return std::exchange(static_cast<CurlTransfer*>(self)->is_connected_, false) ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK;
}

}  // namespace harness
