#include "harness/player/entry_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/player/api_text.h"
#include "harness/player/page_scan.h"
#include "media/url.h"

namespace harness {
namespace {

std::string host_of(const std::string& url) {
  const auto parts = media::parse_url(url);
  return parts.has_value() ? fmt::format("{}:{}", parts->host, parts->port) : url;
}

// What Chromium offers for what it does not show (net/url_request/url_request_http_job.cc): br and zstd to secure hosts only.
const char* encodings_for(const std::string& url) { return url.starts_with("https://") ? "gzip, deflate, br, zstd" : "gzip, deflate"; }

}  // namespace

EntryPath::EntryPath(Entrance entry, bool with_token) : entry_{std::move(entry)} {
  const auto take_if = [this](bool wanted, Step step) {
    if (wanted) steps_.push_back(step);
  };
  take_if(!entry_.login_page.empty(), Step::kLoginPage);
  take_if(!entry_.login_url.empty(), Step::kLogin);
  take_if(!entry_.entitlements_url.empty(), Step::kEntitlements);
  take_if(with_token, Step::kToken);
  take_if(!entry_.page.empty(), Step::kPage);
  take_if(entry_.waits_for_start, Step::kStartMessage);
  if (!steps_.empty()) enter({}, {});
}

// The step that step_ names begins `pause` from now.
void EntryPath::enter(base::Instant now, base::Duration pause) {
  not_before_ = now + pause;
  document_here_ = false;
  if (is_at(Step::kStartMessage)) {
    ++step_;
    not_before_ += kMessagesBothWays;
  }
  if (step_ == steps_.size()) return;
  switch (steps_[step_]) {
    case Step::kLoginPage:
      wanted_ = {{.url = entry_.login_page, .document = true}};
      return;
    case Step::kPage:
      wanted_ = {{.url = entry_.page, .document = true}};
      return;
    case Step::kLogin:
      wanted_ = {{.kind = RequestKind::kLogin, .url = entry_.login_url}};
      return;
    case Step::kEntitlements:
      wanted_ = {{.kind = RequestKind::kEntitlements, .url = entry_.entitlements_url}};
      return;
    case Step::kToken:
    case Step::kStartMessage:
      return;
  }
}

std::optional<Fetch> EntryPath::next(base::Instant now, RequestId id) {
  if (not_before_ > now) return std::nullopt;
  const auto found = std::find_if(wanted_.begin(), wanted_.end(), [this](const Wanted& each) { return has_connection(each.url); });
  if (found == wanted_.end()) return std::nullopt;
  Fetch fetch = fetch_of(*found);
  fetch.id = id;
  running_.push_back({.id = id, .kind = found->kind, .url = found->url, .at = now, .vital = found->vital});
  wanted_.erase(found);
  return fetch;
}

bool EntryPath::has_connection(const std::string& url) const {
  const std::string host = host_of(url);
  return std::count_if(running_.begin(), running_.end(), [&](const Sent& sent) { return host_of(sent.url) == host; }) < kConnectionsPerHost;
}

Fetch EntryPath::fetch_of(const Wanted& wanted) const {
  Fetch fetch;
  fetch.kind = wanted.kind;
  fetch.url = wanted.url;
  fetch.timeout = kPageTimeout;
  fetch.keep_body = wanted.document || wanted.kind != RequestKind::kPage;
  if (!fetch.keep_body) fetch.headers.emplace_back("Accept-Encoding", encodings_for(wanted.url));
  if (wanted.document && wanted.url == entry_.page && !entry_.referrer.empty()) fetch.headers.emplace_back("Referer", entry_.referrer);
  if (wanted.kind == RequestKind::kEntitlements) fetch.headers.emplace_back("Authorization", "Bearer " + session_);
  if (wanted.kind != RequestKind::kLogin) return fetch;
  fetch.method = "POST";
  fetch.headers.emplace_back("Content-Type", "application/json");
  fetch.body = dumped({{"user", entry_.user}, {"password", entry_.password}});
  return fetch;
}

std::optional<EntryPath::Sent> EntryPath::take(RequestId id) {
  const auto found = std::find_if(running_.begin(), running_.end(), [id](const Sent& sent) { return sent.id == id; });
  if (found == running_.end()) return std::nullopt;
  Sent sent = std::move(*found);
  running_.erase(found);
  return sent;
}

base::Result<void> EntryPath::arrived(base::Instant now, const Sent& sent, std::string_view body) {
  base::Result<void> taken;
  if (sent.kind == RequestKind::kLogin) taken = login_arrived(body);
  if (sent.kind == RequestKind::kEntitlements) taken = entitlements_arrived(body);
  if (!taken.has_value()) return taken;
  if (sent.kind == RequestKind::kPage && !document_here_) {
    document_here_ = true;
    not_before_ = now + kPageToAssets;
    for (PageAsset& asset : assets_of(body, sent.url))
      wanted_.push_back({.url = std::move(asset.url), .vital = asset.kind == PageAsset::Kind::kScript});
  }
  go_on(now);
  return taken;
}

void EntryPath::go_on(base::Instant now) {
  if (!running_.empty() || !wanted_.empty()) return;
  ++step_;
  enter(now, document_here_ ? kAssetsToScript : base::Duration{});
}

void EntryPath::token_granted(base::Instant now) {
  ++step_;
  enter(now, {});
}

base::Result<void> EntryPath::login_arrived(std::string_view body) {
  const auto json = base::parse_json(body);
  session_ = json.has_value() ? text_of(*json, "session") : std::string{};
  if (!is_header_safe(session_)) return base::error("the login answer has no usable session");
  return {};
}

base::Result<void> EntryPath::entitlements_arrived(std::string_view body) const {
  const auto json = base::parse_json(body);
  const bool listed = json.has_value() && json->is_object() && json->contains("streams") && (*json)["streams"].is_array();
  if (!listed) return base::error("the entitlements answer has no streams");
  const base::Json& streams = (*json)["streams"];
  if (std::any_of(streams.begin(), streams.end(), [this](const base::Json& each) { return text_of(each, "name") == entry_.stream; }))
    return {};
  return base::error(fmt::format("the account \"{}\" may not see the stream \"{}\"", entry_.user, entry_.stream));
}

}  // namespace harness
