// The documents of a ContentTable: multivariant playlist, media playlists and MPD with the facts of the content, and the names of the
// files they refer to. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/player/events.h"
#include "harness/replay/content_table.h"

namespace harness {

// Numbers in names: rungs from 0, audio is one more than the highest rung; segments from 1.
std::string init_name(std::size_t track);                         // "init-2.mp4"
std::string segment_name(std::size_t track, std::size_t number);  // "seg-2-00017.m4s"
std::string playlist_name(std::size_t track);                     // "media_2.m3u8"

// What a file of these names is.
struct ContentFile {
  RequestKind kind = RequestKind::kManifest;
  std::size_t track = 0;    // not of a manifest
  std::size_t segment = 0;  // from 1; of kVideo and kAudio
};
// `name` without folders. Nothing for names that the content does not have.
std::optional<ContentFile> find_file(const ContentTable& content, std::string_view name);

// Where the part of the stream that is listed begins and ends: segments first+1 … end.
struct ListedSegments {
  std::size_t first = 0, end = 0;
};

std::string write_multivariant(const ContentTable& content);
// Of the whole stream, ended; `track` as in names.
std::string write_vod_playlist(const ContentTable& content, std::size_t track);
// A sliding window. Its files are named from the root, and each segment says its date: `zero` plus its place in the stream.
std::string write_live_playlist(const ContentTable& content, std::size_t track, ListedSegments listed, base::UtcTime zero);
std::string write_manifest(const ContentTable& content);

}  // namespace harness
