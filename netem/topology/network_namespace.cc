#include "netem/topology/network_namespace.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "base/errors.h"
#include "netem/topology/descriptor.h"

namespace netem {
namespace {

// SIOCSIFFLAGS needs no netlink and works before anything else does.
void bring_loopback_up(const std::string& name) {
  const Descriptor socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0)
    throw base::RunFailed("bring up the loopback device of namespace " + name + ": " + std::strerror(errno));
}

Descriptor make_namespace(const std::string& name) {
  if (unshare(CLONE_NEWNET) != 0)
    throw base::RunFailed("make network namespace " + name + ": " + std::strerror(errno) +
                          "; run as root, or as a user who may make user namespaces");
  bring_loopback_up(name);
  Descriptor own{open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
  if (own.get() < 0) throw base::RunFailed("open /proc/thread-self/ns/net: " + std::string{std::strerror(errno)});
  return own;
}

}  // namespace

class NetworkNamespace::Impl {
 public:
  explicit Impl(std::string name) : name_{std::move(name)}, thread_{[this] { live(); }} {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return own_.get() >= 0 || failure_; });
    if (!failure_) return;
    lock.unlock();
    thread_.join();
    std::rethrow_exception(*failure_);
  }
  ~Impl() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock{mutex_};
      leaving_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void execute(const std::function<void()>& work) {
    const std::lock_guard one_at_a_time{callers_};
    std::unique_lock lock{mutex_};
    work_ = &work;
    changed_.notify_all();
    changed_.wait(lock, [this] { return work_ == nullptr; });
  }

  int descriptor() const { return own_.get(); }
  const std::string& name() const { return name_; }

 private:
  void live() {
    prctl(PR_SET_NAME, ("ns-" + name_).substr(0, 15).c_str());
    std::unique_lock lock{mutex_};
    try {
      own_ = make_namespace(name_);
    } catch (...) {
      failure_ = std::current_exception();
    }
    changed_.notify_all();
    while (!failure_) {
      changed_.wait(lock, [this] { return work_ != nullptr || leaving_; });
      if (work_ == nullptr) return;
      (*work_)();
      work_ = nullptr;
      changed_.notify_all();
    }
  }

  std::string name_;
  std::mutex callers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;
  bool leaving_ = false;
  std::optional<std::exception_ptr> failure_;
  Descriptor own_;
  std::thread thread_;
};

NetworkNamespace::NetworkNamespace(std::string name) : impl_{std::make_unique<Impl>(std::move(name))} {}
NetworkNamespace::~NetworkNamespace() = default;

void NetworkNamespace::execute(const std::function<void()>& work) { impl_->execute(work); }
int NetworkNamespace::descriptor() const { return impl_->descriptor(); }
const std::string& NetworkNamespace::name() const { return impl_->name(); }

void NetworkNamespace::enter() const {
  if (setns(impl_->descriptor(), CLONE_NEWNET) != 0)
    throw base::RunFailed("enter network namespace " + name() + ": " + std::strerror(errno));
}

}  // namespace netem
