#include "netem/tun/threaded_receive.h"

#include "tests/netem/tun_lab.h"

namespace netem {
namespace {

TEST(ReceiveOnOwnThread, ADeviceThatIsNotThereHasNone) { EXPECT_FALSE(receive_on_own_thread("nowhere")); }

class ReceivingThread : public test::TunLab {};

TEST_F(ReceivingThread, PacketsArriveThroughIt) {
  if (!give_receiving_threads()) GTEST_SKIP() << "the kernel gives TUN devices no threads here";
  plug({});
  const test::TestSocket player = player_socket(SOCK_DGRAM), server = server_socket(SOCK_DGRAM);
  player.connect_to(server.name());
  ASSERT_EQ(send(player.get(), "x", 1, 0), 1);
  char byte = 0;
  EXPECT_EQ(recv(server.get(), &byte, 1, 0), 1);
  EXPECT_EQ(byte, 'x');
}

}  // namespace
}  // namespace netem
