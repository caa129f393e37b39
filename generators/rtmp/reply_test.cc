#include "generators/rtmp/reply.h"

#include <gtest/gtest.h>

#include "media/rtmp/amf0.h"

namespace generators {
namespace {

using namespace media::rtmp;

TEST(RtmpReply, IsReadWithItsInformation) {
  const std::string bytes = amf_payload({amf("onStatus"), amf(5.0), amf_null(),
                                         amf({{"level", amf("error")},
                                              {"code", amf("NetStream.Publish.BadName")},
                                              {"more", amf({{"depth", amf(2.0)}})},
                                              {"description", amf("wrong key")}})});
  const auto reply = read_reply(bytes_of(bytes));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->name, "onStatus");
  EXPECT_EQ(reply->transaction, 5);
  EXPECT_EQ(reply->level, "error");
  EXPECT_EQ(reply->code, "NetStream.Publish.BadName");
  EXPECT_EQ(reply->description, "wrong key");
  EXPECT_FALSE(reply->number);
}

TEST(RtmpReply, ResultIsTheFirstPlainNumber) {
  const auto reply = read_reply(bytes_of(amf_payload({amf("_result"), amf(4.0), amf_null(), amf(7.0), amf(8.0)})));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->number, 7);
}

TEST(RtmpReply, EveryPrefixIsRefusedOrShorter) {
  const std::string bytes = amf_payload({amf("_result"), amf(4.0), amf({{"code", amf("a")}}), amf(7.0)});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto reply = read_reply(bytes_of(bytes).first(size));
    EXPECT_TRUE(!reply || !reply->number) << size;
  }
}

TEST(RtmpReply, WhatIsNoCommandIsRefused) {
  EXPECT_FALSE(read_reply(bytes_of(amf_payload({amf("_result")}))));
  EXPECT_FALSE(read_reply(bytes_of(amf_payload({amf(1.0), amf("_result")}))));
  EXPECT_FALSE(read_reply(bytes_of(amf_payload({amf("_result"), amf("1")}))));
}

}  // namespace
}  // namespace generators
