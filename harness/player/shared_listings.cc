#include "harness/player/shared_listings.h"

#include <algorithm>

namespace harness {

std::shared_ptr<const void> SharedListings::find(const Key& key) const {
  const auto known = known_.find(key);
  return known == known_.end() ? nullptr : known->second.lock();
}

// What has gone is swept out whenever the number has doubled: the work for each entry stays constant.
void SharedListings::keep(const Key& key, const std::shared_ptr<const void>& value) {
  known_[key] = value;
  if (known_.size() < sweep_at_) return;
  std::erase_if(known_, [](const auto& each) { return each.second.expired(); });
  sweep_at_ = std::max<std::size_t>(64, 2 * known_.size());
}

std::shared_ptr<const EngineTraits> SharedListings::alike(const EngineTraits& traits) {
  for (const auto& each : traits_)
    if (auto known = each.lock(); known && *known == traits) return known;
  std::erase_if(traits_, [](const auto& each) { return each.expired(); });
  std::shared_ptr<const EngineTraits> shared{new EngineTraits{traits}};
  traits_.push_back(shared);
  return shared;
}

std::size_t SharedListings::size() const {
  return static_cast<std::size_t>(std::count_if(known_.begin(), known_.end(), [](const auto& each) { return !each.second.expired(); }));
}

}  // namespace harness
