// For the tests of this folder: instants by seconds, an upstream and a content server that are scripted.
#pragma once

#include <map>
#include <string>

#include "harness/delivery/upstream.h"

namespace harness {

inline base::Instant at_second(double seconds) { return base::Instant{} + base::from_seconds(seconds); }

// What the origin gives; counts what it was asked.
struct ScriptedUpstream final : Upstream {
  ModelReply next{.bytes = base::ByteCount::bytes(1'000'000), .caching = {.max_age = std::chrono::seconds{10}}};
  base::Duration ready = std::chrono::milliseconds{5}, sent{};
  int asked = 0;
  std::string last_condition;
  bool showed_token = false;

  Delivery fetch(base::Instant, const Ask& ask) override {
    ++asked;
    const std::string* condition = find_header(ask.request, "If-None-Match");
    last_condition = condition == nullptr ? "" : *condition;
    showed_token = find_header(ask.request, "Authorization") != nullptr;
    auto reply = std::make_shared<const ModelReply>(next);
    if (SharedReply unchanged = not_modified(ask.request, *reply)) return {unchanged, ready, {}, {}};
    return {reply, ready, sent, {}};
  }
};

struct ScriptedContent final : ModelServer {
  ModelReply next{.bytes = base::ByteCount::bytes(1'000'000), .caching = {.max_age = std::chrono::seconds{10}}};
  std::map<std::string, int> asked;  // by URL
  base::Instant last_now{};
  base::Instant held{};  // until then

  ModelReply reply(base::Instant now, const TransportRequest& request) override {
    ++asked[request.url];
    last_now = now;
    return next;
  }
  base::Instant announce(TransferId, base::Instant arrival, const TransportRequest&, ModelReply&) override {
    return std::max(arrival, held);
  }
};

}  // namespace harness
