#include "generators/rtmp/chunks.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace generators {
namespace {

using Bytes = std::vector<std::uint8_t>;

RtmpMessage message_of(std::size_t size, std::uint32_t timestamp = 0, RtmpType type = RtmpType::kVideo) {
  RtmpMessage message{.type = type, .timestamp = timestamp, .stream = 0x01020304};
  for (std::size_t i = 0; i < size; ++i) message.body.push_back(static_cast<std::uint8_t>(i * 7));
  return message;
}

std::vector<RtmpMessage> read_chunks(const Bytes& bytes, std::size_t piece) {
  RtmpChunkReader reader;
  std::vector<RtmpMessage> messages;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    EXPECT_TRUE(reader.take(std::span{bytes}.subspan(at, std::min(piece, bytes.size() - at))));
    while (auto message = reader.next()) messages.push_back(std::move(*message));
  }
  return messages;
}

TEST(RtmpChunks, HeaderIsAsTheSpecificationHasIt) {
  Bytes bytes;
  append_chunks(bytes, {.type = RtmpType::kAudio, .timestamp = 0x010203, .stream = 1, .body = {0xAA, 0xBB, 0xCC}}, 4, 2);
  EXPECT_EQ(bytes, (Bytes{0x04, 1, 2, 3, 0, 0, 3, 8, 1, 0, 0, 0, 0xAA, 0xBB, 0xC4, 0xCC}));
}

TEST(RtmpChunks, LateTimestampsAreExtendedInEveryChunk) {
  Bytes bytes;
  append_chunks(bytes, {.type = RtmpType::kAudio, .timestamp = 0x01020304, .stream = 1, .body = {0xAA, 0xBB, 0xCC}}, 4, 2);
  EXPECT_EQ(bytes, (Bytes{0x04, 0xFF, 0xFF, 0xFF, 0, 0, 3, 8, 1, 0, 0, 0, 1, 2, 3, 4, 0xAA, 0xBB, 0xC4, 1, 2, 3, 4, 0xCC}));
}

TEST(RtmpChunks, MessagesComeOutAsTheyWentInHoweverTheyAreCut) {
  const RtmpMessage sent[] = {message_of(5000, 0xFFFFFE), message_of(0, 0xFFFFFF), message_of(129, 0xFFFFFFFF), message_of(128)};
  Bytes bytes;
  for (const RtmpMessage& message : sent) append_chunks(bytes, message, 6, 128);
  for (const std::size_t piece : {1, 7, 128, 5000}) {
    const std::vector<RtmpMessage> got = read_chunks(bytes, piece);
    ASSERT_EQ(got.size(), std::size(sent));
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].body, sent[i].body);
      EXPECT_EQ(got[i].timestamp, sent[i].timestamp);
      EXPECT_EQ(got[i].stream, sent[i].stream);
    }
  }
}

TEST(RtmpChunks, ShorterHeadersTakeTheRestFromTheOneBefore) {
  const Bytes bytes{0x03, 0,    0,   10, 0,    0,    1, 20, 9,    0,    0, 0, 0xA1,  // type 0: at 10, one byte, stream 9
                    0x43, 0,    0,   5,  0,    0,    2, 8,  0xB1, 0xB2,              // type 1: 5 later, two bytes
                    0x83, 0,    0,   7,  0xC1, 0xC2,                                 // type 2: 7 later
                    0xC3, 0xD1, 0xD2};                                               // type 3: 7 later again
  const std::vector<RtmpMessage> got = read_chunks(bytes, 3);
  ASSERT_EQ(got.size(), 4u);
  EXPECT_EQ(got[1].timestamp, 15u);
  EXPECT_EQ(got[3].timestamp, 29u);
  EXPECT_EQ(got[3].type, RtmpType::kAudio);
  EXPECT_EQ(got[3].stream, 9u);
  EXPECT_EQ(got[3].body, (Bytes{0xD1, 0xD2}));
}

TEST(RtmpChunks, ChannelsMayInterleave) {
  Bytes one, other, both;
  append_chunks(one, message_of(200), 4, 128);
  append_chunks(other, message_of(10), 5, 128);
  const auto cut = one.begin() + 12 + 128;
  both.assign(one.begin(), cut);
  both.insert(both.end(), other.begin(), other.end());
  both.insert(both.end(), cut, one.end());
  const std::vector<RtmpMessage> got = read_chunks(both, 50);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].body.size(), 10u);
  EXPECT_EQ(got[1].body, message_of(200).body);
}

TEST(RtmpChunks, WhatNoPublisherNeedStandIsRefused) {
  RtmpChunkReader giant, zero;
  EXPECT_FALSE(giant.take(Bytes{0x03, 0, 0, 0, 0xFF, 0xFF, 0xFF, 20, 0, 0, 0, 0}));
  EXPECT_FALSE(zero.take(Bytes{0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(zero.take({}));
}

}  // namespace
}  // namespace generators
