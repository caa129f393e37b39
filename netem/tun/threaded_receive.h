// The kernel's work on what the router writes (TCP's, above all, and what it sends in answer) happens inside the router's write calls
// unless the device has a receiving thread of its own in the kernel, which takes packets in batches. ci/bench-links, 350 players of
// 2 Mbit/s on two cores: 6.1 us of the router per packet instead of 10.3, 1.2 Gbit/s per core of it instead of 0.7, and a lateness
// of 0.2 ms at p99 where one thread is overloaded; the CPU of all together stays the same within 6 %.
#pragma once

#include <string>

namespace netem {

// Gives a TUN device (with NAPI, of the calling thread's namespace) a receiving thread, with SCHED_FIFO where that is permitted and
// the priority above 0: what it delays appears in no lateness. False where the kernel does not let us: before 5.12, or without the
// right to make a mount; everything works without it.
bool receive_on_own_thread(const std::string& device, int real_time_priority = 1);

}  // namespace netem
