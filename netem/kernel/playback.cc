#include "netem/kernel/playback.h"

#include <sys/prctl.h>

#include <exception>

#include "base/steady_timeline.h"

namespace netem {

Playback::Playback(std::mutex& lock, Step step) : lock_{lock}, step_{std::move(step)}, thread_{[this] { play(); }} {}

Playback::~Playback() {
  {
    const std::lock_guard guard{lock_};
    leaving_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Playback::schedule(Key key, std::optional<base::Instant> next) {
  if (const auto found = at_.find(key); found != at_.end()) {
    due_.erase({found->second, key});
    at_.erase(found);
  }
  if (!next) return;
  at_.emplace(key, *next);
  due_.emplace(*next, key);
  changed_.notify_all();
}

void Playback::play() {
  prctl(PR_SET_NAME, "link-traces");
  std::unique_lock guard{lock_};
  while (!leaving_) {
    if (due_.empty() || !failure_.empty()) {
      changed_.wait(guard);
      continue;
    }
    const base::Instant now = base::steady_now();
    if (const base::Instant next = due_.begin()->first; next > now)
      changed_.wait_for(guard, next - now);
    else
      take_due(now);
  }
}

void Playback::take_due(base::Instant now) {
  const Key key = due_.begin()->second;
  try {
    schedule(key, step_(key, now));
  } catch (const std::exception& failure) {
    failure_ = failure.what();
  }
}

}  // namespace netem
