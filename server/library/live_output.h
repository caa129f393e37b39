// LiveOutput: what a live stream makes of its sources: the one on air goes into the packager, the others stand by, the slate takes over
// when none sends. The packager is made with the first picture and stays; sources come and go. Time comes in as an argument. One thread.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/ingest/format_watch.h"
#include "server/ingest/health/source_health.h"
#include "server/ingest/source.h"
#include "server/library/packager.h"
#include "server/package/streams.h"
#include "server/switching/slate.h"
#include "server/switching/source_lane.h"
#include "server/switching/source_selector.h"

namespace server {

class LiveOutput {
 public:
  // Requires: the references outlive the output. Once `stopping` is true nothing more is encoded. Throws base::RunFailed when the slate's
  // image cannot be read.
  // `packets`: see Packager::Options.
  LiveOutput(const StreamSpec& spec, StreamMetrics& metrics, const std::atomic<bool>& stopping, base::Instant now, PacketTap packets = {});

  // News of a source, in its order. What encodes throws base::RunFailed when an encoder fails.
  void connected(Feed feed, base::Instant now);
  void bytes(Feed feed, std::span<const std::uint8_t> bytes, Container container, base::Instant now);
  void video(Feed feed, VideoFrame frame, base::Instant now);
  void audio(Feed feed, AudioBlock block, base::Instant now);
  void disconnected(Feed feed, const std::string& reason, base::Instant now);
  // A track of it cannot be decoded, or what it sends not be read.
  void unusable(Feed feed, const std::string& reason);
  // Somebody who would have been it was not let in, or it could not be called.
  void refused(Feed feed, Refusal refusal, const std::string& reason);
  // What is amiss though it goes on; empty: nothing any more.
  void remark(Feed feed, const std::string& text);
  // One of its files begins. Throws base::RunFailed when no encoder has taken one of a list in a whole round, and no source is left.
  void next_file(Feed feed, const std::string& file);
  // Nothing will ever come of it. Throws base::RunFailed with the reason when no source is left.
  void failed(Feed feed, const std::string& reason);
  // To be called often while nothing comes, and without a pause while it catches up.
  void tick(base::Instant now);
  // What the source on air sent while it stood by is put on air a picture at a time, so that what sources send meanwhile need not wait.
  bool is_catching_up() const { return catching_up_; }

  // Pinned: whatever happens.
  void put_on_air(Feed source, bool pinned);
  void unpin() { selector_.pin(std::nullopt); }

  bool is_running() const { return packager_ != nullptr && packager_->is_running(); }
  std::uint64_t segments() const { return packager_ == nullptr ? 0 : packager_->segments(); }
  std::uint64_t losses() const { return (packager_ == nullptr ? 0 : packager_->losses()) + slates_; }
  std::uint64_t switches() const { return switches_; }
  Feed on_air() const { return selector_.on_air(); }
  // Null before the first picture.
  std::shared_ptr<const Presentation> presentation() const { return packager_ == nullptr ? nullptr : packager_->presentation(); }
  HealthFigures figures(Feed source, base::Instant now) { return lane(source).health.figures(now); }
  const SourceEventCounts& event_counts(Feed source) const { return lane(source).counts; }
  // Fills in what it knows: all but the specification, the failure, the snapshot and the history.
  void describe(StreamStatus& status, base::Instant now) const;
  // The latest switches, events and changes of health; they are many, so look first whether there are new ones.
  void describe_history(StreamStatus& status) const;
  std::uint64_t history() const { return history_; }  // counts them

 private:
  struct Lane {
    explicit Lane(SourceHealth&& judged) : health{std::move(judged)} {}
    SourceHealth health;
    std::optional<SourceLane> media;  // from the first picture on air
    FormatWatch format;
    SourceEventCounts counts{};
    bool connected = false;  // ever
    bool linked = false;     // now
    bool heard = false;      // sound has come of this connection
    bool failed = false;
    bool is_beyond_encoding = false;  // of this connection or file: no encoder begins with its pictures
    std::string file;                 // that began last
    std::size_t files_since = 0;      // ended since the first one that no encoder took
    std::string last_word;            // what the source said when it left
    std::string refusal;              // since it was connected last: why somebody was turned away
    std::string unusable;             // what of this connection cannot be decoded, or encoded
    std::string remark;
  };
  // A switch whose first picture has not been put on air yet.
  struct Pending {
    FeedSwitch made;
    std::optional<base::Instant> last_picture;
    std::uint64_t held = 0;
  };
  static std::size_t index_of(Feed feed) { return feed == Feed::kBackup ? 1 : 0; }
  Lane& lane(Feed feed) { return lanes_[index_of(feed)]; }
  const Lane& lane(Feed feed) const { return lanes_[index_of(feed)]; }
  const SourceSpec& spec_of(Feed feed) const { return feed == Feed::kBackup ? *spec_.backup : spec_.source; }
  bool has_backup() const { return spec_.backup.has_value(); }

  void examine(base::Instant now);
  bool is_fit(const SourceHealth& health) const;
  void select(base::Instant now);
  bool begin_with(Feed feed, const VideoFrame& frame);
  // Once there is an encoder, pictures are made to fit it.
  bool is_of_no_use(const Lane& lane) const { return packager_ == nullptr && lane.is_beyond_encoding; }
  void make_packager(const VideoFrame& frame);
  void put_on(Feed feed, base::Instant now);
  void put_rest(Feed feed, base::Instant now);
  bool put_next(Feed feed, base::Instant now);
  void put_on(base::Duration at, VideoFrame frame, base::Instant now);
  void show_slate(base::Instant now);
  void note_first_picture(base::Instant now);
  SourceStatus status_of(Feed feed, base::Instant now) const;
  std::string reason_of(Feed feed) const;
  void remember(Feed feed, SourceEventKind kind, std::string text);

  const StreamSpec& spec_;
  StreamMetrics& metrics_;
  const std::atomic<bool>& stopping_;
  const PacketTap packets_;
  SourceSelector selector_;
  std::array<Lane, 2> lanes_;
  std::deque<HealthEvent> health_;  // the latest
  std::deque<SourceEvent> events_;  // the latest
  std::unique_ptr<Packager> packager_;
  const Picture slate_image_;  // null: plain grey, or no slate
  std::optional<Slate> slate_;
  base::Instant epoch_;                        // media time 0
  int width_ = 0, height_ = 0;                 // the stream's shape: of its first picture, as shown
  std::optional<base::UtcTime> capture_zero_;  // time of capture of media time 0, as the source on air stamps it
  std::optional<base::Instant> last_picture_;  // put on air
  std::int64_t slate_sample_ = 0;              // the next one of its sound
  std::optional<Pending> pending_;
  bool catching_up_ = false;  // requires: a source is on air
  base::Instant catches_up_until_{};
  std::deque<FeedSwitch> switched_;  // the latest
  std::uint64_t switches_ = 0, slates_ = 0, history_ = 0;
};

}  // namespace server
