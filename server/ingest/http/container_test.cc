#include "server/ingest/http/container.h"

#include <gtest/gtest.h>

namespace server::http {
namespace {

using namespace std::string_view_literals;

std::string text_of(const NamedContainer& named) {
  if (const auto* container = std::get_if<Container>(&named)) return *container == Container::kFlv ? "FLV" : "MPEG-TS";
  if (const auto* other = std::get_if<OtherContainer>(&named)) return other->name;
  return "?";
}

TEST(Container, IsNamedByTheContentType) {
  const std::pair<const char*, const char*> rows[] = {
      {"video/mp2t", "MPEG-TS"},
      {"VIDEO/MP2T ; charset=binary", "MPEG-TS"},
      {"video/x-flv", "FLV"},
      {"", "?"},
      {"application/octet-stream", "?"},
      {"application/x-www-form-urlencoded", "?"},  // curl --data-binary
      {"video/mp4", "video/mp4"},
      {"multipart/form-data; boundary=x", "multipart/form-data"},  // curl -F
      {";", "?"},
  };
  for (const auto& [type, expected] : rows) EXPECT_EQ(text_of(container_named(type)), expected) << type;
  EXPECT_EQ(text_of(container_named(std::string(9000, 'x'))).size(), 64U);
}

TEST(Container, IsToldByTheFirstBytes) {
  const std::pair<std::string_view, const char*> rows[] = {
      {"", "?"},
      {"G", "MPEG-TS"},
      {"G\x40\x11\x10"sv, "MPEG-TS"},
      {"F", "?"},
      {"FL", "?"},
      {"FLV\1", "FLV"},
      {"FLAC", "something that begins with the bytes 46 4C 41 43"},
      {"\0\0\0\x20"
       "ftypisom"sv,
       "MP4"},
      {"\x1A\x45\xDF\xA3\x01", "Matroska or WebM"},
      {"OggS", "Ogg"},
      {"<html><body>", "something that begins with the bytes 3C 68 74 6D 6C 3E 3C 62"},
      {"\0"sv, "something that begins with the bytes 00"},
  };
  for (const auto& [head, expected] : rows) EXPECT_EQ(text_of(container_beginning_with(head)), expected) << head;
}

TEST(Container, IsConfirmedByTheFirstBytes) {
  const std::string packet = 'G' + std::string(187, 'x');
  const std::tuple<Container, std::string, const char*> rows[] = {
      {Container::kMpegTs, "", "?"},
      {Container::kMpegTs, "G", "MPEG-TS"},
      {Container::kMpegTs, "xyz", "?"},
      {Container::kMpegTs, "time" + packet + "timeG", "MPEG-TS"},
      {Container::kMpegTs, std::string(500, 'x') + packet + "G", "MPEG-TS"},
      {Container::kMpegTs, "FL", "?"},
      {Container::kMpegTs, std::string("\0\0\0\x20", 4) + "ftyp", "MP4"},
      {Container::kMpegTs, "OggS", "Ogg"},
      {Container::kMpegTs, "FLV", "FLV, not MPEG-TS"},
      {Container::kFlv, "FL", "?"},
      {Container::kFlv, "FLV", "FLV"},
      {Container::kFlv, "hello", "something that begins with the bytes 68 65 6C 6C 6F"},
      {Container::kFlv, "G", "MPEG-TS, not FLV"},
  };
  for (const auto& [named, head, expected] : rows) EXPECT_EQ(text_of(container_confirmed(named, head)), expected) << head;
}

}  // namespace
}  // namespace server::http
