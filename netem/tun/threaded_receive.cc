#include "netem/tun/threaded_receive.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

namespace netem {
namespace {

// The switch is a file of the namespace's own sysfs, which has to be mounted for it: where nobody else sees it.
bool mount_own_sysfs() {
  return unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
}

bool write_one(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = write(file, "1", 1) == 1;
  close(file);
  return written;
}

// The kernel calls them napi/DEVICE-NUMBER. Devices of other namespaces may have the same name.
std::set<pid_t> receiving_threads(const std::string& device) {
  std::set<pid_t> out;
  std::error_code ignored;
  for (const auto& process : std::filesystem::directory_iterator{"/proc", ignored}) {
    std::ifstream command{process.path() / "comm"};
    std::string name;
    if (std::getline(command, name) && name.starts_with("napi/" + device + "-")) out.insert(std::atoi(process.path().filename().c_str()));
  }
  return out;
}

}  // namespace

bool receive_on_own_thread(const std::string& device, int real_time_priority) {
  const std::set<pid_t> others = receiving_threads(device);
  bool done = false;
  // A thread of its own, whose view of the file system ends with it.
  std::thread{[&] { done = mount_own_sysfs() && write_one("/sys/class/net/" + device + "/threaded"); }}.join();
  if (!done || real_time_priority <= 0) return done;
  const sched_param priority{.sched_priority = real_time_priority};
  for (const pid_t thread : receiving_threads(device))
    if (!others.contains(thread)) sched_setscheduler(thread, SCHED_FIFO, &priority);
  return done;
}

}  // namespace netem
