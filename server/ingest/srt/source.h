// SrtCaller: a contribution that we fetch: calls an SRT listener, and calls again when it does not answer or hangs up. Each call that
// fails is told to the sink as a refusal.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/resolver.h"
#include "media/call_url.h"
#include "server/ingest/publisher_source.h"
#include "server/ingest/srt/refusal_text.h"

namespace server {

class SrtCaller final : public Source {
 public:
  // Starts at once. Requires: `sink` outlives the source.
  SrtCaller(media::SrtUrl address, std::string passphrase, SourceSink& sink);
  ~SrtCaller() override;

 private:
  void run();
  // One connection, to its end. Nothing: there was one.
  std::optional<CallRefusal> call(const base::HostAddress& to, const std::string& point);
  void tell(const CallRefusal& why);
  // False: the source is to stop.
  bool wait(base::Duration time);
  bool is_stopping();

  const media::SrtUrl address_;
  base::Resolver resolver_;  // its thread's
  const std::string passphrase_;
  SourceSink& sink_;
  PublishPoints points_;  // of one point, ours
  PublisherSource source_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
