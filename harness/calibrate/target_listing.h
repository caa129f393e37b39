// TargetListing: what there is to ask a server for, found by reading the documents that a player would read: an HLS multivariant or media
// playlist, or a DASH manifest, and what these name. It says what to fetch next and is given what came. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "harness/player/dash_stream.h"
#include "harness/scenario/server_model.h"
#include "media/byte_range.h"

namespace harness {

struct CalibrationObject {
  ObjectKind kind = ObjectKind::kPage;
  std::string url;
  std::optional<media::ByteRange> range{};
};

class TargetListing {
 public:
  explicit TargetListing(std::string url) { wanted_.push_back({ObjectKind::kMaster, std::move(url), {}}); }

  // The next document to fetch; nothing: everything is known.
  std::optional<CalibrationObject> next() const;
  // What it was. `url`: where it was found in the end; `partial`: the bytes are the range that was asked for; `now`: by which live segments
  // exist. Errors are sentences without the URL.
  base::Result<void> take(std::string_view body, const std::string& url, bool partial, base::UtcTime now);

  // The renditions of the highest bitrate first, and of each the newest segments first.
  const std::vector<CalibrationObject>& objects() const { return objects_; }

 private:
  base::Result<void> take_hls(std::string_view body, const CalibrationObject& asked, const std::string& url);
  base::Result<void> take_dash(std::string_view body, const std::string& url);
  base::Result<void> take_index(std::string_view body, bool partial);
  void want_index();
  void list_dash(base::UtcTime now);
  void list(const Track& track, base::Duration clock, const std::function<std::string(const Address&, const Segment&)>& url_of);

  std::vector<CalibrationObject> wanted_, objects_;
  std::size_t taken_ = 0;  // of wanted_
  std::optional<DashStream> dash_;
  Track* indexed_ = nullptr;  // whose index is wanted
};

}  // namespace harness
