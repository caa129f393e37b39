// dashjs::SwitchHistoryRule: stays below a rendition that was left downwards lately (rules/abr/SwitchHistoryRule.js,
// rules/SwitchRequestHistory.js of dash.js 5.2.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace harness {
class LadderChange;
}

namespace harness::dashjs {

class SwitchHistoryRule {
 public:
  // A decision was made, a change or not, carried out or not.
  void on_decision(std::size_t from, std::size_t to);
  void reset() { count_ = 0; }
  void on_ladder(const LadderChange& change);
  // The highest rendition to be taken of so many; nothing: any.
  std::optional<std::size_t> limit(std::size_t renditions) const;

 private:
  static constexpr std::size_t kSamples = 8;  // sampleSize, Settings.js
  struct Decision {
    std::uint16_t from : 15 = 0;
    bool drop : 1 = false;
  };
  std::array<Decision, kSamples> decisions_;  // the latest
  std::uint32_t count_ = 0;                   // ever
};

}  // namespace harness::dashjs
