// The configuration of rehearse-server: one JSON file (docs/server.md), read once at the start.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "server/access/accounts.h"
#include "server/access/token_authority.h"
#include "server/control/control_api.h"
#include "server/control/control_server.h"
#include "server/delivery/http_server.h"
#include "server/delivery/media_site.h"

namespace server {

struct Address {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any free one
};

struct Config {
  HttpServer::Options media{};
  std::string public_url{};  // where viewers find media, an origin; empty: where it listens
  ControlServer::Options control{};
  std::string api_key{};
  bool open_tokens = false;
  HttpServer::Options metrics{};
  Address srt{};
  std::optional<Address> rtmp{};     // nothing: not listened for
  std::optional<Address> http{};     // contributions; nothing: not listened for
  TokenAuthority::Options access{};  // `secret` is empty when none is configured
  std::vector<Account> accounts{};   // may sign in
  EmbedOrigins embed_origins{};      // may frame the embed page
  std::string audit_log{};           // empty: none
  std::vector<StreamSpec> streams{};
};

// "127.0.0.1:8080", "[::1]:0", ":8080" (all interfaces).
base::Result<Address> parse_address(std::string_view text);
// `file` is for the messages. Throws InvalidInput with every problem.
Config read_config(const base::Json& json, const std::string& file);
Config load_config(const std::string& file);

}  // namespace server
