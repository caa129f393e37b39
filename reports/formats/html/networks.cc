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
    "Set is what the scenario asks of each link, measured is what this run saw. Round trips are the kernel's own figures of each TCP "
    "connection, the median over the connections: the smallest is the one to compare with what was set, the smoothed one also holds the "
    "time that packets waited in queues. Loss is the share of the packets that the link was told to lose and lost; those that found "
    "its queue full are counted apart, because the senders filled it.";
constexpr std::string_view kHowGoodput =
    "Goodput is what arrived of HTTP bodies in a viewer's second in which at least one was on its way; the link's rate is what the "
    "downlink would have carried in the same time. Goodput below it is normal when objects are small: round trips, the slow start of "
    "connections and headers take their part.";

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

std::vector<std::string> set_only(const LinkRow& link) {
  return {milliseconds(link.configured_rtt_ms), figure(link.configured_loss_down, "ratio"), figure(link.configured_loss_up, "ratio"),
          link.configured_rate_down ? figure(link.configured_rate_down, "bps") : "unlimited"};
}

// Packets that found a queue full, both ways.
std::string overflow(const LinkRow& link) { return !has_packets(link) ? "–" : std::to_string(link.overflowed_down + link.overflowed_up); }

std::vector<std::string> set_and_measured(const LinkRow& link) {
  return {milliseconds(link.configured_rtt_ms),
          milliseconds(link.rtt_min_ms),
          milliseconds(link.rtt_ms),
          figure(link.configured_loss_down, "ratio"),
          figure(measured_loss_down(link), "ratio"),
          figure(link.configured_loss_up, "ratio"),
          figure(measured_loss_up(link), "ratio"),
          overflow(link),
          link_rate(link) ? figure(link_rate(link), "bps") : "unlimited",
          figure(link.goodput, "bps")};
}

}  // namespace

std::string networks_section(const StoredRun& run) {
  if (run.links.empty()) return {};
  const bool measured = std::any_of(run.links.begin(), run.links.end(), is_measured);
  Table table = measured ? Table{"The links of each cohort: set and measured",
                                 {"Cohort", "RTT set", "RTT smallest", "RTT smoothed", "Loss down set", "measured", "Loss up set",
                                  "measured", "Dropped, queue full", "Link's rate down", "Goodput"},
                                 "networks"}
                         : Table{"The links of each cohort, as set", {"Cohort", "RTT", "Loss down", "Loss up", "Rate down"}, "networks"};
  for (const LinkRow& link : run.links) table.add(head_of(link), measured ? set_and_measured(link) : set_only(link));
  std::string html = backends(run.links) + table.html();
  const bool on_a_network =
      std::any_of(run.links.begin(), run.links.end(), [](const LinkRow& link) { return link.rtt_ms || has_packets(link); });
  if (on_a_network) html += paragraph(kHowMeasured, "definition");
  if (measured) html += paragraph(kHowGoodput, "definition");
  return section("networks", "Networks", html);
}

}  // namespace reports::html
