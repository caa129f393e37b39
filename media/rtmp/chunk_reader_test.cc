#include "media/rtmp/chunk_reader.h"

#include <gtest/gtest.h>

#include "media/rtmp/chunk_writer.h"

namespace media::rtmp {
namespace {

// A message whose payload is kept.
struct Whole {
  int type = 0;
  std::uint32_t timestamp = 0, stream = 0;
  std::string payload;
  friend bool operator==(const Whole&, const Whole&) = default;
};

std::ostream& operator<<(std::ostream& out, const Whole& whole) {
  return out << "type " << whole.type << " at " << whole.timestamp << " stream " << whole.stream << " of " << whole.payload.size()
             << " bytes";
}

struct ChunkReaderTest : testing::Test {
  // Everything in pieces of `step` bytes.
  std::vector<Whole> read(std::string_view text, std::size_t step = 1 << 20) {
    std::vector<Whole> messages;
    for (Bytes all = bytes_of(text); !all.empty();) {
      Bytes piece = take(all, std::min(step, all.size()));
      for (;;) {
        const auto message = reader.next(piece);
        if (message.has_error()) error = message.error().message;
        if (message.has_error() || !*message) break;
        messages.push_back({.type = static_cast<int>((**message).type),
                            .timestamp = (**message).timestamp,
                            .stream = (**message).stream,
                            .payload = std::string{text_of((**message).payload)}});
      }
    }
    return messages;
  }
  ChunkReader reader;
  std::string error;
};

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

std::string set_chunk_size(std::uint32_t size) {
  std::string text = bytes({0x02, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0});
  append_big<4>(text, size);
  return text;
}

// RTMP 1.0, section 5.3.2.1: audio of 32 bytes at 1000 ms, then every 20 ms, on message stream 12345.
TEST_F(ChunkReaderTest, ReadsTheSpecificationsFirstExample) {
  const std::string payload(32, 'a');
  const std::string stream = bytes({0x03, 0x00, 0x03, 0xE8, 0, 0, 32, 8, 0x39, 0x30, 0, 0}) + payload + bytes({0x83, 0, 0, 20}) + payload +
                             bytes({0xC3}) + payload + bytes({0xC3}) + payload;
  EXPECT_EQ(read(stream), (std::vector<Whole>{
                              {8, 1000, 12345, payload}, {8, 1020, 12345, payload}, {8, 1040, 12345, payload}, {8, 1060, 12345, payload}}));
}

// Section 5.3.2.2: a message of 307 bytes in chunks of 128.
TEST_F(ChunkReaderTest, ReadsTheSpecificationsSecondExample) {
  std::string payload;
  for (int i = 0; i < 307; ++i) payload += static_cast<char>(i);
  const std::string stream = bytes({0x04, 0x00, 0x03, 0xE8, 0, 1, 51, 9, 0x3A, 0x30, 0, 0}) + payload.substr(0, 128) + '\xC4' +
                             payload.substr(128, 128) + '\xC4' + payload.substr(256);
  const std::vector<Whole> expected{{9, 1000, 12346, payload}};
  EXPECT_EQ(read(stream), expected);
  for (const std::size_t step : {1, 2, 3, 7, 100}) {
    reader = {};
    EXPECT_EQ(read(stream, step), expected) << "in pieces of " << step;
  }
}

TEST_F(ChunkReaderTest, InheritsWhatAHeaderLeavesOut) {
  const std::string stream = bytes({0x05, 0, 0, 10, 0, 0, 2, 8, 1, 0, 0, 0, 'a', 'b'})  // all
                             + bytes({0x45, 0, 0, 5, 0, 0, 1, 9, 'c'})                  // not the message stream
                             + bytes({0x85, 0, 0, 7, 'd'});                             // the timestamp's step alone
  EXPECT_EQ(read(stream), (std::vector<Whole>{{8, 10, 1, "ab"}, {9, 15, 1, "c"}, {9, 22, 1, "d"}}));
}

TEST_F(ChunkReaderTest, AddsTheTimestampOfAType0WhenAType3Follows) {
  const std::string stream = bytes({0x05, 0, 0, 23, 0, 0, 1, 8, 1, 0, 0, 0, 'a', 0xC5, 'b', 0xC5, 'c'});
  EXPECT_EQ(read(stream), (std::vector<Whole>{{8, 23, 1, "a"}, {8, 46, 1, "b"}, {8, 69, 1, "c"}}));
}

TEST_F(ChunkReaderTest, ReadsLongChunkStreamNumbers) {
  const auto on = [&](std::string head, char payload) { return head + bytes({0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0, payload}); };
  const std::string stream = on(bytes({0x00, 0}), 'a') + on(bytes({0x00, 255}), 'b') + on(bytes({0x01, 255, 255}), 'c') +
                             bytes({0xC0, 0, 'd', 0xC1, 0, 0, 'e'});  // 64 in two bytes and in three
  EXPECT_EQ(read(stream, 1), (std::vector<Whole>{{8, 0, 0, "a"}, {8, 0, 0, "b"}, {8, 0, 0, "c"}, {8, 0, 0, "d"}, {8, 0, 0, "e"}}));
}

TEST_F(ChunkReaderTest, ReadsExtendedTimestampsOfEveryType) {
  const std::string ext = bytes({0x01, 0x00, 0x00, 0x05}), step = bytes({0x01, 0, 0, 0});
  const std::string stream = set_chunk_size(2) + bytes({0x05, 255, 255, 255, 0, 0, 3, 8, 1, 0, 0, 0}) + ext + "ab" + '\xC5' + ext + "c"  //
                             + bytes({0x85, 255, 255, 255}) + step + "de" + '\xC5' + step + "f"                                          //
                             + '\xC5' + step + "gh" + '\xC5' + step + "i"                                                                //
                             + bytes({0x85, 0, 0, 1}) + "jk" + '\xC5' + "l";
  const std::vector<Whole> expected{{8, 0x1000005, 1, "abc"}, {8, 0x2000005, 1, "def"}, {8, 0x3000005, 1, "ghi"}, {8, 0x3000006, 1, "jkl"}};
  EXPECT_EQ(read(stream), expected);
  reader = {};
  EXPECT_EQ(read(stream, 1), expected);
}

TEST_F(ChunkReaderTest, WrapsTimestamps) {
  const std::string stream = bytes({0x05, 255, 255, 255, 0, 0, 1, 8, 1, 0, 0, 0, 255, 255, 255, 250, 'a', 0x85, 0, 0, 10, 'b'});
  EXPECT_EQ(read(stream), (std::vector<Whole>{{8, 0xFFFFFFFA, 1, "a"}, {8, 4, 1, "b"}}));
}

TEST_F(ChunkReaderTest, PutsInterleavedMessagesTogether) {
  const std::string stream = set_chunk_size(2) + bytes({0x04, 0, 0, 0, 0, 0, 5, 9, 1, 0, 0, 0, 'v', 'i'}) +
                             bytes({0x06, 0, 0, 3, 0, 0, 3, 8, 1, 0, 0, 0, 's', 'o', 0xC4, 'd', 'e', 0xC6, 'u', 0xC4, 'o'});
  EXPECT_EQ(read(stream), (std::vector<Whole>{{8, 3, 1, "sou"}, {9, 0, 1, "video"}}));
}

TEST_F(ChunkReaderTest, ObeysSetChunkSizeAtOnce) {
  const std::string big(1000, 'x');
  EXPECT_EQ(read(set_chunk_size(1000) + bytes({0x04, 0, 0, 0, 0, 3, 232, 9, 1, 0, 0, 0}) + big), (std::vector<Whole>{{9, 0, 1, big}}));
  EXPECT_EQ(read(set_chunk_size(0)), std::vector<Whole>{});
  EXPECT_EQ(error, "chunk size 0");
}

TEST_F(ChunkReaderTest, ForgetsWhatIsAborted) {
  const std::string stream = set_chunk_size(2) + bytes({0x04, 0, 0, 0, 0, 0, 4, 9, 1, 0, 0, 0, 'v', 'i'}) +
                             bytes({0x02, 0, 0, 0, 0, 0, 4, 2, 0, 0, 0, 0, 0, 0, 0xC2, 0, 4}) +
                             bytes({0x84, 0, 0, 9, 'n', 'e', 0xC4, 'w', '!'});
  EXPECT_EQ(read(stream), (std::vector<Whole>{{9, 9, 1, "new!"}}));
}

TEST_F(ChunkReaderTest, ReadsEmptyMessages) {
  EXPECT_EQ(read(bytes({0x04, 0, 0, 1, 0, 0, 0, 8, 1, 0, 0, 0, 0x84, 0, 0, 1})), (std::vector<Whole>{{8, 1, 1, ""}, {8, 2, 1, ""}}));
}

TEST_F(ChunkReaderTest, DoesNotCopyAMessageThatCameInOnePiece) {
  const std::string stream = bytes({0x04, 0, 0, 0, 0, 0, 3, 9, 1, 0, 0, 0, 'a', 'b', 'c'});
  Bytes all = bytes_of(stream);
  const auto message = reader.next(all);
  ASSERT_TRUE(message.has_value() && message->has_value());
  EXPECT_EQ((**message).payload.data(), bytes_of(stream).data() + 12);
}

TEST_F(ChunkReaderTest, KeepsABoundedAmountOfUnfinishedMessages) {
  reader.keep_at_most(300);
  std::string stream;
  for (int id = 3; id < 7; ++id) stream += bytes({id, 0, 0, 0, 255, 255, 255, 9, 1, 0, 0, 0}) + std::string(128, 'x');
  EXPECT_EQ(read(stream), std::vector<Whole>{});
  EXPECT_EQ(error, "more than 300 bytes of unfinished messages");
}

// A message in chunks of 128 bytes.
std::string in_chunks(int id, std::size_t size) {
  std::string text = bytes({id, 0, 0, 0}) + bytes({0, static_cast<int>(size >> 8), static_cast<int>(size & 255), 9, 1, 0, 0, 0});
  for (std::size_t at = 0; at < size; at += 128) {
    if (at > 0) text += static_cast<char>(0xC0 | id);
    text += std::string(std::min<std::size_t>(128, size - at), 'x');
  }
  return text;
}

TEST_F(ChunkReaderTest, KeepsNoBufferOfEachChunkStream) {
  for (int round = 0; round < 3; ++round)
    for (int id = 3; id < 64; ++id) EXPECT_EQ(read(in_chunks(id, 60'000)).size(), 1U) << error;
  EXPECT_LE(reader.memory(), 4U * 64 * 1024);
  for (int id = 3; id < 64; ++id) read(in_chunks(id, 60'000).substr(0, 12 + 128));
  EXPECT_LE(reader.memory(), 4U * 64 * 1024) << "of messages that have begun";
}

TEST_F(ChunkReaderTest, UsesItsBuffersAgain) {
  for (int i = 0; i < 3; ++i) read(in_chunks(4, 50'000));
  const std::size_t before = reader.memory();
  for (int i = 0; i < 10; ++i) {
    read(in_chunks(4, 50'000).substr(0, 25'000));
    EXPECT_EQ(reader.memory(), before);
    const std::string stream = in_chunks(4, 50'000);
    read(stream.substr(25'000));
    EXPECT_EQ(reader.memory(), before);
  }
}

TEST_F(ChunkReaderTest, HoldsABoundedNumberOfChunkStreams) {
  std::string stream;
  for (int id = 0; id <= static_cast<int>(ChunkReader::kMostStreams); ++id) stream += bytes({0, id, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0});
  EXPECT_EQ(read(stream).size(), ChunkReader::kMostStreams);
  EXPECT_EQ(error, "more than 64 chunk streams");
}

TEST_F(ChunkReaderTest, SaysWhatIsWrong) {
  const std::pair<std::string, const char*> rows[] = {
      {bytes({0xC3}), "chunk stream 3 begins without the length of its message"},
      {bytes({0x83, 0, 0, 1}), "chunk stream 3 begins without the length of its message"},
      {bytes({0x03, 0, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0}) + std::string(128, 'x') + bytes({0x83, 0, 0, 1}),
       "chunk stream 3: a message begins before the one before has ended"},
      {bytes({0x02, 0, 0, 0, 0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 9}), "a control message of 3 bytes"},
      {set_chunk_size(0x80000000), "chunk size 2147483648"}};
  for (const auto& [stream, says] : rows) {
    reader = {};
    error.clear();
    EXPECT_EQ(read(stream), std::vector<Whole>{});
    EXPECT_EQ(error, says);
  }
}

TEST_F(ChunkReaderTest, ReadsWhatTheWriterWrites) {
  std::string stream = set_chunk_size(100);
  std::vector<Whole> expected;
  for (const std::size_t size : {0, 1, 99, 100, 101, 1000}) {
    for (const std::uint32_t at : {0u, 0xFFFFFEu, 0xFFFFFFu, 0xFFFFFFFFu}) {
      const std::string payload(size, static_cast<char>(size));
      append_message(stream, 6, {.type = MessageType::kVideo, .timestamp = at, .stream = 0x01020304, .payload = bytes_of(payload)}, 100);
      expected.push_back({9, at, 0x01020304, payload});
    }
  }
  EXPECT_EQ(read(stream), expected);
}

}  // namespace
}  // namespace media::rtmp
