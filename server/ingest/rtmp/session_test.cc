#include "server/ingest/rtmp/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/rtmp/chunk_writer.h"
#include "media/rtmp/raw_text_for_test.h"

namespace server::rtmp {
namespace {

using namespace media::rtmp;

using testing::ElementsAre;
using testing::HasSubstr;

struct Host final : SessionHost {
  std::optional<Refusal> enter(const PublishName& name) override {
    entered.push_back(name);
    return refusal;
  }
  void leave() override { ++left; }
  bool push(std::span<const std::span<const char>> pieces) override {
    for (const auto piece : pieces) flv.append(piece.data(), piece.size());
    return true;
  }
  std::vector<PublishName> entered;
  std::optional<Refusal> refusal;
  int left = 0;
  std::string flv;
};

std::string control(std::uint32_t value) {
  std::string payload;
  append_big<4>(payload, value);
  return payload;
}

// An encoder that says what it is told to.
struct SessionTest : testing::Test {
  void shake_hands() {
    session.receive(bytes_of("\x03" + std::string(2 * kHandshakePart, 'h')));
    ASSERT_EQ(session.output().size(), 1 + 2 * kHandshakePart);
    session.sent(session.output().size());
  }

  void say(MessageType type, std::string_view payload, std::uint32_t timestamp = 0, std::uint32_t stream = 0) {
    std::string chunks;
    append_message(chunks, 3, {.type = type, .timestamp = timestamp, .stream = stream, .payload = bytes_of(payload)}, kFirstChunkSize);
    session.receive(bytes_of(chunks));
  }

  void command(std::string_view name, double transaction, const AmfValue& object = amf_null(), std::vector<AmfValue> arguments = {},
               MessageType type = MessageType::kCommand) {
    std::string payload = type == MessageType::kCommandAmf3 ? std::string(1, '\0') : "";
    append_amf(payload, amf(name));
    append_amf(payload, amf(transaction));
    append_amf(payload, object);
    for (const AmfValue& argument : arguments) append_amf(payload, argument);
    say(type, payload, 0, name == "publish" || name == "play" ? 1 : 0);
  }

  void connect(std::string_view app = "live") { command("connect", 1, amf({{"app", amf(app)}, {"tcUrl", amf("rtmp://h/live")}})); }

  void publish(std::string_view name = "main?key=k") { command("publish", 5, amf_null(), {amf(name), amf("live")}); }

  void start() {
    shake_hands();
    connect();
    publish();
    ASSERT_TRUE(session.is_publishing());
    answers();
  }

  // What was sent since, in short: "onStatus NetStream.Publish.Start", "type 3: 00 26 25 a0".
  std::vector<std::string> answers() {
    const std::string sent{session.output()};
    session.sent(sent.size());
    std::vector<std::string> all;
    for (Bytes bytes = bytes_of(sent);;) {
      const auto message = reader.next(bytes);
      EXPECT_TRUE(message.has_value());
      if (message.has_error() || !*message) return all;
      all.push_back(in_short(**message));
    }
  }

  std::string in_short(const Message& message) {
    if (message.type != MessageType::kCommand) {
      std::string text = "type " + std::to_string(static_cast<int>(message.type)) + ':';
      for (const std::uint8_t byte : message.payload) text += ' ' + std::to_string(byte);
      return text;
    }
    const auto values = parse_amf(message.payload).value();
    const AmfValue& argument = values.at(3);
    description = argument.find("description") == nullptr ? "" : *argument.find("description")->text();
    std::string text = *values.at(0).text();
    if (*values.at(1).number() != 0) text += ' ' + std::to_string(static_cast<int>(*values.at(1).number()));
    if (const AmfValue* code = argument.find("code")) text += ' ' + *code->text();
    if (const double* number = argument.number()) text += " = " + std::to_string(static_cast<int>(*number));
    return text;
  }

  Host host;
  std::optional<Session> current{std::in_place, host};
  Session& session = *current;
  ChunkReader reader;
  std::string description;  // of the last answer
};

TEST_F(SessionTest, LetsAPublisherIn) {
  shake_hands();
  connect();
  EXPECT_THAT(answers(), ElementsAre("type 5: 0 38 37 160", "type 6: 0 38 37 160 2", "_result 1 NetConnection.Connect.Success"));
  command("releaseStream", 2, amf_null(), {amf("main?key=k")});
  command("FCPublish", 3, amf_null(), {amf("main?key=k")});
  command("createStream", 4);
  EXPECT_THAT(answers(), ElementsAre("_result 2", "_result 3", "onFCPublish NetStream.Publish.Start", "_result 4 = 1"));
  publish();
  EXPECT_THAT(answers(), ElementsAre("type 4: 0 0 0 0 0 1", "onStatus NetStream.Publish.Start"));
  EXPECT_THAT(host.entered, ElementsAre(PublishName{"main", "k"}));
  EXPECT_TRUE(session.is_publishing());
  EXPECT_FALSE(session.is_over());
}

TEST_F(SessionTest, TakesCommandsOfAmf3) {
  shake_hands();
  command("connect", 1, amf({{"app", amf("live")}}), {}, MessageType::kCommandAmf3);
  command("publish", 5, amf_null(), {amf("main"), amf("live")}, MessageType::kCommandAmf3);
  EXPECT_THAT(host.entered, ElementsAre(PublishName{"main", ""}));
}

TEST_F(SessionTest, TellsEveryRefusalAndEnds) {
  struct Told {
    Refusal refusal;
    const char* answer;
    const char* says;
  };
  for (const Told& row : {Told{Refusal::kUnauthorized, "onStatus NetStream.Publish.Rejected", "the publish key is wrong"},
                          Told{Refusal::kNotFound, "onStatus NetStream.Publish.Rejected", "there is no such stream: 'main'"},
                          Told{Refusal::kConflict, "onStatus NetStream.Publish.BadName", "another publisher is sending"}}) {
    current.emplace(host);
    reader = {};
    shake_hands();
    host.refusal = row.refusal;
    connect();
    answers();
    publish();
    EXPECT_THAT(answers(), ElementsAre(row.answer));
    EXPECT_EQ(description, row.says);
    EXPECT_TRUE(session.is_over());
    EXPECT_EQ(session.ending(), row.says);
    publish();
    EXPECT_THAT(answers(), ElementsAre()) << "it is over";
  }
  EXPECT_EQ(host.left, 0);
}

TEST_F(SessionTest, RefusesAnotherApplicationSayingWhatToWrite) {
  shake_hands();
  connect("app");
  EXPECT_THAT(answers(), ElementsAre("_error 1 NetConnection.Connect.Rejected"));
  EXPECT_THAT(description, HasSubstr("rtmp://HOST/live/NAME?key=KEY"));
  EXPECT_TRUE(session.is_over());
}

TEST_F(SessionTest, RefusesANameItCannotRead) {
  shake_hands();
  connect();
  answers();
  publish("main?key=" + std::string(300, 'k'));
  EXPECT_THAT(answers(), ElementsAre("onStatus NetStream.Publish.Rejected"));
  EXPECT_EQ(description, "the key is 300 bytes long; at most 256 are allowed");
  EXPECT_TRUE(host.entered.empty());
}

TEST_F(SessionTest, RefusesToPlay) {
  shake_hands();
  connect();
  answers();
  command("play", 4, amf_null(), {amf("main")});
  EXPECT_THAT(answers(), ElementsAre("onStatus NetStream.Play.Failed"));
  EXPECT_EQ(description, "only publishing is allowed here; watch over HLS or DASH");
  EXPECT_TRUE(session.is_over());
}

TEST_F(SessionTest, HandsMediaOnAsFlv) {
  start();
  say(MessageType::kData, raw("\2\0\15@setDataFrame\2\0\12onMetaData\5"));
  say(MessageType::kVideo, raw("\x17\1\0\0\0k"), 5000);
  say(MessageType::kAudio, raw("\xAF\1s"), 5020);
  EXPECT_EQ(host.flv, raw("FLV\1\5\0\0\0\11\0\0\0\0"
                          "\x12\0\0\x0E\0\x03\xE8\0\0\0\0\2\0\12onMetaData\5\0\0\0\x19"
                          "\x09\0\0\6\0\x03\xE8\0\0\0\0\x17\1\0\0\0k\0\0\0\x11"
                          "\x08\0\0\3\0\x03\xFC\0\0\0\0\xAF\1s\0\0\0\x0E"));
}

TEST_F(SessionTest, HandsOnNoOtherData) {
  start();
  say(MessageType::kData, raw("\2\0\6onText\5"));
  say(MessageType::kData, raw("\2\0\15@setDataFrame\2\0\6onText\5"));
  say(MessageType::kData, raw("\2\0\15@setDataFrame"));
  say(MessageType::kData, "");
  EXPECT_EQ(host.flv, "");
  say(MessageType::kDataAmf3, raw("\0\2\0\12onMetaData\5"));
  EXPECT_THAT(host.flv, HasSubstr("onMetaData"));
}

TEST_F(SessionTest, TakesAggregatesApart) {
  start();
  // A picture at 70,000 and sound at 70,015 by their own clock; the message is of 2,000.
  say(MessageType::kVideo, raw("\x17\1\0\0\0k"), 1000);
  host.flv.clear();
  say(MessageType::kAggregate,
      raw("\x09\0\0\6\x01\x11\x70\0\0\0\0\x27\1\0\0\0f\0\0\0\x11"
          "\x08\0\0\3\x01\x11\x7F\0\0\0\0\xAF\1s\0\0\0\x0E"),
      2000);
  EXPECT_EQ(host.flv, raw("\x09\0\0\6\0\x07\xD0\0\0\0\0\x27\1\0\0\0f\0\0\0\x11"
                          "\x08\0\0\3\0\x07\xDF\0\0\0\0\xAF\1s\0\0\0\x0E"));
  say(MessageType::kAggregate, raw("\x09\0\0\6\x01"));
  EXPECT_EQ(session.ending(), "an aggregate message ends within a tag");
  EXPECT_EQ(host.left, 1);
}

TEST_F(SessionTest, IgnoresMediaBeforeItPublishes) {
  shake_hands();
  connect();
  say(MessageType::kVideo, "\x12");
  say(MessageType::kAudio, raw("\xAF\1s"));
  EXPECT_FALSE(session.is_over());
  EXPECT_EQ(host.flv, "");
}

TEST_F(SessionTest, TellsWhichCodecCannotBeUsedAndEnds) {
  start();
  say(MessageType::kVideo, "\x1C\1\1\1\1hevc", 0, 1);
  EXPECT_THAT(answers(), ElementsAre("onStatus NetStream.Publish.Rejected"));
  EXPECT_EQ(description, "the video codec HEVC cannot be used; send H.264");
  EXPECT_TRUE(session.is_over());
  EXPECT_EQ(host.left, 1);
}

TEST_F(SessionTest, MayPublishAgainAfterItUnpublished) {
  start();
  const std::pair<const char*, std::vector<AmfValue>> ways[] = {
      {"FCUnpublish", {amf("main")}}, {"deleteStream", {amf(1.0)}}, {"closeStream", {}}};
  int left = 0;
  for (const auto& [way, arguments] : ways) {
    command(way, 0, amf_null(), arguments);
    EXPECT_THAT(answers(), ElementsAre("onStatus NetStream.Unpublish.Success")) << way;
    EXPECT_EQ(host.left, ++left);
    EXPECT_FALSE(session.is_publishing());
    publish();
    EXPECT_TRUE(session.is_publishing());
    answers();
  }
  command("deleteStream", 0, amf_null(), {amf(7.0)});
  EXPECT_TRUE(session.is_publishing()) << "another stream's";
}

TEST_F(SessionTest, PublishesOneStreamAtATime) {
  start();
  publish("other");
  EXPECT_THAT(answers(), ElementsAre("onStatus NetStream.Publish.BadName"));
  EXPECT_EQ(description, "this connection is publishing already");
  EXPECT_TRUE(session.is_publishing());
  EXPECT_EQ(host.entered.size(), 1U);
}

TEST_F(SessionTest, AnswersPings) {
  start();
  say(MessageType::kUserControl, raw("\0\6\1\2\3\4"));
  say(MessageType::kUserControl, raw("\0\3\0\0\0\1\0\0\0\0"));  // SetBufferLength
  say(MessageType::kUserControl, raw("\0\6\1"));
  EXPECT_THAT(answers(), ElementsAre("type 4: 0 7 1 2 3 4"));
}

TEST_F(SessionTest, AnswersUnknownCommandsThatWantIt) {
  start();
  command("_checkbw", 6);
  command("whatever", 0);
  EXPECT_THAT(answers(), ElementsAre("_error 6 NetConnection.Call.Failed"));
}

TEST_F(SessionTest, AcknowledgesAtTheWindow) {
  start();
  say(MessageType::kWindowAckSize, control(10'000));
  answers();
  say(MessageType::kAudio, std::string(9'000, '\xAF'));
  EXPECT_THAT(answers(), ElementsAre());
  say(MessageType::kAudio, std::string(1'000, '\xAF'));
  const std::vector<std::string> told = answers();
  ASSERT_THAT(told, ElementsAre(HasSubstr("type 3: 0 0 ")));
  say(MessageType::kAudio, std::string(9'000, '\xAF'));
  EXPECT_THAT(answers(), ElementsAre()) << "the window begins anew";
}

TEST_F(SessionTest, AcknowledgesOverTheWrapOf32Bits) {
  shake_hands();
  connect();
  answers();
  std::string message;
  const std::string payload(0xFFFFFF, 'x');
  append_message(message, 4, {.type = MessageType::kAudio, .payload = bytes_of(payload)}, 0xFFFFFF);
  say(MessageType::kSetChunkSize, control(0xFFFFFF));
  std::uint64_t sent = 0;
  while (sent <= 0xFFFFFFFF) {
    answers();
    session.receive(bytes_of(message));
    sent += message.size();
  }
  const std::vector<std::string> told = answers();
  ASSERT_THAT(told, ElementsAre(testing::StartsWith("type 3: 0 ")));
  EXPECT_FALSE(session.is_over());
}

TEST_F(SessionTest, TellsItsWindowWhereTheLimitIsAnother) {
  start();
  say(MessageType::kSetPeerBandwidth, control(5000) + '\2');
  EXPECT_THAT(answers(), ElementsAre("type 5: 0 0 19 136"));
}

TEST_F(SessionTest, EndsWhenItsAnswersAreNotRead) {
  start();
  for (int i = 0; i < 5000 && !session.is_over(); ++i) say(MessageType::kUserControl, raw("\0\6\1\2\3\4"));
  EXPECT_EQ(session.ending(), "the publisher does not read what is sent to it");
  EXPECT_EQ(host.left, 1);
}

TEST_F(SessionTest, EndsAtWhatIsNotRtmp) {
  session.receive(bytes_of("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(session.ending(), "not RTMP: the first byte is 71, not 3");
  EXPECT_EQ(session.output(), "");
}

TEST_F(SessionTest, EndsAtACommandThatMakesNoSense) {
  const std::pair<std::string, const char*> rows[] = {{raw("\2\0\7publish"), "the command 'publish' before 'connect'"},
                                                      {raw("\0\0\0\0\0\0\0\0\0"), "a command without a name"},
                                                      {"", "a command without a name"},
                                                      {raw("\2\0\x20x"), "AMF0: it ends within a value"}};
  for (const auto& [payload, says] : rows) {
    current.emplace(host);
    shake_hands();
    say(MessageType::kCommand, payload);
    EXPECT_EQ(session.ending(), says);
  }
}

TEST_F(SessionTest, LetsNoStrangerSendMuch) {
  shake_hands();
  connect();
  say(MessageType::kVideo, std::string(100'000, 'x'));
  EXPECT_EQ(session.ending(), "more than 65536 bytes of unfinished messages");
}

TEST_F(SessionTest, TakesAPublishersLargePictures) {
  start();
  say(MessageType::kVideo, raw("\x17\1\0\0\0") + std::string(3'000'000, 'x'));
  EXPECT_EQ(host.flv.size(), 13U + 11 + 5 + 3'000'000 + 4);
}

}  // namespace
}  // namespace server::rtmp
