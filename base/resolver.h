// Hosts' names to addresses. A Resolver is not held up by a name server that does not answer.
#pragma once

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace base {

struct HostAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&storage); }
  std::string host() const;  // as digits, without brackets
};
using HostAddresses = std::vector<HostAddress>;  // in the order in which they are to be tried (RFC 6724); never empty

// Waits for the name server, however long it takes. The error is the resolver's.
Result<HostAddresses> look_up_host(const std::string& host, int port);

// Of one host. One thread.
class Resolver {
 public:
  using LookUp = std::function<Result<HostAddresses>(const std::string& host, int port)>;
  // `look_up` runs on a thread of its own, which may outlive the resolver; never on two at once.
  Resolver(std::string host, int port, LookUp look_up = look_up_host) : host_{std::move(host)}, port_{port}, look_up_{std::move(look_up)} {}

  // Waits until `ends_wait`, which is asked twenty times a second. What was not waited for is the answer to the next call.
  Result<HostAddresses> resolve(const std::function<bool()>& ends_wait);

 private:
  struct Answer;
  const std::string host_;
  const int port_;
  const LookUp look_up_;
  std::shared_ptr<Answer> pending_;  // shared with the thread that looks up
};

}  // namespace base
