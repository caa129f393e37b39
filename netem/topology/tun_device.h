// TunDevice: a point-to-point IP device that ends in a descriptor of ours; gone when that is closed. No ARP, no link layer.
#pragma once

#include <string>

namespace netem {

class TunDevice {
 public:
  struct Options {
    std::string name = "rehearse%d";   // the kernel replaces %d
    bool segmentation_offload = true;  // IFF_VNET_HDR, and TCP super-packets of up to 64 KiB in both directions
    bool napi = true;                  // IFF_NAPI: what is written passes GRO
  };
  // In the calling thread's namespace; down, without address. Throws base::RunFailed: "open /dev/net/tun: reason", with the remedy.
  explicit TunDevice(const Options& options);
  ~TunDevice();
  TunDevice(TunDevice&& other) noexcept;
  TunDevice& operator=(TunDevice&&) = delete;

  int descriptor() const { return descriptor_; }  // non-blocking
  const std::string& name() const { return name_; }

 private:
  int descriptor_ = -1;
  std::string name_;
};

}  // namespace netem
