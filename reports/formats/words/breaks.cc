#include "reports/formats/words/breaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/formats/words/figures.h"

namespace reports {
namespace {

std::string group_of(const DeliveryRow& server) {
  if (server.role == "edge") return "edges of " + server.region;
  if (server.role == "bottleneck") return "link of " + server.server;
  return server.role == "shield" ? "shields" : server.role;
}

// Seconds before a limit that tell what viewers take: a few segments of any duration. Of fewer than ten nothing is told: everyone
// has just come.
constexpr std::size_t kWindow = 30, kLeastWindow = 10;

// As the nearest second's sample says.
std::optional<std::uint32_t> active_at(const std::vector<SeriesRow>& series, double at) {
  const auto nearest = std::min_element(series.begin(), series.end(),
                                        [at](const SeriesRow& a, const SeriesRow& b) { return std::abs(a.at - at) < std::abs(b.at - at); });
  return nearest == series.end() ? std::nullopt : std::optional{nearest->active};
}

// What a viewer of the server took on average in the seconds before; its viewers grew as the whole audience did.
std::optional<double> taken_by_each(const Break& each, const std::vector<double>& asked, const std::vector<SeriesRow>& series) {
  const auto end = std::min(static_cast<std::size_t>(std::max(each.at, 0.0)), asked.size());
  if (end < kLeastWindow) return std::nullopt;
  double taken = 0, viewer_seconds = 0;
  for (std::size_t second = end - std::min(end, kWindow); second < end; ++second) {
    const auto from = static_cast<double>(second);
    const double active = (active_at(series, from).value_or(0) + active_at(series, from + 1).value_or(0)) / 2.0;
    taken += asked[second];
    viewer_seconds += *each.viewers * active / *each.active;
  }
  return viewer_seconds > 0 ? std::optional{taken / viewer_seconds} : std::nullopt;
}

Break first_of(const DeliveryRow& server, bool has_viewers, const std::vector<SeriesRow>& series) {
  Break out{.server = server.server,
            .group = group_of(server),
            .limit = server.first_limit,
            .at = *server.first_limit_at,
            .last_at = *server.first_limit_at,
            .active = active_at(series, *server.first_limit_at),
            .longest_wait = server.longest_wait};
  if (has_viewers) out.viewers = server.first_limit_connections, out.most_viewers = server.peak_connections;
  if (server.first_limit == "egress" || server.first_limit == "link") out.capacity = server.egress_limit, out.peak = server.peak_egress;
  if (server.first_limit == "requests") out.capacity = server.requests_limit, out.peak = server.peak_requests;
  if (server.first_limit == "connections") out.capacity = server.connections_limit;
  if (server.first_limit == "transcode") out.capacity = server.renditions_limit, out.needed = server.renditions;
  if (out.peak && out.viewers.value_or(0) > 0 && out.active.value_or(0) > 0) {
    const bool bits = server.first_limit == "egress";
    const auto each = taken_by_each(out, bits ? server.egress_each_second : server.requests_each_second, series);
    if (each) out.needed = *each * *out.most_viewers;
  }
  return out;
}

std::string amount(const Break& each, std::optional<double> value) {
  if (each.limit == "egress") return figure(value, "bps") + " of egress";
  if (each.limit == "link") return figure(value, "bps");
  if (each.limit == "requests") return figure(value, "count") + " requests/s";
  if (each.limit == "connections") return figure(value, "count") + " connections";
  if (each.limit == "processor") return "processor time for new connections";
  return figure(value, "count") + " renditions in real time";
}

std::string when_and_who(const Break& each) {
  std::string text = fmt::format("at {}", instant(each.at));
  if (each.in_warmup) return text + " of the warm-up";
  if (each.active) text += fmt::format(" with {} active", counted(*each.active, "session"));
  if (each.viewers) text += fmt::format(", {} of them on it", figure(each.viewers, "count"));
  return text;
}

std::string what_it_needs(const Break& each) {
  if (each.limit == "transcode") return fmt::format(" It encodes {}.", figure(each.needed, "count"));
  if (each.limit == "processor") return fmt::format(" Answers waited up to {}.", figure(each.longest_wait, "s"));
  if (each.limit == "connections") return " Who came later got no connection.";
  if (each.limit == "link")
    return fmt::format(" Its queue was full: packets waited up to {}, and more were lost. In its busiest second {} came.",
                       figure(each.longest_wait, "s"), amount(each, each.peak));
  std::string text = fmt::format(" Its busiest second asked for {}, and answers waited up to {}.", amount(each, each.peak),
                                 figure(each.longest_wait, "s"));
  if (!each.needed) return text;
  return text + fmt::format(" The {} viewers that it has at most take {} on average, as those before took: {}.",
                            figure(each.most_viewers, "count"), amount(each, each.needed),
                            each.needed < each.capacity ? "less than it has, so that only bursts wait" : "more than it has");
}

// Probe players were there, and no audience.
bool ended_in_warmup(const StoredRun& run) {
  const auto began = [&](const char* phase) {
    return std::any_of(run.timeline.begin(), run.timeline.end(),
                       [&](const TimelineRow& row) { return row.kind == "phase" && row.name == phase && row.what == "began"; });
  };
  return began("warmup") && !began("live");
}

}  // namespace

std::vector<Break> breaks(const StoredRun& run) {
  const bool has_edges =
      std::any_of(run.delivery.begin(), run.delivery.end(), [](const DeliveryRow& server) { return server.role == "edge"; });
  std::vector<Break> out;
  for (const DeliveryRow& server : run.delivery) {
    if (!server.first_limit_at) continue;
    const std::string group = group_of(server);
    const auto found = std::find_if(out.begin(), out.end(), [&](const Break& each) { return each.group == group; });
    const Break own = first_of(server, server.role == "edge" || !has_edges, run.series);
    if (found == out.end()) {
      out.push_back(own);
      continue;
    }
    const std::size_t met = found->met + 1;
    const double last_at = std::max(found->last_at, own.at);
    if (own.at < found->at) *found = own;
    found->met = met, found->last_at = last_at;
  }
  const bool in_warmup = ended_in_warmup(run);
  for (Break& each : out) {
    each.in_warmup = in_warmup;
    each.servers = static_cast<std::size_t>(
        std::count_if(run.delivery.begin(), run.delivery.end(), [&](const DeliveryRow& server) { return group_of(server) == each.group; }));
  }
  std::stable_sort(out.begin(), out.end(), [](const Break& a, const Break& b) { return a.at < b.at; });
  return out;
}

std::string in_words(const Break& each) {
  std::string text = fmt::format("{} met its limit, {}, {}.", each.server, amount(each, each.capacity), when_and_who(each));
  if (each.servers > 1)
    text += each.met == 1
                ? fmt::format(" None of the other {} met one.", each.group)
                : fmt::format(" {} of the {} {} did, the last at {}.", each.met == each.servers ? "All" : std::to_string(each.met),
                              each.servers, each.group, instant(each.last_at));
  return text + what_it_needs(each);
}

}  // namespace reports
