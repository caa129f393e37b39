// Privilege to make network namespaces and devices in them: as root, or as root of a user namespace of our own (user_namespaces(7)).
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/errors.h"
#include "netem/topology/descriptor.h"
#include "netem/topology/network_namespace.h"

namespace netem {
namespace {

constexpr const char* kRemedy =
    "run as root, or allow user namespaces to ordinary users (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0; "
    "on "
    "Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0; a container needs to permit the unshare system call)";

// ENOSPC of unshare(2) reads like a full disk.
std::string words_for(int failure) {
  return failure == ENOSPC ? "the limit user.max_user_namespaces or user.max_net_namespaces is reached" : std::strerror(failure);
}

// Tried in a child, because a process that has joined a network namespace cannot always come back.
int errno_of_unshare(int flags) {
  const pid_t child = fork();
  if (child < 0) return errno;
  if (child == 0) _exit(unshare(flags) == 0 ? 0 : errno);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

void write_file(const char* path, const std::string& text) {
  const Descriptor file{open(path, O_WRONLY | O_CLOEXEC)};
  if (file.get() < 0 || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw base::RunFailed(fmt::format("write {}: {}", path, std::strerror(errno)));
}

// Everybody keeps their own ids: files are written as before, and a program that is started gets no privilege.
void keep_ids(uid_t user, gid_t group) {
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", fmt::format("{0} {0} 1", user));
  write_file("/proc/self/gid_map", fmt::format("{0} {0} 1", group));
}

}  // namespace

Privilege ensure_network_privilege() {
  if (errno_of_unshare(CLONE_NEWNET) == 0) return {.granted = true};
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (const int failure = errno_of_unshare(CLONE_NEWUSER | CLONE_NEWNET); failure != 0)
    return {.reason = fmt::format("make a user namespace with a network of its own: {}; {}", words_for(failure), kRemedy)};
  if (unshare(CLONE_NEWUSER) != 0) return {.reason = fmt::format("enter a user namespace: {}; {}", words_for(errno), kRemedy)};
  keep_ids(user, group);
  return {.granted = true, .in_user_namespace = true};
}

}  // namespace netem
