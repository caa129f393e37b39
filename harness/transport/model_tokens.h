// ModelTokens: the reference server's tokens in virtual time: access tokens with a short life, one-time refresh tokens, groups that
// can be expired. Nothing is signed: only our own players hold these tokens. Deterministic.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/transport/model_transport.h"

namespace harness {

inline ModelReply refusal(int status) { return {.status = status}; }

class ModelTokens {
 public:
  explicit ModelTokens(base::Duration lifetime) : lifetime_{lifetime} {}

  // POST /v1/tokens and /v1/tokens/refresh: JSON in and out.
  ModelReply issue(base::Instant now, std::string_view body, const std::function<bool(std::string_view stream)>& has);
  ModelReply refresh(base::Instant now, std::string_view body);
  void expire_group(const std::string& group);
  // 200, 401 (malformed, expired) or 403 (its session was withdrawn).
  int check(base::Instant now, std::string_view token) const;

 private:
  struct Session {
    std::string group;
    std::uint64_t refresh_serial = 0;  // the only refresh token that is good
    bool withdrawn = false;
  };
  ModelReply grant(base::Instant now, std::uint64_t session);
  base::Duration lifetime_;
  std::vector<Session> sessions_;
  std::map<std::string, std::uint64_t> expired_up_to_;  // group: serial
  std::uint64_t last_serial_ = 0;
};

}  // namespace harness
