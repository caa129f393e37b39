// Owners of libsrt's objects, for the .cc files of this folder.
#pragma once

#include <srt/srt.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "server/ingest/publish_points.h"

namespace server {

inline constexpr int kSrtCriticalOnly = 2;          // syslog's LOG_CRIT: libsrt prints every refusal otherwise
inline constexpr std::int64_t kSrtWaitMillis = 50;  // how soon a thread sees that it is to stop
inline constexpr std::size_t kLargestSrtMessage = 1500;

class SrtLibrary {
 public:
  SrtLibrary() {
    srt_startup();
    srt_setloglevel(kSrtCriticalOnly);
  }
  ~SrtLibrary() { srt_cleanup(); }
  SrtLibrary(const SrtLibrary&) = delete;
  SrtLibrary& operator=(const SrtLibrary&) = delete;
};

class SrtSocket {
 public:
  explicit SrtSocket(SRTSOCKET socket) : socket_{socket} {}
  ~SrtSocket() { srt_close(socket_); }
  SrtSocket(const SrtSocket&) = delete;
  SrtSocket& operator=(const SrtSocket&) = delete;
  SRTSOCKET id() const { return socket_; }

  void never_wait() {
    const bool off = false;
    srt_setsockflag(socket_, SRTO_RCVSYN, &off, sizeof off);
    srt_setsockflag(socket_, SRTO_SNDSYN, &off, sizeof off);
  }
  LinkStatistics statistics() const {
    SRT_TRACEBSTATS stats{};
    if (srt_bistats(socket_, &stats, 0, 1) == SRT_ERROR) return {};
    return {.rtt = base::from_seconds(stats.msRTT / 1e3),
            .packets = static_cast<std::uint64_t>(std::max<std::int64_t>(stats.pktRecvTotal, 0)),
            .lost = static_cast<std::uint64_t>(std::max(stats.pktRcvLossTotal, 0)),
            .retransmitted = static_cast<std::uint64_t>(std::max(stats.pktRcvRetrans, 0)),
            .dropped = static_cast<std::uint64_t>(std::max(stats.pktRcvDropTotal, 0))};
  }
  // False: the connection has ended.
  bool receive_into(Publication& publication) {
    std::array<char, kLargestSrtMessage> message;
    for (;;) {
      const int size = srt_recvmsg(socket_, message.data(), static_cast<int>(message.size()));
      if (size <= 0) return size == SRT_ERROR && srt_getlasterror(nullptr) == SRT_EASYNCRCV;
      publication.push({message.data(), static_cast<std::size_t>(size)});
    }
  }

 private:
  SRTSOCKET socket_;
};

class SrtEpoll {
 public:
  SrtEpoll() : id_{srt_epoll_create()} {}
  ~SrtEpoll() { srt_epoll_release(id_); }
  SrtEpoll(const SrtEpoll&) = delete;
  SrtEpoll& operator=(const SrtEpoll&) = delete;
  void add(SRTSOCKET socket, int events) { srt_epoll_add_usock(id_, socket, &events); }
  // Some 50 ms at the most.
  std::vector<SRT_EPOLL_EVENT> wait() {
    std::vector<SRT_EPOLL_EVENT> ready(32);
    const int count = srt_epoll_uwait(id_, ready.data(), static_cast<int>(ready.size()), kSrtWaitMillis);
    ready.resize(static_cast<std::size_t>(std::clamp(count, 0, static_cast<int>(ready.size()))));
    return ready;
  }

 private:
  int id_;
};

}  // namespace server
