// Which point an RTMP publisher means and with what key: rtmp://HOST/live/NAME?key=KEY, rtmp://HOST/live/NAME/backup?key=KEY. Encoders cut
// such a URL into the app of `connect` and the name of `publish` in different places, so both are read together. Pure; never throws.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "server/ingest/publish_name.h"

namespace server::rtmp {

// What `connect` says.
struct Application {
  std::string app;     // "live", "live/main", "live?key=KEY"
  std::string tc_url;  // "rtmp://HOST/live?key=KEY"
};

inline constexpr std::size_t kLongestName = 1024;  // bytes of what is sent: app, name

// Whether the app is "live". The errors say what to write instead.
base::Result<void> check_application(const Application& application);
// The key may stand behind the name, the app or the tcUrl; the first that is there counts. Percent escapes are decoded.
// Requires: check_application has passed.
base::Result<PublishName> publish_name(const Application& application, std::string_view name);

}  // namespace server::rtmp
