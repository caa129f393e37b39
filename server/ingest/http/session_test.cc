#include "server/ingest/http/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace server::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

struct Host final : SessionHost {
  std::optional<Refusal> consider(const PublishName& name) override {
    considered = name;
    return refusal;
  }
  std::optional<Refusal> enter(const PublishName& name, Container container) override {
    EXPECT_FALSE(inside);
    if (refusal_later) return refusal_later;
    inside = true;
    entered = name.point + (container == Container::kFlv ? " FLV" : " TS");
    return std::nullopt;
  }
  void leave() override {
    EXPECT_TRUE(inside);
    inside = false;
  }
  bool push(std::string_view bytes) override {
    EXPECT_TRUE(inside);
    if (!has_room) return false;
    body += bytes;
    return true;
  }
  bool is_readable() const override { return readable; }
  base::UtcTime utc_now() const override { return base::UtcTime{std::chrono::seconds{784111777}}; }

  std::optional<Refusal> refusal, refusal_later;
  bool has_room = true, inside = false, readable = true;
  PublishName considered;
  std::string entered, body;
};

struct HttpSessionTest : testing::Test {
  std::string say(std::string_view text) {
    session.receive({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    std::string answer{session.output()};
    session.sent(answer.size());
    return answer;
  }
  // A request with a body of `length` bytes.
  static std::string head(const std::string& length, const std::string& fields = "", const std::string& version = "1.1") {
    return "PUT /live/main?key=k HTTP/" + version + "\r\nHost: h\r\nContent-Length: " + length + "\r\n" + fields + "\r\n";
  }
  static std::string chunked(const std::string& fields = "") {
    return "POST /live/main?key=k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" + fields + "\r\n";
  }
  Host host;
  Session session{host};
};

const std::string kTs = "Content-Type: video/mp2t\r\n";

TEST_F(HttpSessionTest, HandsABodyOfKnownLengthOn) {
  EXPECT_EQ(say(head("6", kTs) + "Gab"), "");
  EXPECT_EQ(host.entered, "main TS");
  EXPECT_EQ(host.considered, (PublishName{"main", "k"}));
  EXPECT_TRUE(session.is_let_in());
  const std::string answer = say("cde");
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), HasSubstr("Connection: close\r\n"),
                            HasSubstr("\r\n\r\n{\"bytes\":6,\"dropped\":0}\n")));
  EXPECT_EQ(host.body, "Gabcde");
  EXPECT_FALSE(host.inside);
  EXPECT_TRUE(session.is_over());
}

TEST_F(HttpSessionTest, TakesChunksOutOfABody) {
  say(chunked("Content-Type: video/x-flv\r\nTrailer: X\r\n") + "3\r\nFLV\r\n2;name=\"v\"\r\n\r\n\r\n");
  EXPECT_EQ(host.entered, "main FLV");
  EXPECT_THAT(say("0\r\nX: y\r\n\r\n"), HasSubstr("{\"bytes\":5,\"dropped\":0}"));
  EXPECT_EQ(host.body, "FLV\r\n");
}

TEST_F(HttpSessionTest, ReadsWhateverThePiecesAre) {
  const std::string all = chunked() + "1\r\nF\r\n3\r\nLV1\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n";
  std::string answer;
  for (const char c : all) answer += say({&c, 1});
  EXPECT_EQ(host.body, "FLV10123456789");
  EXPECT_THAT(answer, HasSubstr("{\"bytes\":14,\"dropped\":0}"));
}

TEST_F(HttpSessionTest, ReadsTheContainerFromTheFirstBytes) {
  say(chunked());
  EXPECT_EQ(host.entered, "");
  EXPECT_TRUE(session.is_let_in());
  say("1\r\nF\r\n");
  EXPECT_EQ(host.entered, "");
  say("2\r\nLV\r\n");
  EXPECT_EQ(host.entered, "main FLV");
  EXPECT_EQ(host.body, "FLV");
}

TEST_F(HttpSessionTest, NamesWhatItCannotTake) {
  EXPECT_THAT(say(head("9", "Content-Type: video/mp4\r\n")),
              AllOf(StartsWith("HTTP/1.1 415 Unsupported Media Type\r\n"), HasSubstr("video/mp4")));
  EXPECT_TRUE(session.is_over());
  EXPECT_EQ(say("more"), "");
}

TEST_F(HttpSessionTest, NamesWhatTheFirstBytesAre) {
  EXPECT_THAT(say(head("30") + std::string("\0\0\0\x20", 4) + "ftypisom"),
              AllOf(StartsWith("HTTP/1.1 415 "), HasSubstr("The body is MP4;")));
}

TEST_F(HttpSessionTest, RefusesABodyThatIsNotWhatItsHeaderSays) {
  EXPECT_THAT(say(head("30000", kTs) + std::string("\0\0\0\x20", 4) + "ftypisom"),
              AllOf(StartsWith("HTTP/1.1 415 "), HasSubstr("The body is MP4;")));
  EXPECT_EQ(session.turned_away().value().refusal, Refusal::kUnsupportedMedia);
  EXPECT_EQ(host.body, "");
  EXPECT_FALSE(host.inside);
}

TEST_F(HttpSessionTest, TakesATransportStreamBehindBytesThatAreNone) {
  std::string body(20'000, 'x');
  for (int i = 0; i < 10; ++i) body += 'G' + std::string(187, 'y');
  EXPECT_THAT(say(head(std::to_string(body.size()), kTs) + body), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(host.body, body);
}

TEST_F(HttpSessionTest, SaysAtTheEndThatNoneOfItWasATransportStream) {
  EXPECT_EQ(say(head("20000", kTs) + std::string(19'999, 'x')), "");
  EXPECT_THAT(say("x"), AllOf(StartsWith("HTTP/1.1 415 "), HasSubstr("cannot be read")));
  EXPECT_EQ(session.turned_away().value().refusal, Refusal::kUnsupportedMedia);
  EXPECT_FALSE(host.inside);
}

TEST_F(HttpSessionTest, RefusesAShortBodyThatIsNotWhatItsHeaderSays) {
  EXPECT_THAT(say(head("5", kTs) + "hello"), StartsWith("HTTP/1.1 415 "));
}

TEST_F(HttpSessionTest, SaysThatWhatComesCannotBeRead) {
  say(head("9", kTs) + "G");
  session.dismiss(Dismissal::kUnreadable);
  EXPECT_THAT(std::string{session.output()}, AllOf(StartsWith("HTTP/1.1 415 "), HasSubstr("cannot be read")));
  EXPECT_EQ(session.turned_away().value().refusal, Refusal::kUnsupportedMedia);
}

TEST_F(HttpSessionTest, SaysAtTheEndThatItCouldNotBeRead) {
  say(head("3", kTs) + "Ga");
  host.readable = false;
  EXPECT_THAT(say("b"), AllOf(StartsWith("HTTP/1.1 415 "), HasSubstr("cannot be read")));
}

TEST_F(HttpSessionTest, RefusesABodyThatSaysNothing) { EXPECT_THAT(say(chunked() + "0\r\n\r\n"), StartsWith("HTTP/1.1 415 ")); }

TEST_F(HttpSessionTest, RefusesBeforeTheBodyHasCome) {
  const std::pair<Refusal, const char*> rows[] = {
      {Refusal::kUnauthorized, "HTTP/1.1 401 Unauthorized\r\n"},
      {Refusal::kNotFound, "HTTP/1.1 404 Not Found\r\n"},
      {Refusal::kConflict, "HTTP/1.1 409 Conflict\r\n"},
  };
  for (const auto& [refusal, line] : rows) {
    Host other;
    other.refusal = refusal;
    Session refused{other};
    const std::string request = chunked("Expect: 100-continue\r\n");
    refused.receive({reinterpret_cast<const std::uint8_t*>(request.data()), request.size()});
    EXPECT_THAT(std::string{refused.output()}, AllOf(StartsWith(line), HasSubstr("application/problem+json")));
    EXPECT_TRUE(refused.is_over());
    EXPECT_EQ(other.entered, "");
  }
}

TEST_F(HttpSessionTest, SaysWhichStreamThereIsNot) {
  host.refusal = Refusal::kNotFound;
  EXPECT_THAT(say(head("9")), HasSubstr(R"("There is no such stream that takes HTTP: \"main\"")"));
}

TEST_F(HttpSessionTest, RefusesWhomAnotherForestalled) {
  EXPECT_EQ(say(chunked()), "");
  host.refusal_later = Refusal::kConflict;
  EXPECT_THAT(say("1\r\nG\r\n"), StartsWith("HTTP/1.1 409 "));
}

TEST_F(HttpSessionTest, TellsAPublisherThatWaitsToGoOn) {
  EXPECT_EQ(say(head("9", "Expect: 100-continue\r\n")), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_F(HttpSessionTest, TellsNobodyToGoOnWhoSpeaksHttp10) { EXPECT_EQ(say(head("9", "Expect: 100-continue\r\n", "1.0")), ""); }

TEST_F(HttpSessionTest, TakesHttp10WithALengthOnly) {
  say("PUT /live/main HTTP/1.0\r\nContent-Length: 2\r\n\r\n");
  EXPECT_THAT(say("Ga"), HasSubstr("\"bytes\":2"));
  Session other{host};
  const std::string endless = "PUT /live/main HTTP/1.0\r\n\r\nGaaa";
  other.receive({reinterpret_cast<const std::uint8_t*>(endless.data()), endless.size()});
  EXPECT_THAT(std::string{other.output()}, StartsWith("HTTP/1.1 411 Length Required\r\n"));
}

TEST_F(HttpSessionTest, CountsWhatTheDecoderHasNoRoomFor) {
  say(head("6", kTs) + "Gab");
  host.has_room = false;
  EXPECT_THAT(say("cde"), HasSubstr("{\"bytes\":3,\"dropped\":3}"));
}

TEST_F(HttpSessionTest, PassesOverWhatFollows) {
  EXPECT_THAT(say(head("1", kTs) + "G" + head("1", kTs) + "G"), HasSubstr("{\"bytes\":1,"));
  EXPECT_EQ(host.body, "G");
}

TEST_F(HttpSessionTest, RefusesWhatIsNoRequest) {
  for (const std::string& garbage : {std::string{"hello\r\n\r\n"}, std::string(40'000, '\xFF'), std::string("\x16\x03\x01\x02\0\1", 6),
                                     std::string{"PUT /live/main HTTP/2.0\r\n\r\n"}, "\3" + std::string(3000, '\0')}) {
    Session other{host};
    other.receive({reinterpret_cast<const std::uint8_t*>(garbage.data()), garbage.size()});
    EXPECT_THAT(std::string{other.output()}, StartsWith("HTTP/1.1 4")) << garbage.substr(0, 10);
    EXPECT_TRUE(other.is_over());
  }
}

TEST_F(HttpSessionTest, RefusesAnOversizedHead) {
  EXPECT_THAT(say("PUT /live/main HTTP/1.1\r\nHost: h\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 Request Header Fields Too Large\r\n"));
}

TEST_F(HttpSessionTest, RefusesAHeadWithoutEnd) {
  std::string answer;
  for (int i = 0; i < 5 && answer.empty(); ++i) answer = say((i == 0 ? "PUT /" : "") + std::string(4'000, 'x'));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpSessionTest, EndsAPublicationWhoseChunksAreMalformed) {
  say(chunked(kTs) + "2\r\nGa\r\n");
  EXPECT_THAT(say("no number\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_FALSE(host.inside);
}

TEST_F(HttpSessionTest, EndsAPublicationWhoseTrailersDoNotEnd) {
  say(chunked(kTs) + "2\r\nGa\r\n0\r\n");
  std::string answer;
  for (int i = 0; i < 5 && answer.empty(); ++i) answer = say("X: " + std::string(4'000, 'x') + "\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 "));
  EXPECT_FALSE(host.inside);
}

TEST_F(HttpSessionTest, SaysWhyItHangsUp) {
  session.dismiss(Dismissal::kSilent);
  EXPECT_EQ(session.output(), "") << "nothing was asked";
  say("PUT /live");
  session.dismiss(Dismissal::kSilent);
  EXPECT_THAT(std::string{session.output()}, AllOf(StartsWith("HTTP/1.1 408 Request Timeout\r\n"), HasSubstr("head came too slowly")));
}

TEST_F(HttpSessionTest, SaysThatAnotherHasItsPlace) {
  say(head("9", kTs) + "G");
  session.dismiss(Dismissal::kDisplaced);
  EXPECT_THAT(std::string{session.output()}, AllOf(StartsWith("HTTP/1.1 409 "), HasSubstr("\"displaced\"")));
  EXPECT_FALSE(host.inside);
}

}  // namespace
}  // namespace server::http
