#include "tests/fidelity/lab/syn_watch.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <time.h>

#include <cstring>

#include "base/errors.h"
#include "base/steady_timeline.h"

namespace fidelity {
namespace {

// IPv4 TCP to `towards` with SYN and without ACK; byte 0 is the IP header's first (SOCK_DGRAM).
void only_first_packets(int socket, netem::Ipv4 towards) {
  constexpr std::uint8_t kSyn = 0x02, kSynAndAck = 0x12, kTcp = 6;
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),  // destination
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, towards, 0, 7),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),  // protocol
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kTcp, 0, 5),
      BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),  // length of the IP header
      BPF_STMT(BPF_LD | BPF_B | BPF_IND, 13),  // flags
      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, kSynAndAck),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kSyn, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 64),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const sock_fprog program{.len = sizeof code / sizeof code[0], .filter = code};
  base::checked("filter a packet socket", setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
}

// Protocol 0 hears nothing until it is bound, so no packet passes before the filter stands. Outgoing packets come to ETH_P_ALL only.
int listening_socket(netem::Ipv4 towards) {
  const int fd = static_cast<int>(base::checked("open a packet socket", socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
  const int yes = 1;
  base::checked("ask for packet times", setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof yes));
  only_first_packets(fd, towards);
  sockaddr_ll name{};
  name.sll_family = AF_PACKET;
  name.sll_protocol = htons(ETH_P_ALL);
  base::checked("bind a packet socket", bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name));
  return fd;
}

base::UtcTime time_in(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    return base::UtcTime{std::chrono::seconds{stamp.tv_sec} + std::chrono::nanoseconds{stamp.tv_nsec}};
  }
  return base::utc_now();
}

}  // namespace

SynWatch::SynWatch(netem::NetworkNamespace& space, netem::Ipv4 towards) : socket_{space.run([=] { return listening_socket(towards); })} {}

std::optional<base::Instant> SynWatch::next() {
  char packet[64];
  alignas(cmsghdr) char control[256];
  iovec into{packet, sizeof packet};
  msghdr message{};
  message.msg_iov = &into;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  if (recvmsg(socket_.get(), &message, 0) < 0) return std::nullopt;
  const base::WallAnchor anchor{.at = base::steady_now(), .utc = base::utc_now()};
  return anchor.instant_at(time_in(message));
}

}  // namespace fidelity
