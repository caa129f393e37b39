#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "reports/formats/html/parts.h"
#include "reports/formats/html/sections.h"
#include "reports/formats/words/escape.h"
#include "reports/formats/words/figures.h"
#include "reports/formats/words/links.h"

namespace reports::html {
namespace {

constexpr std::string_view kHowMeasured =
    "Set is what the scenario asks of each link, measured is what this run saw. Round trips are the kernel's own figures of TCP "
    "connections: the handshake of each viewer's first connection finds the link idle and is the one to compare with what was set; the "
    "smoothed one also holds the time that packets waited in queues. Both are medians. Loss is the share of the packets that the link was "
    "told to lose and lost; those that found its queue full are counted apart, because the senders filled it.";
constexpr std::string_view kHowGoodput =
    "Goodput is the HTTP bodies that arrived, over the seconds in which a viewer was loading at least one; the link's rate is what its "
    "downlink would have carried in the same seconds. TCP's payload is at most 96.5 % of that (1,448 of 1,500 bytes). Goodput "
    "below it is normal when objects are small: round trips, the slow start of connections and headers take their part.";

// What made the links, as a sentence.
std::string sentence_of(const std::string& backend) {
  if (backend == "tun") return "A user-space router made the links: every packet crossed it, and it counted them.";
  if (backend == "kernel") return "The kernel's netem made the links and counted their packets.";
  if (backend == "none") return "Nothing was impaired: the viewers had the bare network, and what was set only labels them.";
  if (backend == "model")
    return "The links were models of rate and delay in virtual time: no packet crossed a network, so there are no round trips and losses "
           "to measure.";
  return fmt::format("The links were made by: {}.", backend);
}

std::string backends(const std::vector<LinkRow>& links) {
  std::set<std::string> names;
  for (const LinkRow& link : links) names.insert(link.backend);
  std::string html;
  for (const std::string& name : names) html += paragraph(sentence_of(name));
  return html;
}

std::string head_of(const LinkRow& link) {
  return fmt::format("{}<small>{}, {}</small><small>down {}</small><small>up {}</small>", markup(link.cohort), markup(link.network),
                     markup(counted(link.sessions, "viewer")), markup(link.down), markup(link.up));
}

std::string rate_of(const LinkRow& link) { return link_rate(link) ? figure(link_rate(link), "bps") : "unlimited"; }

// Where no packet crossed a network.
std::vector<std::string> mostly_set(const LinkRow& link) {
  return {milliseconds(link.configured_rtt_ms), figure(link.configured_loss_down, "ratio"), figure(link.configured_loss_up, "ratio"),
          rate_of(link), figure(link.goodput, "bps")};
}

// Packets that found a queue full, both ways.
std::string overflow(const LinkRow& link) { return !has_packets(link) ? "–" : std::to_string(link.overflowed_down + link.overflowed_up); }

std::vector<std::string> set_and_measured(const LinkRow& link) {
  return {milliseconds(link.configured_rtt_ms),
          milliseconds(link.rtt_handshake_ms),
          milliseconds(link.rtt_ms),
          figure(link.configured_loss_down, "ratio"),
          figure(measured_loss_down(link), "ratio"),
          figure(link.configured_loss_up, "ratio"),
          figure(measured_loss_up(link), "ratio"),
          overflow(link),
          rate_of(link),
          figure(link.goodput, "bps")};
}

bool crossed_a_network(const LinkRow& link) { return link.rtt_ms || link.rtt_handshake_ms || has_packets(link); }

Table table_of(bool measured) {
  if (!measured)
    return {"The links of each cohort, as set", {"Cohort", "RTT", "Loss down", "Loss up", "Link's rate down", "Goodput"}, "networks"};
  return {"The links of each cohort: set and measured",
          {"Cohort", "RTT set", "RTT handshake", "RTT smoothed", "Loss down set", "measured", "Loss up set", "measured",
           "Dropped, queue full", "Link's rate down", "Goodput"},
          "networks"};
}

}  // namespace

std::string networks_section(const StoredRun& run) {
  if (run.links.empty()) return {};
  const bool measured = std::any_of(run.links.begin(), run.links.end(), crossed_a_network);
  Table table = table_of(measured);
  for (const LinkRow& link : run.links) table.add(head_of(link), measured ? set_and_measured(link) : mostly_set(link));
  std::string html = backends(run.links) + table.html();
  if (measured) html += paragraph(kHowMeasured, "definition");
  return section("networks", "Networks", html + paragraph(kHowGoodput, "definition"));
}

}  // namespace reports::html
