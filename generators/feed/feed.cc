#include "generators/feed/feed.h"

#include <mutex>

#include "base/ensure.h"
#include "base/errors.h"
#include "base/steady_timeline.h"
#include "generators/feed/feed_output.h"

namespace generators {

class Feed::Impl {
 public:
  explicit Impl(const Options& options) {
    if (options.to.empty()) throw base::RunFailed("feed: names no destination");
    for (const Destination& destination : options.to)
      outputs_.push_back(std::make_unique<FeedOutput>(options.file, destination, options.on_thread));
  }

  std::size_t outputs() const { return outputs_.size(); }

  void apply(const FeedCommand& command, std::optional<std::size_t> output) {
    ENSURE(check(command).has_value() && output.value_or(0) < outputs_.size());
    const std::size_t begin = output.value_or(0), end = output ? *output + 1 : outputs_.size();
    {
      const std::lock_guard lock{mutex_};
      const base::Instant now = base::steady_now();
      if (std::holds_alternative<FeedStart>(command) && !clock_) clock_ = FeedClock{.origin = now, .anchor = {now, base::utc_now()}};
      const base::Duration at = clock_ ? now - clock_->origin : base::Duration::zero();
      for (std::size_t i = begin; i < end; ++i) outputs_[i]->apply(command, at, clock_);
    }
    if (!std::holds_alternative<FeedStop>(command) && !std::holds_alternative<FeedKill>(command)) return;
    for (std::size_t i = begin; i < end; ++i) outputs_[i]->settle();
  }

  Stats stats(std::size_t output) const {
    ENSURE(output < outputs_.size());
    return outputs_[output]->stats();
  }

 private:
  std::mutex mutex_;
  std::optional<FeedClock> clock_;  // of the first start
  std::vector<std::unique_ptr<FeedOutput>> outputs_;
};

Feed::Feed(Options options) : impl_{std::make_unique<Impl>(options)} {}
Feed::~Feed() = default;
std::size_t Feed::outputs() const { return impl_->outputs(); }
void Feed::apply(const FeedCommand& command, std::optional<std::size_t> output) { impl_->apply(command, output); }
Feed::Stats Feed::stats(std::size_t output) const { return impl_->stats(output); }

}  // namespace generators
