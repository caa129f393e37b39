// PublishPoints: where publishers send to, whatever the protocol: "main" is the primary source of the stream main, "main/backup" its
// backup. Decides who is let in (admission.h); a newcomer who is let in takes the place of the one before. Every refusal is told to
// whoever takes the point's connections, and to an observer. Thread-safe; never waits.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "server/ingest/admission.h"
#include "server/ingest/byte_queue.h"

namespace server {

enum class PublishProtocol { kSrt, kRtmp, kHttp };
const char* to_text(PublishProtocol protocol);  // "srt", "rtmp", "http"

// Who takes a point's connections. Called on a network thread; must return at once and not call the points.
class ConnectionTaker {
 public:
  // The bytes of a new publisher; the queue of the one before has been closed.
  virtual void take(std::shared_ptr<ByteQueue> bytes, Container container) = 0;
  // Somebody who would have been its publisher was not let in, or did not stay because of what it sent.
  virtual void refused(Refusal refusal, const std::string& reason) = 0;

 protected:
  ~ConnectionTaker() = default;
};

// What a connection's protocol knows of its way, since it began.
struct LinkStatistics {
  base::Duration rtt{};
  std::uint64_t packets = 0;        // arrived
  std::uint64_t lost = 0;           // missed at their place
  std::uint64_t retransmitted = 0;  // arrived again
  std::uint64_t dropped = 0;        // given up: they came too late or never
};

// One publisher's connection, as its network thread holds it. When it is let go, the publisher has left.
class Publication {
 public:
  // What it shares with its point.
  struct Shared {
    std::atomic<base::Instant> last_bytes;
    std::mutex mutex;
    std::optional<LinkStatistics> link;
  };
  Publication(std::shared_ptr<ByteQueue> bytes, std::shared_ptr<Shared> shared) : bytes_{std::move(bytes)}, shared_{std::move(shared)} {}
  ~Publication() { bytes_->close(); }
  Publication(const Publication&) = delete;
  Publication& operator=(const Publication&) = delete;

  // What a slow decoder has no room for is dropped, whole: false.
  bool push(std::span<const char> bytes) { return push(std::span{&bytes, 1}); }
  // Pieces that belong together: all of them or none.
  bool push(std::span<const std::span<const char>> pieces);
  void note(const LinkStatistics& link);
  // Somebody else has its place, or the point is closed: hang up.
  bool is_over() const { return bytes_->is_closed(); }
  // It is over because what it sent cannot be read.
  bool is_unreadable() const { return bytes_->is_rejected(); }

 private:
  std::shared_ptr<ByteQueue> bytes_;
  std::shared_ptr<Shared> shared_;
};

class PublishPoints {
 public:
  struct Options {
    PublishProtocol protocol = PublishProtocol::kSrt;  // the only one that finds the point
    std::string key;                                   // empty: any publisher
    std::string passphrase;                            // SRT; empty: not encrypted
  };
  // What a publisher presents.
  struct Request {
    PublishProtocol protocol = PublishProtocol::kSrt;
    std::string point;  // "main/primary" is "main"
    std::string key{};
    std::string peer{};  // ADDRESS:PORT
  };
  // A publisher that was not let in, or did not stay because of what it sent.
  struct Refused {
    base::UtcTime when;
    PublishProtocol protocol = PublishProtocol::kSrt;
    std::string point;  // as it named it, 64 bytes of it at the most; empty: it did not come so far
    std::string peer;
    Refusal refusal = Refusal::kBadRequest;
    std::string reason;  // a sentence
  };
  // Called on network threads; must return at once and not call the points.
  using Observer = std::function<void(const Refused&)>;

  explicit PublishPoints(Observer observer = {}) : observer_{std::move(observer)} {}

  // Requires: no point of that name is open; `taker` outlives the point.
  void open(const std::string& name, Options options, ConnectionTaker& taker);
  // Its publisher's publication is over; the taker is not called any more.
  void close(const std::string& name);

  // Whether the publisher would be let in now; nothing: yes. For handshakes that are answered before there is a connection.
  std::optional<Refusal> consider(const Request& request);
  // The protocol turns somebody away, for what the points know nothing of.
  void turn_away(const Request& request, Refusal refusal, const std::string& reason);
  // Empty: none, or no such point.
  std::string passphrase(const Request& request) const;
  // Of the publisher that is or was last there; nothing: its protocol knows nothing.
  std::optional<LinkStatistics> link(const std::string& name) const;
  std::variant<Refusal, std::unique_ptr<Publication>> enter(const Request& request, Container container);

 private:
  struct Current {
    std::string key;
    std::shared_ptr<ByteQueue> bytes;
    std::shared_ptr<Publication::Shared> shared;
  };
  struct Point {
    Options options;
    ConnectionTaker* taker = nullptr;
    std::optional<Current> current;
  };
  // Requires of each: mutex_ is held.
  const Point* find(const Request& request) const;
  std::optional<Refusal> judge(const Request& request, const Point* point) const;
  void note(const Request& request, const Point* point, Refusal refusal, const std::string& reason) const;

  const Observer observer_;
  mutable std::mutex mutex_;
  std::map<std::string, Point, std::less<>> points_;
};

}  // namespace server
