// LinkLedger: what each cohort's links did, against what was configured: round trips and connections as the kernel saw them, packets
// as the links counted them, and the goodput while something was on its way. Pure.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "base/histogram.h"
#include "harness/player/events.h"
#include "harness/run/stage.h"
#include "harness/scenario/scenario.h"
#include "netem/model/rate_schedule.h"
#include "reports/record/rows.h"

namespace harness {

// The time during which at least one of a viewer's answers was arriving, and what arrived in it.
class LoadingTime {
 public:
  struct Span {
    base::Instant from{}, to{};
  };
  // An answer whose bytes came between the two. Ends never go back.
  void add(Span span, base::ByteCount bytes);
  // Takes the spans that no later answer can touch, or all of them.
  std::vector<Span> take_settled(base::Instant now);
  std::vector<Span> take_all() { return std::exchange(spans_, {}); }
  base::ByteCount bytes() const { return bytes_; }

 private:
  std::vector<Span> spans_;  // apart, in order
  base::ByteCount bytes_{};
};

class LinkLedger {
 public:
  explicit LinkLedger(const Scenario& scenario);

  void open(const LinkUse& use, base::Instant at);
  // A link that counts as a session and is not followed.
  void pass_over(const LinkUse& use) { ++accounts_[use.cohort].sessions; }
  void note(base::ViewerId viewer, base::Instant at, const RequestDone& request);
  // Requires: opened before.
  void close(base::ViewerId viewer, const LinkFacts& facts);
  // What the configured downlinks that are open would have carried in this span, each from its opening on. Nothing unless all cohorts
  // share one network whose downlink has a rate: the mean over links of several networks says nothing of any of them.
  struct Offered {
    base::ByteCount bytes{};
    base::Duration time{};  // summed over the links
    void add(const Offered& other) { bytes += other.bytes, time += other.time; }
    std::optional<double> mean() const;  // bit/s
  };
  Offered offered(base::Instant from, base::Instant to) const;
  // What the other has counted of links that are closed.
  void merge(const LinkLedger& other);
  // `backend`: "tun", "kernel", "none", "model".
  std::vector<reports::LinkRow> rows(const std::string& backend) const;

 private:
  struct OpenLink {
    std::size_t cohort = 0;
    base::Instant since{};
    netem::RateSchedule rate;
    LoadingTime loading;
  };
  struct Account {
    std::uint32_t sessions = 0;
    netem::LinkReading packets{};
    base::Histogram handshake{}, rtt{};  // milliseconds
    base::ByteCount bytes{};
    double loading = 0;   // seconds
    double capacity = 0;  // bits; of rated links
    void add(const Account& other);
  };
  void count(OpenLink& link, const std::vector<LoadingTime::Span>& spans);
  const Scenario& scenario_;
  const bool has_one_rate_;  // all cohorts share one network whose downlink has a rate
  std::unordered_map<base::ViewerId, OpenLink> open_;
  std::vector<netem::RateSchedule> rates_;  // by cohort, unused
  std::vector<Account> accounts_;           // by cohort
};

}  // namespace harness
