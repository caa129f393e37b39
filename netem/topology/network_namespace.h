// NetworkNamespace: a network of our own that needs no name in the file system: one thread lives in it for as long as the object does,
// and it is gone with the last of its threads, sockets and processes, after a crash too. Other threads never change theirs: what has
// to happen inside is run by that thread, which works unprivileged as well (nobody could go back to the machine's own namespace).
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <type_traits>

namespace netem {

class NetworkNamespace {
 public:
  // A fresh one with its loopback device up. `name`: for messages and the thread. Throws base::RunFailed naming what is missing.
  explicit NetworkNamespace(std::string name);
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;
  ~NetworkNamespace();

  // Runs `work` inside and waits; what it throws comes out here. Sockets opened and processes started by it belong to the namespace.
  template <class Work>
  std::invoke_result_t<Work> run(Work work) {
    std::packaged_task<std::invoke_result_t<Work>()> task{std::move(work)};
    auto result = task.get_future();
    execute([&task] { task(); });
    return result.get();
  }
  // Moves the calling thread in for good: for threads that stay, such as a feed's. Throws base::RunFailed.
  void enter() const;
  // Of the namespace (/proc/self/ns/net of its thread), for moving devices.
  int descriptor() const;
  const std::string& name() const;

 private:
  void execute(const std::function<void()>& work);  // on the thread inside; returns when done
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Becomes root of a user namespace of its own when the process may not make network namespaces otherwise; nothing when it may.
// Requires: the process has one thread. Returns false with the reason when the kernel refuses.
struct Privilege {
  bool granted = false;
  bool in_user_namespace = false;
  std::string reason{};  // not granted: the attempt, the error and the remedy
};
Privilege ensure_network_privilege();

}  // namespace netem
