// RecordedBuffer: how much media a real player had ahead of its playhead at any time, from the samples that its recording keeps every
// half second. Between two samples the playhead is taken to move evenly and the buffer's end to stay where the earlier sample saw it,
// or the later one where something was appended in between before the time asked for.
#pragma once

#include <vector>

#include "base/json_reader.h"
#include "harness/replay/session_record.h"

namespace harness {

class RecordedBuffer {
 public:
  // Reads "buffer" and "appends" of a recording; both may be missing. Problems go to its list.
  explicit RecordedBuffer(base::JsonObject& recording);
  std::optional<BufferLevels> at(base::Duration time) const;
  void fill(std::vector<RequestRecord>& requests) const;

 private:
  struct Sample {
    base::Duration time{}, video{}, audio{}, playhead{};
  };
  struct Append {
    base::Duration done;
    bool video;
  };
  void read_samples(base::JsonObject& recording);
  void read_appends(base::JsonObject& recording);
  bool appended(bool video, base::Duration from, base::Duration to) const;
  static base::Duration playhead_at(const Sample& before, const Sample& after, base::Duration time);
  base::Duration level(bool video, const Sample& before, const Sample& after, base::Duration time) const;

  std::vector<Sample> samples_;
  std::vector<Append> appends_;
};

}  // namespace harness
