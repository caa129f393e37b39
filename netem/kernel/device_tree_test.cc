// The tree on the machine's own kernel, netem excepted, which not every kernel has: its place is taken by a pfifo. Needs the right to
// make network namespaces, and HTB and u32; skipped with the kernel's reason where they are missing.
#include "netem/kernel/device_tree.h"

#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <fstream>

#include "base/errors.h"

namespace netem {
namespace {

constexpr Ipv4 kFirst = 0x0A400001, kFar = 0x0A40C801;  // 10.64.0.1, 10.64.200.1

class DeviceTreeTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const Privilege privilege = ensure_network_privilege(); !privilege.granted) GTEST_SKIP() << privilege.reason;
    space_ = std::make_unique<NetworkNamespace>("tree");
    space_->run([this] {
      // A device that comes up asks for IPv6 routers and groups, after a random while: packets that no test has sent.
      std::ofstream{"/proc/sys/net/ipv6/conf/default/disable_ipv6"} << 1;
      RouteSocket route{"tree"};
      route.add_veth("v0", "v1", space_->descriptor());
      for (const char* device : {"v0", "v1"}) route.set_up(device);
    });
    try {
      tree_ = std::make_unique<DeviceTree>(DeviceTree::Options{.space = space_.get(), .device = "v0", .field = AddressField::kSource});
    } catch (const base::RunFailed& failure) {
      GTEST_SKIP() << failure.what();
    }
    socket_ = std::make_unique<TrafficSocket>(*space_);
    device_ = socket_->route().index_of("v0");
    sender_ = Descriptor{space_->run([] { return ::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0); })};
  }

  // Class, leaf and filter of a player. Requires: the first of its 256 addresses.
  void add_by_hand(Ipv4 address, std::uint16_t minor) {
    socket_->send(htb_class_request(HtbVerb::kMake, device_, {.minor = minor}), "make a class");
    TrafficMessage leaf{RTM_NEWQDISC, NLM_F_CREATE, {.device = device_, .parent = class_id(minor), .handle = leaf_handle(minor)}};
    socket_->send(leaf.put(TCA_KIND, "pfifo"), "make a leaf");
    socket_->send(second_table_request(device_, address), "make a table");
    socket_->send(second_table_link(device_, AddressField::kSource, address), "link a table");
    socket_->send(player_filter_request(device_, AddressField::kSource, address, minor), "make a filter");
  }
  QueueStatistics statistics_of(std::uint16_t minor) {
    return socket_->statistics({.device = device_, .parent = class_id(minor), .handle = leaf_handle(minor)}, "read a leaf");
  }

  // Straight to the device, through the tree and out before this returns; no neighbour has to be found.
  void send_from(Ipv4 address, int count) {
    std::array<std::uint8_t, 100> packet{0x45, 0, 0, 100};  // RFC 791: version 4, 20 bytes of header, 100 in all
    const std::uint32_t source = htonl(address);
    std::memcpy(packet.data() + 12, &source, sizeof source);
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_protocol = htons(ETH_P_IP);
    to.sll_ifindex = device_;
    to.sll_halen = ETH_ALEN;
    for (int i = 0; i < count; ++i)
      ASSERT_EQ(sendto(sender_.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to), 100);
  }

  std::unique_ptr<NetworkNamespace> space_;
  std::unique_ptr<DeviceTree> tree_;
  std::unique_ptr<TrafficSocket> socket_;
  Descriptor sender_;
  int device_ = 0;
};

TEST_F(DeviceTreeTest, FindsAPlayersClassByTheAddress) {
  add_by_hand(kFirst, 9);
  add_by_hand(kFar, 10);
  send_from(kFirst, 3);
  send_from(kFar, 5);
  EXPECT_EQ(statistics_of(9).packets, 3U);
  EXPECT_EQ(statistics_of(10).packets, 5U);
}

TEST_F(DeviceTreeTest, CountsTheBytesOfIpPackets) {
  add_by_hand(kFirst, 9);
  send_from(kFirst, 3);
  EXPECT_EQ(statistics_of(9).bytes, 300U);
}

TEST_F(DeviceTreeTest, DropsStrangersAndCountsThem) {
  add_by_hand(kFirst, 9);
  send_from(kFirst, 1);
  send_from(kFirst + 1, 2);
  send_from(kFar, 4);
  send_from(kFirst ^ 0x0101'0000, 8);  // the same low 16 bits
  EXPECT_EQ(tree_->totals().strangers, 14U);
  EXPECT_EQ(tree_->totals().packets, 15U);
}

TEST_F(DeviceTreeTest, KnowsNobodyOnceTheFilterIsGone) {
  add_by_hand(kFirst, 9);
  socket_->send(player_filter_removal(device_, kFirst), "remove a filter");
  socket_->send(htb_class_removal(device_, 9), "remove a class");
  send_from(kFirst, 2);
  EXPECT_EQ(tree_->totals().strangers, 2U);
  EXPECT_THROW(statistics_of(9), base::RunFailed);
}

TEST_F(DeviceTreeTest, LeavesNothingOfAPlayerThatTheKernelRefuses) {
  // A bare class in the way of the player's own, which is the first after the strangers'.
  socket_->send(htb_class_request(HtbVerb::kMake, device_, {.minor = kStrangers + 1}), "make a class");
  EXPECT_THROW(tree_->add(kFirst, {}, std::nullopt), base::RunFailed);
  send_from(kFirst, 1);
  EXPECT_EQ(tree_->totals().strangers, 1U);
  EXPECT_THROW(socket_->send(htb_class_removal(device_, kStrangers + 1), "remove a class"), base::RunFailed);
}

TEST_F(DeviceTreeTest, SaysWhichQdiscTheKernelLacks) {
  try {
    tree_->add(kFirst, {}, std::nullopt);
  } catch (const base::RunFailed& failure) {  // no netem here
    EXPECT_STREQ(failure.what(), "make the netem qdisc of 10.64.0.1 on device v0 in namespace tree: Specified qdisc kind is unknown");
  }
}

TEST_F(DeviceTreeTest, AnswersAfterARefusal) {
  EXPECT_THROW(statistics_of(9), base::RunFailed);
  EXPECT_EQ(tree_->totals().strangers, 0U);
  EXPECT_THROW(statistics_of(9), base::RunFailed);
  EXPECT_EQ(socket_->statistics({.device = device_, .parent = TC_H_ROOT, .handle = kHtbRoot}, "read the root").packets, 0U);
}

TEST_F(DeviceTreeTest, GoesWithTheObject) {
  tree_.reset();
  EXPECT_THROW(socket_->statistics({.device = device_, .parent = TC_H_ROOT, .handle = kHtbRoot}, "read the root"), base::RunFailed);
}

}  // namespace
}  // namespace netem
