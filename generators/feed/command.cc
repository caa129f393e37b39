#include "generators/feed/command.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/text.h"

namespace generators {
namespace {

// Those without a figure.
constexpr std::array<std::pair<std::string_view, FeedCommand>, 12> kPlainCommands{{{"start", FeedStart{}},
                                                                                   {"stop", FeedStop{}},
                                                                                   {"kill", FeedKill{}},
                                                                                   {"restart", FeedRestart{}},
                                                                                   {"stall", FeedStall{true}},
                                                                                   {"resume", FeedStall{false}},
                                                                                   {"freeze", FeedFreeze{true}},
                                                                                   {"unfreeze", FeedFreeze{false}},
                                                                                   {"black", FeedBlack{true}},
                                                                                   {"unblack", FeedBlack{false}},
                                                                                   {"silence", FeedSilence{true}},
                                                                                   {"sound", FeedSilence{false}}}};

std::optional<double> figure_in(std::string_view text) {
  const std::string copy{text};
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  return !copy.empty() && end == copy.c_str() + copy.size() ? std::optional{value} : std::nullopt;
}

base::Result<FeedCommand> parse_jump(std::string_view text) {
  const bool is_back = text.starts_with('-');
  const auto by = base::parse_duration(is_back ? text.substr(1) : text);
  if (!by.has_value()) return base::error("jump: " + by.error().message);
  return FeedCommand{FeedJump{is_back ? -*by : *by}};
}

base::Result<FeedCommand> parse_figured(std::string_view name, std::string_view text) {
  if (name == "jump") return parse_jump(text);
  const std::optional<double> figure = figure_in(text);
  if (!figure) return base::error(fmt::format("{} \"{}\": must be a number", name, text));
  const FeedCommand command = name == "bitrate" ? FeedCommand{FeedBitrate{*figure}} : FeedCommand{FeedLoss{*figure}};
  if (const auto fits = check(command); !fits.has_value()) return fits.error();
  return command;
}

}  // namespace

base::Result<void> check(const FeedCommand& command) {
  if (const auto* bitrate = std::get_if<FeedBitrate>(&command); bitrate && !(bitrate->factor > 0 && bitrate->factor <= 1))
    return base::error(fmt::format("bitrate {}: must be above 0 and at most 1", bitrate->factor));
  if (const auto* loss = std::get_if<FeedLoss>(&command); loss && !(loss->share >= 0 && loss->share <= 1))
    return base::error(fmt::format("loss {}: must be 0 to 1", loss->share));
  return {};
}

base::Result<FeedCommand> parse_feed_command(std::string_view text) {
  for (const auto& [name, command] : kPlainCommands)
    if (text == name) return command;
  for (const std::string_view name : {"bitrate", "jump", "loss"})
    if (text.starts_with(name) && text.substr(name.size()).starts_with(' ')) return parse_figured(name, text.substr(name.size() + 1));
  return base::error(fmt::format(
      "\"{}\" is no command; known: start, stop, kill, restart, stall, resume, bitrate FACTOR, freeze, unfreeze, black, unblack, "
      "silence, sound, jump DURATION, loss SHARE",
      text));
}

std::string to_text(const FeedCommand& command) {
  for (const auto& [name, plain] : kPlainCommands)
    if (plain == command) return std::string{name};
  if (const auto* bitrate = std::get_if<FeedBitrate>(&command)) return fmt::format("bitrate {}", bitrate->factor);
  if (const auto* loss = std::get_if<FeedLoss>(&command)) return fmt::format("loss {}", loss->share);
  const base::Duration by = std::get<FeedJump>(command).by;
  return fmt::format("jump {}{}", by < base::Duration::zero() ? "-" : "", base::to_text(std::chrono::abs(by)));
}

}  // namespace generators
