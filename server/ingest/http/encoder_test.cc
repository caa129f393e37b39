// ffmpeg and curl as publishers: what they are told, and what is decoded of what they send.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "server/ingest/encoder_for_test.h"
#include "server/ingest/http/listener.h"
#include "server/ingest/publisher_source.h"
#include "server/ingest/socket_for_test.h"

namespace server {
namespace {

using testing::HasSubstr;

struct HttpEncoderTest : testing::Test {
  ~HttpEncoderTest() override {
    std::filesystem::remove(log);
    std::filesystem::remove(file);
  }
  std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(listener.port()) + path; }
  base::Subprocess ffmpeg(const std::string& path, const std::string& format, std::vector<std::string> options,
                          const std::string& length = "") const {
    options.insert(options.begin(), {"-f", format});
    options.push_back(url(path));
    return encoder(kGood, length, options, log);
  }
  // Two seconds of it in a file.
  void record(const std::string& format) const {
    base::Subprocess recorder = encoder(kGood, "2", {"-f", format, file}, log);
    ASSERT_EQ(exit_status(recorder), 0) << text_of_file(log);
  }
  base::Subprocess curl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"curl", "-sS", "--max-time", "60"});
    return base::Subprocess{{.command = std::move(arguments), .output_file = log}};
  }
  std::string told(base::Subprocess refused) const { return told_when_failed(std::move(refused), log); }

  const std::string log = encoder_log();
  const std::string file = log + ".media";
  PublishPoints points;
  CountingSink sink;
  PublisherSource source{points, "main", {.protocol = PublishProtocol::kHttp, .key = "k"}, sink};
  HttpListener listener{{}, points};
};

constexpr std::size_t kSecond = 48'000;

TEST_F(HttpEncoderTest, IsDecodedFromATransportStream) {
  base::Subprocess encoder = ffmpeg("/live/main?key=k", "mpegts", {"-method", "PUT"}, "2");
  EXPECT_TRUE(sink.gets(50, 2 * kSecond - 4096, 1));
  EXPECT_EQ(exit_status(encoder), 0) << text_of_file(log);
  EXPECT_EQ(sink.pictures(), 50U);
}

TEST_F(HttpEncoderTest, IsDecodedFromFlv) {
  base::Subprocess encoder = ffmpeg("/live/main?key=k", "flv", {"-content_type", "video/x-flv", "-flvflags", "no_duration_filesize"}, "2");
  EXPECT_TRUE(sink.gets(50, 2 * kSecond - 4096, 1));
  EXPECT_EQ(exit_status(encoder), 0) << text_of_file(log);
}

TEST_F(HttpEncoderTest, IsToldThatItsKeyIsWrong) {
  EXPECT_THAT(told(ffmpeg("/live/main?key=wrong", "mpegts", {"-method", "PUT", "-send_expect_100", "1"})), HasSubstr("401"));
  EXPECT_EQ(sink.pictures(), 0U);
}

TEST_F(HttpEncoderTest, IsCutOffWhenItsKeyIsWrong) { told(ffmpeg("/live/main?key=wrong", "mpegts", {"-method", "PUT"})); }

TEST_F(HttpEncoderTest, MayBeCurlWithAFile) {
  for (const char* format : {"mpegts", "flv"}) {
    record(format);
    base::Subprocess upload = curl({"-T", file, url("/live/main?key=k")});
    EXPECT_EQ(exit_status(upload), 0);
    EXPECT_THAT(text_of_file(log), HasSubstr(R"({"bytes":)" + std::to_string(std::filesystem::file_size(file)) + R"(,"dropped":0})"));
    std::filesystem::remove(file);
  }
  EXPECT_TRUE(sink.gets(100, 4 * kSecond - 8192, 2));
}

TEST_F(HttpEncoderTest, MayBeCurlThatPosts) {
  record("mpegts");
  base::Subprocess upload = curl({"--data-binary", "@" + file, "-H", "Authorization: Bearer k", "--http1.0", url("/live/main")});
  EXPECT_EQ(exit_status(upload), 0);
  EXPECT_TRUE(sink.gets(50, 2 * kSecond - 4096, 1));
}

TEST_F(HttpEncoderTest, IsToldWhenWhatItSendsCannotBeReadAnyMore) {
  const TestSocket publisher{listener.port()};
  publisher.send("PUT /live/main?key=k HTTP/1.1\r\nHost: h\r\nContent-Type: video/mp2t\r\nContent-Length: 1000000\r\n\r\nG");
  publisher.send(std::string(100'000, 'x'));
  EXPECT_THAT(publisher.receive(), testing::AllOf(HasSubstr("HTTP/1.1 415 "), HasSubstr("cannot be read")));
  ASSERT_TRUE(sink.gets(0, 0, 1));
  EXPECT_EQ(sink.unusable(), "what it sends cannot be read as MPEG-TS");
}

TEST_F(HttpEncoderTest, TellsCurlWhatIsWrong) {
  record("mp4");
  base::Subprocess upload = curl({"-T", file, "-w", "%{http_code}", url("/live/main?key=k")});
  EXPECT_EQ(exit_status(upload), 0);
  EXPECT_THAT(text_of_file(log), testing::AllOf(HasSubstr("The body is MP4; send MPEG-TS"), HasSubstr("415")));
}

}  // namespace
}  // namespace server
