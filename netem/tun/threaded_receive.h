// The kernel's work on what the router writes (TCP's, above all, and what it sends in answer) happens inside the router's write calls
// unless the device has a receiving thread of its own in the kernel, which takes packets in batches. With it a core of the router
// carries half as much again.
#pragma once

#include <string>

namespace netem {

// Gives a TUN device (with NAPI, of the calling thread's namespace) a receiving thread, with SCHED_FIFO where that is permitted and
// the priority above 0: what it delays appears in no lateness. False where the kernel does not let us: before 5.12, or without the
// right to mount sysfs; everything works without it.
bool receive_on_own_thread(const std::string& device, int real_time_priority = 1);

}  // namespace netem
