// The reference beside the players: the same bytes at the same pace with nothing but libcurl, sharded over multi handles, on one
// epoll descriptor. No playlist, no buffer, no ABR, no telemetry.
#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <queue>
#include <stdexcept>
#include <vector>

#include "base/errors.h"
#include "base/process_usage.h"
#include "base/steady_timeline.h"
#include "tests/bench/measure.h"

namespace {

using base::Duration;
using base::Instant;

struct Shard;
struct Player {
  std::uint32_t index = 0;
  CURL* easy = nullptr;
  CURLSH* share = nullptr;
  Shard* shard = nullptr;
  std::uint32_t next_segment = 0;
  bool running = false;
};
struct Shard {
  std::uint64_t index = 0;
  CURLM* multi = nullptr;
  int epoll = -1;
  std::optional<Instant> deadline;
};
struct Start {
  Instant when;
  std::uint32_t player;
  bool operator>(const Start& o) const { return when > o.when; }
};

int watch_socket(CURL*, curl_socket_t fd, int what, void* context, void* known) {
  auto& shard = *static_cast<Shard*>(context);
  epoll_event event{};
  if (what == CURL_POLL_REMOVE) return epoll_ctl(shard.epoll, EPOLL_CTL_DEL, fd, &event), 0;
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  event.data.u64 = static_cast<std::uint64_t>(fd) | shard.index << 32;
  epoll_ctl(shard.epoll, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
  curl_multi_assign(shard.multi, fd, &shard);
  return 0;
}

int set_deadline(CURLM*, long milliseconds, void* context) {
  auto& shard = *static_cast<Shard*>(context);
  shard.deadline.reset();
  if (milliseconds >= 0) shard.deadline = base::steady_now() + std::chrono::milliseconds{milliseconds};
  return 0;
}

std::size_t count_bytes(char*, std::size_t size, std::size_t count, void* total) {
  *static_cast<std::uint64_t*>(total) += size * count;
  return size * count;
}

class BareFetch {
 public:
  explicit BareFetch(const bench::Options& options) : options_{options}, epoll_{epoll_create1(EPOLL_CLOEXEC)} {
    if (epoll_ < 0) throw std::runtime_error("create an epoll descriptor: failed");
    figures_.players = options.players;
    const std::int64_t before = base::resident_bytes();
    make_players();
    run();
    figures_.resident_growth = base::resident_bytes() - before;
  }
  BareFetch(const BareFetch&) = delete;
  BareFetch& operator=(const BareFetch&) = delete;
  ~BareFetch() {
    for (Player& player : players_) {
      if (player.running) curl_multi_remove_handle(player.shard->multi, player.easy);
      curl_easy_cleanup(player.easy);
      if (player.share != nullptr) curl_share_cleanup(player.share);
    }
    for (const auto& shard : shards_) curl_multi_cleanup(shard->multi);
    close(epoll_);
  }
  void print() const { bench::print_figures(figures_, lateness_); }

 private:
  void make_shard() {
    auto& shard = *shards_.emplace_back(std::make_unique<Shard>());
    shard.index = shards_.size() - 1;
    shard.multi = curl_multi_init();
    shard.epoll = epoll_;
    curl_multi_setopt(shard.multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(shard.multi, CURLMOPT_SOCKETDATA, &shard);
    curl_multi_setopt(shard.multi, CURLMOPT_TIMERFUNCTION, set_deadline);
    curl_multi_setopt(shard.multi, CURLMOPT_TIMERDATA, &shard);
    curl_multi_setopt(shard.multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.per_multi) * 4);
  }

  void make_players() {
    players_.resize(options_.players);
    for (std::uint32_t i = 0; i < options_.players; ++i) {
      if (i % options_.per_multi == 0) make_shard();
      make_player(players_[i], i);
    }
  }

  void make_player(Player& player, std::uint32_t index) {
    player.index = index;
    player.shard = shards_.back().get();
    player.easy = curl_easy_init();
    curl_easy_setopt(player.easy, CURLOPT_PRIVATE, &player);
    curl_easy_setopt(player.easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(player.easy, CURLOPT_BUFFERSIZE, 65536L);
    curl_easy_setopt(player.easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(player.easy, CURLOPT_WRITEFUNCTION, count_bytes);
    curl_easy_setopt(player.easy, CURLOPT_WRITEDATA, &figures_.bytes);
    curl_easy_setopt(player.easy, CURLOPT_INTERFACE, ("host!" + bench::loopback_address(index)).c_str());
    if (options_.pool == "share") {
      player.share = curl_share_init();
      curl_share_setopt(player.share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
      curl_easy_setopt(player.easy, CURLOPT_SHARE, player.share);
    }
  }

  void run() {
    const Instant began = base::steady_now();
    measure_from_ = began + options_.warmup;
    end_ = measure_from_ + options_.duration;
    for (std::uint32_t i = 0; i < options_.players; ++i) starts_.push({began + options_.period * i / options_.players, i});
    for (Instant now = began; now < end_; now = base::steady_now()) turn(now);
    figures_.cpu = base::process_cpu_time() - cpu_at_start_;
    figures_.wall = end_ - measure_from_;
  }

  void turn(Instant now) {
    if (!measuring_ && now >= measure_from_) {
      measuring_ = true;
      cpu_at_start_ = base::process_cpu_time();
      figures_.bytes = 0;
    }
    while (!starts_.empty() && starts_.top().when <= now) start_next();
    for (const auto& shard : shards_)
      if (shard->deadline && *shard->deadline <= now) act(*shard, CURL_SOCKET_TIMEOUT, 0);
    wait_for_sockets();
  }

  void start_next() {
    const Start due = starts_.top();
    starts_.pop();
    starts_.push({due.when + options_.period, due.player});
    Player& player = players_[due.player];
    if (measuring_) lateness_.add(base::to_seconds(base::steady_now() - due.when));
    if (player.running) return void(++figures_.failures);
    player.running = true;
    const std::uint32_t segment = (player.next_segment++ + player.index) % options_.segments + 1;
    curl_easy_setopt(player.easy, CURLOPT_URL, fmt::format("{}/{}.m4s", options_.url, segment).c_str());
    curl_multi_add_handle(player.shard->multi, player.easy);
    act(*player.shard, CURL_SOCKET_TIMEOUT, 0);
  }

  void wait_for_sockets() {
    Instant next = std::min(end_, starts_.top().when);
    for (const auto& shard : shards_)
      if (shard->deadline) next = std::min(next, *shard->deadline);
    const Duration left = std::max(Duration{}, next - base::steady_now());
    const timespec timeout{.tv_sec = left.count() / 1'000'000'000, .tv_nsec = left.count() % 1'000'000'000};
    epoll_event events[128];
    const int count = epoll_pwait2(epoll_, events, 128, &timeout, nullptr);
    for (int i = 0; i < count; ++i) act_on(events[i]);
  }

  void act_on(const epoll_event& event) {
    const int fd = static_cast<int>(event.data.u64 & 0xFFFFFFFF);
    const int what = ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) | ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                     ((event.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
    act(*shards_[event.data.u64 >> 32], fd, what);
  }

  void act(Shard& shard, curl_socket_t fd, int what) {
    if (fd == CURL_SOCKET_TIMEOUT) shard.deadline.reset();  // curl's timers fire once
    int running = 0;
    curl_multi_socket_action(shard.multi, fd, what, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(shard.multi, &left)) finish(*message);
  }

  void finish(const CURLMsg& message) {
    Player* player = nullptr;
    long status = 0;
    curl_easy_getinfo(message.easy_handle, CURLINFO_PRIVATE, &player);
    curl_easy_getinfo(message.easy_handle, CURLINFO_RESPONSE_CODE, &status);
    const bool failed = message.data.result != CURLE_OK || status != 200;
    curl_multi_remove_handle(player->shard->multi, player->easy);
    player->running = false;
    if (!measuring_) return;
    ++figures_.requests;
    if (failed) ++figures_.failures;
  }

  bench::Options options_;
  int epoll_;
  std::vector<Player> players_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::priority_queue<Start, std::vector<Start>, std::greater<>> starts_;
  Instant measure_from_{};
  Instant end_{};
  bool measuring_ = false;
  Duration cpu_at_start_{};
  bench::Figures figures_;
  base::Histogram lateness_;
};

}  // namespace

int main(int argc, char** argv) {
  const bench::Options options = bench::parse_options(argc, argv);
  prctl(PR_SET_TIMERSLACK, 1000UL);  // 1 µs instead of 50: the pace is the measurement
  curl_global_init(CURL_GLOBAL_ALL);
  const BareFetch fetch{options};
  fetch.print();
  return 0;
}
