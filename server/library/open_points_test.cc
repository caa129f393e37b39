#include "server/library/open_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace server {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

const IngestHosts kOpen{.srt = "0.0.0.0", .rtmp = "192.0.2.1", .http = "::"};

TEST(OpenPoints, AreThoseThatAskForNoKey) {
  const StreamSpec spec{.name = "main", .source = {.kind = SourceKind::kRtmp}, .backup = SourceSpec{.kind = SourceKind::kHttp}};
  EXPECT_THAT(open_points(spec, kOpen), ElementsAre("main takes RTMP on 192.0.2.1 without publish_key: anyone who reaches it may publish",
                                                    StartsWith("main/backup takes HTTP on :: ")));
  EXPECT_THAT(open_points({.name = "main"}, kOpen), ElementsAre(StartsWith("main takes SRT on 0.0.0.0 ")));
}

TEST(OpenPoints, AreNoneBehindAKeyOrAPassphrase) {
  EXPECT_THAT(open_points({.name = "main", .source = {.publish_key = "k"}}, kOpen), ElementsAre());
  EXPECT_THAT(open_points({.name = "main", .source = {.passphrase = "ten letters"}}, kOpen), ElementsAre());
}

TEST(OpenPoints, AreNoneWhereOnlyThisMachineReachesThem) {
  const IngestHosts local{.srt = "127.0.0.1", .rtmp = "::1", .http = ""};
  EXPECT_THAT(open_points({.name = "main"}, local), ElementsAre());
  EXPECT_THAT(open_points({.name = "main", .source = {.kind = SourceKind::kRtmp}}, local), ElementsAre());
  EXPECT_THAT(open_points({.name = "main", .source = {.kind = SourceKind::kFile, .file = "a.mp4"}}, kOpen), ElementsAre());
}

}  // namespace
}  // namespace server
