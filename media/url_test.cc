#include "media/url.h"

#include <gtest/gtest.h>

namespace media {
namespace {

TEST(ParseUrl, TakesAUrlApart) {
  const auto url = parse_url("HTTPS://CDN.Example:8443/live/a.m3u8?token=x%2Fy#t=3");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "cdn.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/live/a.m3u8");
  EXPECT_EQ(url->query, "token=x%2Fy");
}

TEST(ParseUrl, FillsInTheSchemesPortAndTheRootPath) {
  EXPECT_EQ(parse_url("http://a")->port, 80);
  EXPECT_EQ(parse_url("https://a")->port, 443);
  EXPECT_EQ(parse_url("https://a?q")->path, "/");
  EXPECT_EQ(parse_url("http://a:/x")->port, 80);
}

TEST(ParseUrl, TakesTheBracketsOffAnIpv6Address) {
  const auto url = parse_url("http://[::1]:8080/x");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, 8080);
}

TEST(ParseUrl, RefusesWhatAPlayerCannotFetchAndSaysWhy) {
  struct Row {
    const char* text;
    const char* reason;
  };
  const Row rows[] = {
      {"", "must start with http"},
      {"/live/a.m3u8", "must start with http"},
      {"ftp://a/b", "must start with http"},
      {"http://", "host is missing"},
      {"http:///x", "host is missing"},
      {"http://:80/", "host is missing"},
      {"http://a:0/", "port"},
      {"http://a:65536/", "port"},
      {"http://a:8o/", "port"},
      {"http://[::1/x", "host is missing"},
      {"http://[::1]x/", "port"},
      {"http://me:pw@a/", "user names"},
      {"http://a/b c", "space or a control"},
      {"http://a/b\r\nX: y", "space or a control"},
  };
  for (const Row& row : rows) {
    const auto url = parse_url(row.text);
    ASSERT_FALSE(url.has_value()) << row.text;
    EXPECT_NE(url.error().message.find(row.reason), std::string::npos) << url.error().message;
  }
}

// The examples of RFC 3986, 5.4.
TEST(ResolveUrl, AgreesWithTheExamplesOfRfc3986) {
  struct Row {
    const char* reference;
    const char* target;
  };
  const Row rows[] = {
      {"g:h", "g:h"},
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q#s"},
      {"g#s", "http://a/b/c/g#s"},
      {"g?y#s", "http://a/b/c/g?y#s"},
      {";x", "http://a/b/c/;x"},
      {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {"..g", "http://a/b/c/..g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      {"g#s/../x", "http://a/b/c/g#s/../x"},
  };
  for (const Row& row : rows) EXPECT_EQ(resolve_url("http://a/b/c/d;p?q", row.reference), row.target) << row.reference;
}

TEST(ResolveUrl, PutsAPathUnderABaseWithoutOne) { EXPECT_EQ(resolve_url("http://a", "g/h"), "http://a/g/h"); }

TEST(ResolveUrl, KeepsAnAbsoluteReference) {
  EXPECT_EQ(resolve_url("http://a/b/", "https://cdn.example/x/../y.m4s?k=v"), "https://cdn.example/y.m4s?k=v");
}

TEST(ResolveUrl, DropsTheTokenOfThePlaylistFromItsChildren) {
  EXPECT_EQ(resolve_url("http://a/live/master.m3u8?token=secret", "720p/seg1.m4s"), "http://a/live/720p/seg1.m4s");
}

TEST(ResolveUrl, DoesNotTakeAColonInAPathForAScheme) {
  EXPECT_EQ(resolve_url("http://a/b/", "x/2026-11-24T16:18.m4s"), "http://a/b/x/2026-11-24T16:18.m4s");
}

TEST(PercentDecode, DecodesBothCasesOfHexadecimal) { EXPECT_EQ(percent_decode("a%20b%2f%2F"), "a b//"); }

TEST(PercentDecode, KeepsMalformedEscapes) {
  for (const char* text : {"%", "%2", "%g0", "%0g", "100%"}) EXPECT_EQ(percent_decode(text), text);
}

TEST(Url, AFieldGoesBehindThoseThatAreThere) {
  EXPECT_EQ(with_query_field("http://a/b", "n", "1"), "http://a/b?n=1");
  EXPECT_EQ(with_query_field("http://a/b?token=x", "n", "1"), "http://a/b?token=x&n=1");
}

}  // namespace
}  // namespace media
