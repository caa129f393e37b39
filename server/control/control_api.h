// ControlApi: the REST API as a function of a request: streams, refused publishers, tokens, logins, CMCD
// sessions, health; and the login page. No socket is
// needed to test it. Thread-safe; nothing blocks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "server/access/accounts.h"
#include "server/access/audit.h"
#include "server/access/token_authority.h"
#include "server/cmcd/log.h"
#include "server/package/streams.h"

namespace server {

enum class Verb { kGet, kHead, kPost, kDelete, kOptions, kOther };

struct ControlRequest {
  Verb verb = Verb::kGet;
  std::string path;  // without the query
  std::string body{};
  std::string authorization{};                  // header fields, empty when absent
  std::string api_key{};                        // X-Api-Key
  std::string origin{};                         // Origin: a web page asks
  std::optional<std::string> limit{}, after{};  // query parameters
  std::string peer{};
};

struct ControlReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body{};
  std::vector<std::pair<std::string, std::string>> fields{};  // further header fields
  bool for_pages = false;                                     // pages of other origins may read it
};

class ControlApi {
 public:
  struct Options {
    std::string api_key{};     // empty: nobody is asked for it
    bool open_tokens = false;  // POST /v1/tokens without the key or a session
    std::string media_url{};   // "http://127.0.0.1:8080", in front of the URLs that streams are shown with
    std::string version{};
  };
  ControlApi(Options options, StreamDirectory& streams, TokenAuthority& tokens, AuditLog& audit, const CmcdLog& cmcd,
             Accounts accounts = {});

  ControlReply answer(const ControlRequest& request, base::UtcTime now);

 private:
  // The pages of all origins may ask for what is not kAdmin.
  enum class Guard { kPublic, kAdmin, kTokens };
  using Action = ControlReply (ControlApi::*)(const ControlRequest&, const std::string& name, base::UtcTime);
  struct Route {
    Verb verb;
    std::string_view path;  // a "*" stands for a name; several names come with a slash between them
    Guard guard;
    Action action;
  };
  static const std::vector<Route>& routes();
  bool has_key(const ControlRequest& request) const;
  ControlReply guarded(const Route& route, const ControlRequest& request, const std::string& name, base::UtcTime now);
  bool may_pass(const ControlRequest& request, Guard guard, base::UtcTime now) const;
  const Account* account_of(const ControlRequest& request, base::UtcTime now) const;

  ControlReply create_stream(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply list_streams(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply show_stream(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply remove_stream(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply list_refused(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply put_on_air(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply unpin(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply add_forward(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply remove_forward(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply start_forward(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply stop_forward(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply run_forward(const std::string& name, bool run);
  ControlReply issue(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply show_login(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply show_asset(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply sign_in(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply entitlements(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply refresh(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply revoke(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply expire(const ControlRequest& request, const std::string& name, base::UtcTime now);
  using Withdrawal = std::size_t (TokenAuthority::*)(const TokenSelection&, base::UtcTime);
  ControlReply withdraw(const char* event, Withdrawal withdrawal, const ControlRequest& request, base::UtcTime now);
  ControlReply list_cmcd(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply show_cmcd(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply health(const ControlRequest& request, const std::string& name, base::UtcTime now);
  ControlReply version(const ControlRequest& request, const std::string& name, base::UtcTime now);

  const Options options_;
  StreamDirectory& streams_;
  TokenAuthority& tokens_;
  AuditLog& audit_;
  const CmcdLog& cmcd_;
  Accounts accounts_;
};

}  // namespace server
