// ContributionWatch: what the reference server says about the health and the switching of its sources, asked once in a while, and what of
// it belongs to a drill.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/timeline.h"
#include "harness/transport/transport.h"

namespace harness {

struct FeedSwitchFact {
  base::UtcTime at;
  std::string from, to, reason;  // in the server's words
  double gap_ms = 0;
  std::int64_t held_pictures = 0;
  friend bool operator==(const FeedSwitchFact&, const FeedSwitchFact&) = default;
};

// Something that is wrong with a feed.
struct FeedTroubleFact {
  base::UtcTime at;
  std::string what;  // "primary: picture: no picture for 0.5 s"
  friend bool operator==(const FeedTroubleFact&, const FeedTroubleFact&) = default;
};

struct FeedFacts {
  std::vector<FeedSwitchFact> switches;
  std::vector<FeedTroubleFact> troubles;  // what became impaired, who left
  std::int64_t late_pictures = 0;         // passed over because the server's encoders were behind
};

// Of a stream's JSON; what is not there is passed over.
FeedFacts feed_facts_of(const std::string& stream_json);

class ContributionWatch final : private TransferReceiver {
 public:
  // `stream_url`: of the REST resource. Requires: the transport outlives the watch.
  ContributionWatch(Transport& transport, std::string stream_url);
  ~ContributionWatch();
  ContributionWatch(const ContributionWatch&) = delete;
  ContributionWatch& operator=(const ContributionWatch&) = delete;

  // Asks, unless an answer is still on its way.
  void ask();
  // The first switch in between that is none by choice (a failback, an order).
  std::optional<FeedSwitchFact> first_forced(base::UtcTime from, base::UtcTime to) const;
  // The first trouble in between; what made the server switch before it said so is one, too.
  std::optional<FeedTroubleFact> first_noticed(base::UtcTime from, base::UtcTime to) const;
  std::size_t count(base::UtcTime from, base::UtcTime to) const;
  // As it was last heard.
  std::int64_t late_pictures() const { return late_pictures_; }

 private:
  void on_progress(TransferId, const TransferProgress&) override {}
  void on_outcome(TransferId, TransportOutcome&& outcome) override;

  Transport& transport_;
  const std::string url_;
  std::optional<TransferId> running_;
  std::map<std::tuple<base::UtcTime, std::string>, FeedSwitchFact> seen_;  // by time and new feed
  std::set<std::tuple<base::UtcTime, std::string>> troubles_;              // time and what
  std::int64_t late_pictures_ = 0;
};

}  // namespace harness
