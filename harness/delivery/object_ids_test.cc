#include "harness/delivery/object_ids.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

TEST(ObjectIds, TellObjectsApartByTheirPathAlone) {
  EXPECT_EQ(path_of_url("http://model/live/main/audio/1.m4s?CMCD=br%3D1"), "/live/main/audio/1.m4s");
  EXPECT_EQ(path_of_url("http://model/a#b"), "/a");
  EXPECT_EQ(path_of_url("http://model"), "/");
  EXPECT_EQ(path_of_url("http://model?x=/y"), "/y");
}

TEST(ObjectIds, NumberObjectsInTheOrderOfTheirFirstRequest) {
  ObjectIds ids;
  EXPECT_EQ(index_of(ids.id_of("/a.m4s")), 0u);
  EXPECT_EQ(index_of(ids.id_of("/b.mpd")), 1u);
  EXPECT_EQ(index_of(ids.id_of("/a.m4s")), 0u);
  EXPECT_EQ(ids.kind_of(ids.id_of("/b.mpd")), ObjectKind::kPlaylist);
}

TEST(ObjectIds, KnowKindsByTheReferenceServersNames) {
  EXPECT_EQ(kind_of_path("/live/main/master.m3u8"), ObjectKind::kMaster);
  EXPECT_EQ(kind_of_path("/live/main/audio/playlist.m3u8"), ObjectKind::kPlaylist);
  EXPECT_EQ(kind_of_path("/live/main/manifest.mpd"), ObjectKind::kPlaylist);
  EXPECT_EQ(kind_of_path("/live/main/audio/init.mp4"), ObjectKind::kInit);
  EXPECT_EQ(kind_of_path("/live/main/audio/12.m4s"), ObjectKind::kSegment);
  EXPECT_EQ(kind_of_path("/v1/tokens"), ObjectKind::kToken);
  EXPECT_EQ(kind_of_path("/watch/main"), ObjectKind::kPage);
}

TEST(ObjectIds, APlaylistThatIsHeldForASegmentIsAnotherObject) {
  ObjectIds ids;
  const ObjectId plain = ids.id_of_url("http://model/live/main/audio/playlist.m3u8");
  EXPECT_EQ(ids.id_of_url("http://model/live/main/audio/playlist.m3u8?CMCD=br%3D1"), plain);
  const ObjectId held = ids.id_of_url("http://model/live/main/audio/playlist.m3u8?_HLS_msn=7");
  EXPECT_NE(held, plain);
  EXPECT_EQ(ids.id_of_url("http://model/live/main/audio/playlist.m3u8?CMCD=br%3D1&_HLS_msn=7"), held);
  EXPECT_NE(ids.id_of_url("http://model/live/main/audio/playlist.m3u8?_HLS_msn=8"), held);
  EXPECT_EQ(ids.kind_of(held), ObjectKind::kPlaylist);
}

}  // namespace
}  // namespace harness
