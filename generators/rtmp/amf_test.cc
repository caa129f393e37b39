#include "generators/rtmp/amf.h"

#include <gtest/gtest.h>

namespace generators {
namespace {

TEST(Amf, ReplyIsReadWithItsInformation) {
  AmfWriter writer;
  writer.text("onStatus").number(5).null().begin_object().name("level").text("error").name("code").text("NetStream.Publish.BadName");
  writer.name("more").begin_object().name("depth").number(2).end_object().name("description").text("wrong key").end_object();
  const auto reply = read_reply(writer.bytes());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->name, "onStatus");
  EXPECT_EQ(reply->transaction, 5);
  EXPECT_EQ(reply->level, "error");
  EXPECT_EQ(reply->code, "NetStream.Publish.BadName");
  EXPECT_EQ(reply->description, "wrong key");
  EXPECT_FALSE(reply->number);
}

TEST(Amf, ResultIsTheFirstPlainNumber) {
  const auto reply = read_reply(AmfWriter{}.text("_result").number(4).null().number(7).bytes());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->number, 7);
}

TEST(Amf, EveryPrefixIsRefusedOrShorter) {
  AmfWriter writer;
  writer.text("_result").number(4).begin_object().name("code").text("a").end_object().number(7);
  for (std::size_t size = 0; size < writer.bytes().size(); ++size) {
    const auto reply = read_reply(std::span{writer.bytes()}.first(size));
    EXPECT_TRUE(!reply || !reply->number) << size;
  }
}

TEST(Amf, ObjectsWithinObjectsWithoutEndAreRefused) {
  AmfWriter writer;
  writer.text("_result").number(1);
  for (int i = 0; i < 10'000; ++i) writer.begin_object().name("a");
  EXPECT_FALSE(read_reply(writer.bytes()));
}

}  // namespace
}  // namespace generators
