// RegionBottlenecks: the bottlenecks of a scenario's regions in virtual time, which the viewers of all halls share, turn by turn; and what
// they carried, for the report.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/delivery/server_meter.h"
#include "harness/transport/bottleneck.h"
#include "reports/record/rows.h"

namespace harness {

class RegionBottlenecks {
 public:
  static constexpr double kBusy = 0.95;  // of what it can carry in a second, where it was full in that

  explicit RegionBottlenecks(const std::map<std::string, netem::LinkSpec>& bottlenecks);

  std::size_t count() const { return regions_.size(); }
  // Nothing: the region has none.
  std::optional<std::size_t> index_of(const std::string& region) const;

  // A turn: what came through each since the last one, over all halls. Returns: whether any of them does another thing to packets now.
  bool pass(base::Instant now, const std::vector<BottleneckShare>& sums);
  const Toll& down(std::size_t index) const { return regions_[index].down.toll; }
  const Toll& up(std::size_t index) const { return regions_[index].up.toll; }

  // The figures count from here.
  void measure_from(base::Instant now);
  // A row for each direction that has a rate.
  std::vector<reports::DeliveryRow> rows() const;

 private:
  struct Way {
    explicit Way(const netem::ImpairmentSpec& spec);
    bool pass(base::Instant now, base::Duration took, double bytes);
    void look_for_limit(base::Instant now, base::Duration took, double bytes);
    reports::DeliveryRow row(const std::string& region, const char* direction) const;
    std::optional<base::Bitrate> rate;
    Bottleneck queue;
    Toll toll{};
    ServerMeter meter{};
    double lost = 0;                 // packets, not yet a whole one
    base::Duration looked_at_for{};  // of the second that runs
    double carried = 0;              // bytes in it
    bool was_full = false;           // in it
  };
  struct Region {
    std::string name;
    Way down, up;
  };
  std::vector<Region> regions_;
  base::Instant last_turn_;
};

}  // namespace harness
