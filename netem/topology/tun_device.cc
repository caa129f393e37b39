#include "netem/topology/tun_device.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/errors.h"
#include "netem/topology/descriptor.h"

namespace netem {
namespace {

constexpr const char* kNode = "/dev/net/tun";

std::string remedy_for(int failure) {
  if (failure == ENOENT || failure == ENODEV || failure == ENXIO)
    return "; load the module (modprobe tun) or, in a container, pass the device (--device /dev/net/tun)";
  if (failure == EACCES || failure == EPERM)
    return "; run as root, or let users open it (chmod 0666 /dev/net/tun, as most distributions do)";
  return "";
}

[[noreturn]] void fail(const std::string& attempt) {
  const int failure = errno;
  throw base::RunFailed(attempt + ": " + std::strerror(failure) + remedy_for(failure));
}

}  // namespace

TunDevice::TunDevice(const Options& options) {
  Descriptor file{open(kNode, O_RDWR | O_NONBLOCK | O_CLOEXEC)};
  if (file.get() < 0) fail(fmt::format("open {}", kNode));
  ifreq request{};
  std::strncpy(request.ifr_name, options.name.c_str(), IFNAMSIZ - 1);
  request.ifr_flags =
      static_cast<short>(IFF_TUN | IFF_NO_PI | (options.segmentation_offload ? IFF_VNET_HDR : 0) | (options.napi ? IFF_NAPI : 0));
  if (ioctl(file.get(), TUNSETIFF, &request) != 0) fail("make TUN device " + options.name);
  const unsigned long offload = options.segmentation_offload ? TUN_F_CSUM | TUN_F_TSO4 : 0;
  if (ioctl(file.get(), TUNSETOFFLOAD, offload) != 0) fail("set the segmentation offload of TUN device " + std::string{request.ifr_name});
  name_ = request.ifr_name;
  descriptor_ = file.release();
}

TunDevice::~TunDevice() {
  if (descriptor_ >= 0) close(descriptor_);
}

TunDevice::TunDevice(TunDevice&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)}, name_{std::move(other.name_)} {}

}  // namespace netem
