#include "server/ingest/rtmp/handshake.h"

#include <gtest/gtest.h>

namespace server::rtmp {
namespace {

using namespace media::rtmp;

std::string client_part(char fill, std::string_view version = std::string_view{"\0\0\0\0", 4}) {
  std::string part{"\x00\x00\x12\x34", 4};
  part += version;
  return part + std::string(kHandshakePart - 8, fill);
}

TEST(Handshake, AnswersAndIsDoneAfterC2) {
  Handshake handshake;
  std::string out;
  const std::string c1 = client_part('r');
  const std::string greeting = "\x03" + c1;
  Bytes bytes = bytes_of(greeting);
  ASSERT_TRUE(handshake.receive(bytes, out).has_value());
  ASSERT_EQ(out.size(), 1 + 2 * kHandshakePart);
  EXPECT_EQ(out[0], 3);
  EXPECT_EQ(out.substr(1, 8), std::string(8, '\0')) << "time zero, version zero: no digest";
  EXPECT_EQ(out.substr(1 + kHandshakePart), c1) << "S2 echoes C1";
  EXPECT_FALSE(handshake.is_done());

  const std::string rest = std::string(kHandshakePart, 'e') + "chunks";
  bytes = bytes_of(rest);
  ASSERT_TRUE(handshake.receive(bytes, out).has_value());
  EXPECT_TRUE(handshake.is_done());
  EXPECT_EQ(text_of(bytes), "chunks") << "what follows is left";
}

TEST(Handshake, TakesItByteByByte) {
  Handshake handshake;
  std::string out;
  const std::string all = "\x03" + client_part('x') + std::string(kHandshakePart, 'y');
  for (const char c : all) {
    EXPECT_FALSE(handshake.is_done());
    Bytes bytes = bytes_of({&c, 1});
    ASSERT_TRUE(handshake.receive(bytes, out).has_value());
  }
  EXPECT_TRUE(handshake.is_done());
  EXPECT_EQ(out.size(), 1 + 2 * kHandshakePart);
}

TEST(Handshake, IsNotConfusedByADigest) {
  Handshake handshake;
  std::string out;
  const std::string c1 = client_part('d', {"\x80\x00\x07\x02", 4});
  const std::string greeting = "\x03" + c1;
  Bytes bytes = bytes_of(greeting);
  ASSERT_TRUE(handshake.receive(bytes, out).has_value());
  EXPECT_EQ(out.substr(5, 4), std::string(4, '\0'));
  EXPECT_EQ(out.substr(1 + kHandshakePart), c1);
}

TEST(Handshake, RefusesWhatIsNotRtmpAtTheFirstByte) {
  for (const char* first : {"\x06", "GET / HTTP/1.1", "\x16\x03\x01"}) {
    Handshake handshake;
    std::string out;
    Bytes bytes = bytes_of(first);
    EXPECT_TRUE(handshake.receive(bytes, out).has_error()) << first;
    EXPECT_EQ(out, "");
  }
}

}  // namespace
}  // namespace server::rtmp
