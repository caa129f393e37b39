#include "netem/tun/threaded_receive.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace netem {
namespace {

// The switch is a file of the namespace's own sysfs. It is mounted nowhere (fsmount(2), Linux 5.2): a path would show it to others, and
// below a changed root there may be none.
int own_sysfs() {
  const int context = fsopen("sysfs", FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  const bool created = fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
  const int root = created ? fsmount(context, FSMOUNT_CLOEXEC, 0) : -1;
  close(context);
  return root;
}

bool switch_on(const std::string& device) {
  const int root = own_sysfs();
  if (root < 0) return false;
  const int file = openat(root, ("class/net/" + device + "/threaded").c_str(), O_WRONLY | O_CLOEXEC);
  close(root);
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
  const bool done = switch_on(device);
  if (!done || real_time_priority <= 0) return done;
  const sched_param priority{.sched_priority = real_time_priority};
  for (const pid_t thread : receiving_threads(device))
    if (!others.contains(thread)) sched_setscheduler(thread, SCHED_FIFO, &priority);
  return done;
}

}  // namespace netem
