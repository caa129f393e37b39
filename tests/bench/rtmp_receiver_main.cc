// What ci/bench-rtmp measures: an RtmpListener with N open points, s0 to sN-1. What arrives is taken out of the queues by T threads named
// "drain" and thrown away: N, as decoders would, or a single one, which is woken seldom. Prints the port, then waits for its input to end
// and prints how many bytes arrived.
//   rtmp_receiver N T
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/ingest/rtmp/listener.h"

namespace {

class Drain final : public server::ConnectionTaker {
 public:
  explicit Drain(std::atomic<std::uint64_t>& bytes) : bytes_{bytes}, thread_{[this] { run(); }} {}
  ~Drain() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  void take(std::shared_ptr<server::ByteQueue> bytes, server::Container) override {
    const std::lock_guard lock{mutex_};
    taken_.push_back(std::move(bytes));
    changed_.notify_all();
  }
  void refused(server::Refusal, const std::string&) override {}

 private:
  void run() {
    pthread_setname_np(pthread_self(), "drain");
    std::vector<std::shared_ptr<server::ByteQueue>> queues;
    while (more(queues)) {
      std::array<std::uint8_t, 64 * 1024> into;
      std::erase_if(queues, [&](const auto& queue) {
        const std::size_t size = queue->read(into);
        bytes_ += size;
        return size == 0;
      });
    }
  }

  // Adds new ones; waits while there are none. False: none, and none to come.
  bool more(std::vector<std::shared_ptr<server::ByteQueue>>& queues) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return stopping_ || !queues.empty() || !taken_.empty(); });
    queues.insert(queues.end(), taken_.begin(), taken_.end());
    taken_.clear();
    return !queues.empty();
  }

  std::atomic<std::uint64_t>& bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<server::ByteQueue>> taken_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 104;
  const int count = std::atoi(argv[1]);
  const auto threads = static_cast<std::size_t>(std::max(1, std::atoi(argv[2])));
  std::atomic<std::uint64_t> bytes{0};
  server::PublishPoints points;
  std::vector<std::unique_ptr<Drain>> drains;
  for (std::size_t i = 0; i < threads; ++i) drains.push_back(std::make_unique<Drain>(bytes));
  for (int i = 0; i < count; ++i)
    points.open("s" + std::to_string(i), {.protocol = server::PublishProtocol::kRtmp}, *drains[static_cast<std::size_t>(i) % threads]);
  {
    const server::RtmpListener listener{{}, points};
    std::printf("%d\n", listener.port());
    std::fflush(stdout);
    while (std::getchar() != EOF) continue;
  }
  std::printf("%llu\n", static_cast<unsigned long long>(bytes.load()));
  return 0;
}
