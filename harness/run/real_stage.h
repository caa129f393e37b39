// RealStage: real time, real HTTP. Starts the reference server and the contribution feed on loopback, or uses an external target.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/steady_timeline.h"
#include "harness/run/contribution_watch.h"
#include "harness/run/feed_strikes.h"
#include "harness/run/frame_probe.h"
#include "harness/run/progress_line.h"
#include "harness/run/reference_server.h"
#include "harness/run/stage.h"
#include "harness/run/stage_links.h"
#include "harness/transport/curl_transport.h"

namespace generators {
class Feed;
}

namespace harness {

class RealStage final : public Stage {
 public:
  // Nothing is started yet. `directory`: the run's.
  // `backend`: what netem::choose_backend gave.
  RealStage(boost::asio::io_context& io, const Scenario& scenario, std::string directory, netem::BackendChoice backend);
  ~RealStage();

  // Preflight: limits, video, server, feed, and a manifest that answers. Turns the io_context. `interrupted` is asked often.
  // Throws base::RunFailed, base::Interrupted, base::InvalidInput.
  void prepare(ProgressLine& progress, const std::function<bool()>& interrupted);

  base::Timeline& timeline() override { return timeline_; }
  base::SteadyTimeline& steady_timeline() { return timeline_; }
  Transport& transport() override { return *transport_; }
  base::WallAnchor wall() override { return timeline_.wall_anchor(); }
  std::string manifest_url(StreamingProtocol protocol, std::size_t channel) const override;
  std::optional<Entrance> entrance(PathKind path, std::size_t channel) const override;
  std::optional<TokenSource> token_source(std::size_t channel) const override;
  void connect(const LinkUse& use) override;
  LinkFacts disconnect(base::ViewerId viewer) override;
  std::string link_backend() const override { return netem::to_text(backend_); }
  void expire_tokens(const std::string& group, std::function<void(std::string)> failed) override;
  void strike_feed(const DrillPlan& drill) override;
  void mend_feed(const DrillPlan& drill) override;
  std::optional<ContributionFacts> contribution(base::Instant from, base::Instant to) override;
  std::optional<std::string> failure() override;
  void measure_from() override;
  reports::HarnessRow measured(std::uint32_t sessions) override;
  std::vector<std::string> notes() const override;

 private:
  class Post;
  bool turn_until(const std::function<bool()>& done, base::Duration patience, const std::function<bool()>& interrupted);
  void publish_addresses(ProgressLine& progress);
  void start_server(const std::string& video);
  void start_feeds(const std::string& video);
  void start_reference(ProgressLine& progress, const std::function<bool()>& interrupted);
  void watch_contribution();
  void command_feeds(const DrillPlan& drill, const std::vector<generators::FeedCommand>& commands);
  void flap(const DrillPlan& drill, bool up);
  void await_manifest(StreamingProtocol protocol, std::size_t channel, ProgressLine& progress, const std::function<bool()>& interrupted);
  bool uses(StreamingProtocol protocol) const;
  std::string source_address(base::ViewerId viewer) const;
  bool target_is_loopback() const;

  struct Mark {
    base::Instant at{};
    base::Duration own{}, server{};
    std::int64_t resident = 0;
    std::int64_t late_pictures = 0;  // of the reference server
  };
  boost::asio::io_context& io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  const Scenario& scenario_;
  std::string directory_;
  netem::BackendChoice backend_;
  base::SteadyTimeline timeline_;
  std::unique_ptr<StageLinks> links_;  // null: none
  std::unique_ptr<CurlTransport> transport_;
  std::unique_ptr<ReferenceServer> server_;
  std::optional<ReferenceServer::Addresses> addresses_;
  std::vector<std::unique_ptr<generators::Feed>> feeds_;  // by channel
  std::map<std::string, base::Timer> flaps_;              // by drill
  std::unique_ptr<ContributionWatch> watch_;              // of the reference server's live stream, the first channel's
  std::unique_ptr<FrameProbe> probe_;                     // the same, of test videos
  std::map<std::uint64_t, std::unique_ptr<Post>> posts_;
  std::uint64_t last_post_ = 0;
  Mark mark_;
};

}  // namespace harness
