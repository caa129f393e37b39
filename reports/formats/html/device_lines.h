// What the sessions of each device did over time, and the links that they all share: the lines of the plots by device. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/store/run_store.h"

namespace reports::html {

using Values = std::vector<std::optional<double>>;  // over time

// A value at each point of thinned(series, at_most): means, weighed by the sessions that they are of.
struct DeviceLine {
  std::string device;
  std::uint64_t session_seconds = 0;  // over the whole run
  Values bitrate, buffer;             // bit/s, seconds
};
// In the order in which the store has them; a device by which nobody played has none.
std::vector<DeviceLine> device_lines(const StoredRun& run, std::size_t at_most);

// The most lines that one plot can hold, those of the devices with the most session time, in the same order; and the other devices.
struct DrawnLines {
  std::vector<DeviceLine> lines;
  std::vector<std::string> left_out;
};
DrawnLines drawn(std::vector<DeviceLine> lines);

// Lowest and highest value; nothing when there is none.
struct Extent {
  double low = 0, high = 0;
};
std::optional<Extent> extent_of(const Values& values);

Values downlinks_of(const std::vector<SeriesRow>& series);
// Whether the downlink stands in one plot with these bitrates: far above them it would press them flat.
bool fits_beside(const Extent& downlink, const std::vector<DeviceLine>& lines);

}  // namespace reports::html
