#include "server/ingest/srt/source.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <srt/srt.h>

#include <thread>

#include "base/resolver.h"
#include "server/ingest/srt/listener.h"
#include "server/ingest/srt/srt_socket.h"

namespace server {
namespace {

// Writes down what a source says.
class Listener final : public SourceSink {
 public:
  void on_connected() override { note(connections_); }
  void on_bytes(std::span<const std::uint8_t>, Container) override {}
  void on_packet(const MediaPacket&) override {}
  void on_video(VideoFrame) override {}
  void on_audio(AudioBlock) override {}
  void on_disconnected(const std::string&) override { note(departures_); }
  void on_unusable(const std::string&) override {}
  void on_refused(Refusal refusal, const std::string& reason) override {
    const std::lock_guard lock{mutex_};
    refusals_.emplace_back(refusal, reason);
    changed_.notify_all();
  }
  void on_failed(const std::string&) override {}
  bool has_connected(int times) { return reaches(connections_, times); }
  bool has_left(int times) { return reaches(departures_, times); }
  std::optional<std::pair<Refusal, std::string>> refusal() {
    std::unique_lock lock{mutex_};
    const bool came = changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return !refusals_.empty(); });
    return came ? std::optional{refusals_.front()} : std::nullopt;
  }

 private:
  void note(int& count) {
    const std::lock_guard lock{mutex_};
    ++count;
    changed_.notify_all();
  }
  bool reaches(const int& count, int times) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, std::chrono::seconds{20}, [&] { return count >= times; });
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  int connections_ = 0, departures_ = 0;
  std::vector<std::pair<Refusal, std::string>> refusals_;
};

TEST(SrtCaller, CallsAgainWhenTheOtherSideHangsUp) {
  const SrtLibrary library;
  SrtSocket server{srt_create_socket()};
  const base::HostAddress any = base::look_up_host("127.0.0.1", 0)->front();
  ASSERT_NE(srt_bind(server.id(), any.generic(), static_cast<int>(any.size)), SRT_ERROR);
  ASSERT_NE(srt_listen(server.id(), 4), SRT_ERROR);
  sockaddr_in bound{};
  int size = sizeof bound;
  srt_getsockname(server.id(), reinterpret_cast<sockaddr*>(&bound), &size);

  Listener listener;
  SrtCaller caller{{.host = "127.0.0.1", .port = ntohs(bound.sin_port), .streamid = "give me main"}, "", listener};
  for (int time = 1; time <= 2; ++time) {
    const SrtSocket accepted{srt_accept(server.id(), nullptr, nullptr)};
    std::array<char, 513> streamid{};
    int length = static_cast<int>(streamid.size());
    srt_getsockflag(accepted.id(), SRTO_STREAMID, streamid.data(), &length);
    EXPECT_STREQ(streamid.data(), "give me main");
    EXPECT_TRUE(listener.has_connected(time));
  }
  EXPECT_TRUE(listener.has_left(2));
}

TEST(SrtCaller, TellsWhyItIsRefused) {
  PublishPoints points;
  const SrtListener server{"127.0.0.1", 0, points};
  Listener listener;
  const SrtCaller caller{{.host = "127.0.0.1", .port = server.port(), .streamid = "none"}, "", listener};
  const auto told = listener.refusal();
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->first, Refusal::kNotFound);
  EXPECT_EQ(told->second, fmt::format("srt://127.0.0.1:{} refuses the stream: there is no such stream (1404)", server.port()));
}

TEST(SrtCaller, StopsWhileNobodyAnswers) {
  Listener listener;
  const SrtCaller caller{{.host = "127.0.0.1", .port = 9}, "", listener};
}

}  // namespace
}  // namespace server
