// TokenKeeper: a viewer's access token, from the first to the last: issued before anything else, refreshed ahead of its expiry and
// after a refusal, asked for anew once when the refresh is refused. Decides; the session sends. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "harness/player/player_session.h"

namespace harness {

class TokenKeeper {
 public:
  explicit TokenKeeper(bool configured);  // false: no token is needed

  // Whether media may be asked for now: no token is needed, or one is in hand that was not refused.
  bool is_usable() const { return !state_ || (state_->tokens && !state_->blocking); }
  // When the next token request is due; absent: none is needed (yet).
  std::optional<base::Instant> due() const;
  // The request that is due. Requires: a source and due().
  Fetch request(const TokenSource& source) const;
  // Grows with every token; a refusal of an older generation says nothing about the current one.
  std::uint32_t generation() const { return state_ ? state_->generation : 0; }
  std::string_view authorization() const {  // header value
    return state_ && state_->tokens ? std::string_view{state_->tokens->access} : std::string_view{};
  }

  // The answer to request(): {"access_token", "refresh_token", "expires_in"}. Returns: whether this replaced a refused token
  // (unset: it was the first). A malformed answer is an error and changes nothing.
  struct Granted {
    bool first = false;
    bool after_refusal = false;
  };
  base::Result<Granted> granted(base::Instant now, std::string_view body);
  // request() was refused. Returns: false when that is final.
  bool renewal_refused();
  // Media was refused with the current token, for the `times`-th time in a row. Returns: false when that is final.
  bool media_refused(base::Instant now, int status, int times);

 private:
  enum class Ask { kIssue, kRefresh };
  struct Tokens {
    std::string access;  // "Bearer …"; empty: none
    std::string refresh;
  };
  struct State {
    Ask ask = Ask::kIssue;
    std::optional<base::Instant> due = base::Instant{};
    bool blocking = false;  // nothing else may be sent before the renewal
    std::optional<Tokens> tokens;
    std::uint32_t generation = 0;
  };
  base::Boxed<State> state_;  // of those who need tokens
};

}  // namespace harness
