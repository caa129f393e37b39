// The sections "links" and "regions".
#include <charconv>

#include "harness/scenario/fields.h"
#include "harness/scenario/read_network.h"
#include "harness/scenario/sections.h"

namespace harness {
namespace {

using base::JsonObject;

// A block of addresses, host byte order.
struct Block {
  std::uint32_t address;
  int length;
};
constexpr std::uint32_t mask_of(int length) { return ~std::uint32_t{0} << (32 - length); }
constexpr bool overlap(const Block& a, const Block& b) {
  const std::uint32_t common = mask_of(std::min(a.length, b.length));
  return (a.address & common) == (b.address & common);
}

struct TakenBlock {
  Block block;
  const char* why;
};
constexpr TakenBlock kTaken[] = {
    {{0x00000000, 8}, "0.0.0.0/8, which names no hosts"},
    {{0x7F000000, 8}, "127.0.0.0/8, the loopback addresses"},
    {{0xC6120000, 15}, "198.18.0.0/15, which is already in use: the servers' side of the links has it"},
    {{0xE0000000, 3}, "224.0.0.0/3, which is for multicast and reserved"},
};

constexpr int kShortestPrefix = 8, kLongestPrefix = 16;  // prefix lengths
constexpr std::uint64_t kViewersPerSixteen = 65'534;     // of each /16 (netem/links)
constexpr std::size_t kLongestAlgorithm = 15;            // TCP_CA_NAME_MAX with its terminator is 16 (net/tcp.h)

bool take_number(std::string_view& text, std::uint32_t most, std::uint32_t& value) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || value > most) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// "10.64.0.0/10".
std::optional<Block> parse_block(std::string_view text) {
  std::uint32_t address = 0, part = 0;
  for (int i = 0; i < 4; ++i) {
    if (!take_number(text, 255, part) || !text.starts_with(i < 3 ? '.' : '/')) return std::nullopt;
    text.remove_prefix(1);
    address = address << 8 | part;
  }
  if (!take_number(text, 32, part) || !text.empty()) return std::nullopt;
  return Block{address, static_cast<int>(part)};
}

std::optional<std::string> block_problem(const Block& block) {
  if (block.length < kShortestPrefix || block.length > kLongestPrefix)
    return fmt::format("has prefix length {}; write one from {} to {}", block.length, kShortestPrefix, kLongestPrefix);
  if ((block.address & ~mask_of(block.length)) != 0) return fmt::format("has bits set behind its prefix of {}; clear them", block.length);
  for (const TakenBlock& taken : kTaken)
    if (overlap(block, taken.block)) return fmt::format("overlaps {}; choose another block, such as 10.64.0.0/10", taken.why);
  return std::nullopt;
}

void read_addresses(JsonObject& json, std::uint32_t sessions, Links& links) {
  const auto text = json.optional<std::string>("addresses");
  if (!text) return;
  const auto block = parse_block(*text);
  if (!block)
    return json.problem("addresses", fmt::format("\"{}\" is not a block of IPv4 addresses; write it like \"10.64.0.0/10\"", *text));
  if (const auto problem = block_problem(*block)) return json.problem("addresses", fmt::format("\"{}\" {}", *text, *problem));
  const std::uint64_t room = kViewersPerSixteen << (kLongestPrefix - block->length);
  if (sessions > room)
    return json.problem(
        "addresses", fmt::format("\"{}\" has room for {} viewers, and the audience has {}; use a shorter prefix", *text, room, sessions));
  links.address = block->address;
  links.prefix_length = block->length;
}

bool is_algorithm(std::string_view word) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !word.empty() && word.size() <= kLongestAlgorithm && std::all_of(word.begin(), word.end(), fits);
}

void read_congestion_control(JsonObject& json, Links& links) {
  const auto word = json.optional<std::string>("congestion_control");
  if (!word) return;
  if (is_algorithm(*word))
    links.congestion_control = *word;
  else
    json.problem("congestion_control",
                 fmt::format("\"{}\" is not a name of a congestion control; write one such as \"cubic\" or \"bbr\"", word->substr(0, 64)));
}

void read_bottleneck(JsonObject& region, std::string_view name, netem::ImpairmentSpec& spec) {
  const base::Json* field = region.take(name);
  if (field == nullptr) return;
  if (field->is_string()) {
    if (const auto rate = rate_field(region, name)) spec.rate = *rate;
    return;
  }
  JsonObject json = *region.object(name);
  if (!json.has("rate")) report_missing(json, "rate", "\"200mbit\"");
  if (const auto rate = rate_field(json, "rate")) spec.rate = *rate;
  spec.queue = queue_field(json, "queue").value_or(spec.queue);
  json.finish();
  for (const auto& [fault, message] : netem::faults_of(spec)) json.problem(fault, message);
}

netem::LinkSpec read_region(JsonObject& region) {
  netem::LinkSpec link;
  if (!region.has("down") && !region.has("up"))
    region.problem("", "has neither \"down\" nor \"up\"; give one, such as \"down\": \"200mbit\", or remove the region");
  read_bottleneck(region, "down", link.down);
  read_bottleneck(region, "up", link.up);
  region.finish();
  return link;
}

}  // namespace

Links read_links(JsonObject& root, std::uint32_t sessions) {
  Links links;
  auto json = root.object("links");
  if (!json) return links;
  links.backend = word_field(*json, "backend", "link backend", kLinkChoiceNames).value_or(links.backend);
  read_addresses(*json, sessions, links);
  read_congestion_control(*json, links);
  json->finish();
  return links;
}

std::map<std::string, netem::LinkSpec> read_regions(JsonObject& root, const std::vector<Cohort>& cohorts) {
  std::map<std::string, netem::LinkSpec> regions;
  auto json = root.object("regions");
  if (!json) return regions;
  const std::vector<std::string> used = values_of(cohorts, "region");
  auto given = json->entries();
  check_count(root, "regions", given.size());
  given.erase(given.begin() + static_cast<std::ptrdiff_t>(std::min(given.size(), kMostEntries)), given.end());
  for (auto& [name, region] : given) {
    regions[name] = read_region(region);
    if (!used.empty() && std::find(used.begin(), used.end(), name) == used.end())
      region.problem("", fmt::format("is not the region of any cohort; the cohorts have {}", joined(used)));
  }
  return regions;
}

}  // namespace harness
