// SharedListings: what listings say, read once for all sessions that were told the same by the same place, and what the players of sessions
// are made of, kept once. Sessions of one thread share one; what no session holds any more is let go. Pure: a session with its own does the
// same, only slower and in more memory.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <typeindex>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/shared_text.h"
#include "harness/engine/traits.h"

namespace harness {

class SharedListings {
 public:
  // What `read()` (a base::Result<T>) makes of `body`. Requires: it depends on nothing but `body`, `place` and `cap`.
  template <class T, class Read>
  base::Result<std::shared_ptr<const T>> get(const base::SharedText& body, const base::SharedText& place, int cap, const Read& read) {
    const Key key{typeid(T), body.hash(), body.size(), place.hash(), cap};
    if (const auto known = find(key)) return std::static_pointer_cast<const T>(known);
    base::Result<T> made = read();
    if (!made.has_value()) return made.error();
    std::shared_ptr<const T> shared{new T{std::move(*made)}};  // not make_shared, whose memory would stay with the reference in known_
    keep(key, shared);
    return shared;
  }
  // The same for all players that are made alike.
  std::shared_ptr<const EngineTraits> alike(const EngineTraits& traits);
  // How many different listings are held by sessions.
  std::size_t size() const;

 private:
  struct Key {
    std::type_index type;
    std::size_t body, bytes, place;
    int cap;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const { return key.body ^ (key.place * 31) ^ (key.type.hash_code() * 17); }
  };
  std::shared_ptr<const void> find(const Key& key) const;
  void keep(const Key& key, const std::shared_ptr<const void>& value);

  std::unordered_map<Key, std::weak_ptr<const void>, Hash> known_;
  std::size_t sweep_at_ = 64;
  std::vector<std::weak_ptr<const EngineTraits>> traits_;
};

}  // namespace harness
