// N publishers in real time over RTMP, for ci/bench-rtmp: pictures at 30 a second with a keyframe eight times as large every two seconds,
// sound of 128 kbit/s; what is in them is noise, which no receiver looks into. Prints one line when all publish and one at the end, in
// JSON.
//   rtmp_sender PORT N SECONDS BITS_PER_SECOND CHUNK_SIZE
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <queue>
#include <string>
#include <vector>

#include "base/steady_timeline.h"
#include "server/ingest/rtmp/test_peer.h"

namespace {

using namespace media::rtmp;
using server::rtmp::TestPeer;

constexpr std::uint64_t kPictureMicros = 33'333, kSoundMicros = 21'333;
constexpr std::uint64_t kPicturesPerKeyframe = 60, kKeyframeFactor = 8;
constexpr std::size_t kSoundBytes = 341;
constexpr std::uint64_t kTickMicros = 1000;

struct Load {
  std::uint32_t chunk_size = 4096;
  std::string keyframe, picture, sound;
};

Load make_load(double bits_per_second, std::uint32_t chunk_size) {
  const double per_group = bits_per_second / 8 * kPictureMicros * kPicturesPerKeyframe / 1e6;
  const auto size = static_cast<std::size_t>(per_group / (kPicturesPerKeyframe - 1 + kKeyframeFactor));
  using namespace std::string_literals;
  return {.chunk_size = chunk_size,
          .keyframe = "\x17\1\0\0\0"s + std::string(size * kKeyframeFactor, 'k'),
          .picture = "\x27\1\0\0\0"s + std::string(size, 'p'),
          .sound = "\xAF\1"s + std::string(kSoundBytes, 's')};
}

struct Publisher {
  Publisher(int port, const std::string& name) : peer{port}, started{peer.publish(name).starts_with("NetStream.Publish.Start")} {}
  TestPeer peer;
  bool started;
  std::uint64_t picture = 0, sound = 0;  // the next
  std::uint64_t next() const { return std::min(picture * kPictureMicros, sound * kSoundMicros); }
  bool send(const Load& load) {
    std::string out;
    const bool is_picture = picture * kPictureMicros <= sound * kSoundMicros;
    const std::uint64_t micros = next();
    const bool is_key = is_picture && picture % kPicturesPerKeyframe == 0;
    const std::string& payload = !is_picture ? load.sound : is_key ? load.keyframe : load.picture;
    append_message(out, is_picture ? 6 : 4,
                   {.type = is_picture ? MessageType::kVideo : MessageType::kAudio,
                    .timestamp = static_cast<std::uint32_t>(micros / 1000),
                    .stream = 1,
                    .payload = bytes_of(payload)},
                   load.chunk_size);
    ++(is_picture ? picture : sound);
    sent += payload.size();
    return peer.send(out);
  }
  std::uint64_t sent = 0;
};

// Decoders' configurations of plausible form, which nginx's module reads.
void begin(const Publisher& publisher, std::uint32_t chunk_size) {
  using namespace std::string_literals;
  std::string size;
  append_big<4>(size, chunk_size);
  std::string out;
  append_message(out, 2, {.type = MessageType::kSetChunkSize, .payload = bytes_of(size)}, kFirstChunkSize);
  const std::string avc =
      "\x17\0\0\0\0\1\x64\0\x1F\xFF\xE1\0\x19\x67\x64\0\x1F\xAC\xD9\x40\x50\5\xBB\1\x10\0\0\3\0\x10\0\0\3\3\xC0\xF1\x83\x19\x60\1\0\6\x68\xEB\xE3\xCB\x22\xC0"s;
  const std::string aac = "\xAF\0\x11\x90"s;
  append_message(out, 6, {.type = MessageType::kVideo, .stream = 1, .payload = bytes_of(avc)}, chunk_size);
  append_message(out, 4, {.type = MessageType::kAudio, .stream = 1, .payload = bytes_of(aac)}, chunk_size);
  publisher.peer.send(out);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 104;
  const int port = std::atoi(argv[1]), count = std::atoi(argv[2]);
  const base::Duration length = base::from_seconds(std::atof(argv[3]));
  const Load load = make_load(std::atof(argv[4]), static_cast<std::uint32_t>(std::atoi(argv[5])));
  std::list<Publisher> publishers;
  for (int i = 0; i < count; ++i) {
    publishers.emplace_back(port, "s" + std::to_string(i));
    if (!publishers.back().started) {
      std::fprintf(stderr, "publisher %d was not let in\n", i);
      return 107;
    }
    begin(publishers.back(), load.chunk_size);
  }
  std::puts("publishing");
  std::fflush(stdout);

  // Begun at different times, so that they do not send in step.
  using Due = std::pair<base::Instant, Publisher*>;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  const base::Instant start = base::steady_now();
  std::size_t index = 0;
  for (Publisher& publisher : publishers)
    due.emplace(start + std::chrono::microseconds{2'000'000 * index++ / publishers.size()}, &publisher);
  boost::asio::io_context io;
  boost::asio::steady_timer alarm{io};
  base::Duration latest{};
  std::uint64_t broken = 0;
  for (base::Instant now = start; now < start + length; now = base::steady_now()) {
    while (!due.empty() && due.top().first <= now) {
      auto [at, publisher] = due.top();
      due.pop();
      latest = std::max<base::Duration>(latest, now - at);
      const std::uint64_t before = publisher->next();
      if (publisher->send(load)) {
        due.emplace(at + std::chrono::microseconds{publisher->next() - before}, publisher);
      } else {
        ++broken;
      }
    }
    alarm.expires_after(std::chrono::microseconds{kTickMicros});
    alarm.wait();
  }
  std::uint64_t sent = 0;
  for (const Publisher& publisher : publishers) sent += publisher.sent;
  std::printf("{\"sent\":%llu,\"broken\":%llu,\"latest_ms\":%.1f}\n", static_cast<unsigned long long>(sent),
              static_cast<unsigned long long>(broken), base::to_milliseconds(latest));
  return 0;
}
