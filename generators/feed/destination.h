// Where a feed sends to: the scheme of its URL says by which protocol. Pure.
//   srt://HOST:PORT?streamid=S&passphrase=P&latency=120ms     we call; values percent-encoded; a bare number is milliseconds
//   rtmp://HOST[:PORT]/APP/KEY                                 port 1935 by default; the key goes on to the end, "?" and all
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "base/time.h"

namespace generators {

struct SrtDestination {
  std::string host = "127.0.0.1";
  int port = 0;
  std::string streamid;    // "#!::r=main,m=publish"
  std::string passphrase;  // empty: not encrypted
  base::Duration latency = std::chrono::milliseconds{120};
  friend bool operator==(const SrtDestination&, const SrtDestination&) = default;
};

struct RtmpDestination {
  std::string host = "127.0.0.1";
  int port = 1935;  // assigned by IANA
  std::string app;
  std::string key;  // what is published, "main?token=abc"
  friend bool operator==(const RtmpDestination&, const RtmpDestination&) = default;
};

using Destination = std::variant<SrtDestination, RtmpDestination>;

// The error says what is wrong with which part.
base::Result<Destination> parse_destination(std::string_view url);
// "srt://127.0.0.1:9000": for messages, without what is secret.
std::string name_of(const Destination& destination);

}  // namespace generators
