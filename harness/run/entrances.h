// Where viewers enter a target on each path (harness/player/entry_path.h), and what of that an app takes. Pure.
#pragma once

#include <optional>
#include <string>

#include "harness/player/entry_path.h"
#include "harness/scenario/scenario.h"

namespace harness {

// The account that the reference server is configured with for the audience of a rehearsal: one for all viewers.
inline constexpr const char* kAudienceUser = "audience";
inline constexpr const char* kAudiencePassword = "rehearsal";
// The origin of the page that embeds the player; nothing is asked of it, so it need not exist.
inline constexpr const char* kPublisher = "https://publisher.example";

// `media` and `control`: "http://HOST:PORT" of the reference server.
Entrance reference_entrance(PathKind path, const std::string& media, const std::string& control, const std::string& stream);
// The target's pages are of its first channel; the others are entered by their manifests.
std::optional<Entrance> external_entrance(PathKind path, const ExternalTarget& target, std::size_t channel = 0);
// The same calls without the pages; absent: none is left.
std::optional<Entrance> for_app(Entrance entrance);

}  // namespace harness
