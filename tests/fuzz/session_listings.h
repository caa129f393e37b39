// Listings that a fuzzed player may be given: sound ones of every kind, so that it gets as far as playing.
#pragma once

#include <cstdint>
#include <string>

#include "media/sidx.h"

namespace fuzz {

inline std::string hls(const char* head, const char* tail) {
  std::string text = std::string{"#EXTM3U\n#EXT-X-TARGETDURATION:2\n"} + head;
  for (int i = 0; i < 6; ++i) text += "#EXTINF:2,\n" + std::to_string(i) + ".m4s\n";
  return text + tail;
}

inline std::string mpd(const char* attributes, const char* head, const char* addressing) {
  return std::string{"<MPD "} + attributes + ">" + head + "<Period><AdaptationSet mimeType=\"video/mp4\">" + addressing +
         "<Representation id=\"a\" bandwidth=\"300000\" height=\"240\"/><Representation id=\"b\" bandwidth=\"2000000\" height=\"720\"/>"
         "</AdaptationSet><AdaptationSet mimeType=\"audio/mp4\">" +
         addressing + "<Representation id=\"c\" bandwidth=\"64000\"/></AdaptationSet></Period></MPD>";
}

inline std::string listing(std::uint8_t which) {
  constexpr const char* kLive = "type=\"dynamic\" availabilityStartTime=\"2027-01-15T07:59:00Z\" minimumUpdatePeriod=\"PT2S\"";
  constexpr const char* kFilm = "mediaPresentationDuration=\"PT12S\"";
  constexpr const char* kNumbers = "<SegmentTemplate media=\"$Number$\" initialization=\"i\" duration=\"2\"/>";
  switch (which % 12) {
    case 0:
      return "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",URI=\"a.m3u8\"\n"
             "#EXT-X-STREAM-INF:BANDWIDTH=400000,AUDIO=\"a\",RESOLUTION=426x240\n1.m3u8\n"
             "#EXT-X-STREAM-INF:BANDWIDTH=400000,AUDIO=\"a\",RESOLUTION=426x240\n1b.m3u8\n"
             "#EXT-X-STREAM-INF:BANDWIDTH=2000000,AUDIO=\"a\",RESOLUTION=1280x720\n2.m3u8\n";
    case 1:
      return hls("#EXT-X-MAP:URI=\"i.mp4\"\n", "#EXT-X-ENDLIST\n");
    case 2:
      return hls("#EXT-X-MEDIA-SEQUENCE:100\n#EXT-X-PROGRAM-DATE-TIME:2027-01-15T07:59:50Z\n", "");
    case 3:
      return hls("#EXT-X-MEDIA-SEQUENCE:103\n", "#EXT-X-DISCONTINUITY\n#EXT-X-GAP\n#EXTINF:2,\n6.m4s\n");
    case 4:
      return hls("#EXT-X-MEDIA-SEQUENCE:9\n", "");
    case 5:
      return mpd(kFilm, "<BaseURL>x/</BaseURL><BaseURL>y/</BaseURL>", kNumbers);
    case 6:
      return mpd(kFilm, "", "<SegmentBase indexRange=\"0-999\"/>");
    case 7:
      return mpd(kLive, "<UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:http-iso:2014\" value=\"t\"/>", kNumbers);
    case 8:
      return mpd(kLive, "",
                 "<SegmentTemplate media=\"$Time$\"><SegmentTimeline><S t=\"40\" d=\"2\" r=\"9\"/></SegmentTimeline></SegmentTemplate>");
    case 9:
      return media::write_sidx({.timescale = 1, .start = 0, .first_byte = 1000, .entries = {{5000, 2}, {6000, 2}, {7000, 2}}});
    case 10:
      return "2027-01-15T08:00:00Z";
    default:
      return R"({"access_token":"t","refresh_token":"r","expires_in":20})";
  }
}

}  // namespace fuzz
