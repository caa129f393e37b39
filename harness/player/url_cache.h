// UrlCache: absolute URLs that sessions who share a listing have asked for, written once for all of them. Bounded: a newer one takes the
// place of an older one. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/shared_text.h"

namespace harness {

class UrlCache {
 public:
  static constexpr std::size_t kMost = 512;
  struct Key {
    std::int64_t number = 0, time = 0;
    std::uint32_t source = 0, place = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };

  // What `make()` gives; it depends on nothing but the key.
  template <class Make>
  const base::SharedText& get(const Key& key, const Make& make) {
    if (slots_.empty()) slots_.resize(1);
    while (!may_take(slot(key), key)) grow();
    Slot& mine = slot(key);
    if (mine.url.empty() || mine.key != key) mine = {key, make()};
    return mine.url;
  }

 private:
  struct Slot {
    Key key;
    base::SharedText url;  // empty: free
  };
  Slot& slot(const Key& key) { return slots_[static_cast<std::size_t>(key.number) & (slots_.size() - 1)]; }
  bool may_take(const Slot& slot, const Key& key) const {
    return slot.url.empty() || slot.key.number == key.number || slots_.size() >= kMost;
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (Slot& each : old)
      if (!each.url.empty()) slot(each.key) = std::move(each);
  }

  std::vector<Slot> slots_;  // a power of two of them, by number
};

}  // namespace harness
