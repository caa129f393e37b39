#include "reports/formats/words/breaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/formats/words/figures.h"

namespace reports {
namespace {

std::string group_of(const DeliveryRow& server) {
  if (server.role == "edge") return "edges of " + server.region;
  return server.role == "shield" ? "shields" : server.role;
}

// As the nearest second's sample says.
std::optional<std::uint32_t> active_at(const std::vector<SeriesRow>& series, double at) {
  const auto nearest = std::min_element(series.begin(), series.end(),
                                        [at](const SeriesRow& a, const SeriesRow& b) { return std::abs(a.at - at) < std::abs(b.at - at); });
  return nearest == series.end() ? std::nullopt : std::optional{nearest->active};
}

// As much for each viewer as when it was full, and no less than it was asked for.
std::optional<double> need_of(const Break& each) {
  if (!each.capacity) return each.peak;
  const bool grew = each.viewers && each.most_viewers && *each.viewers > 0;
  const double all = grew ? *each.capacity * *each.most_viewers / *each.viewers : *each.capacity;
  return std::max(all, each.peak.value_or(0));
}

Break first_of(const DeliveryRow& server, bool has_viewers, const std::vector<SeriesRow>& series) {
  Break out{.server = server.server,
            .group = group_of(server),
            .limit = server.first_limit,
            .at = *server.first_limit_at,
            .last_at = *server.first_limit_at,
            .active = active_at(series, *server.first_limit_at)};
  if (has_viewers) out.viewers = server.first_limit_connections, out.most_viewers = server.peak_connections;
  if (server.first_limit == "egress") out.capacity = server.egress_limit, out.peak = server.peak_egress;
  if (server.first_limit == "requests") out.capacity = server.requests_limit, out.peak = server.peak_requests;
  if (server.first_limit == "connections") out.capacity = server.connections_limit;
  if (server.first_limit == "transcode") out.capacity = server.renditions_limit, out.peak = out.needed = server.renditions;
  if (server.first_limit == "egress" || server.first_limit == "requests") out.needed = need_of(out);
  return out;
}

std::string amount(const Break& each, std::optional<double> value) {
  if (each.limit == "egress") return figure(value, "bps") + " of egress";
  if (each.limit == "requests") return figure(value, "count") + " requests/s";
  if (each.limit == "connections") return figure(value, "count") + " connections";
  return figure(value, "count") + " renditions in real time";
}

std::string when_and_who(const Break& each) {
  std::string text = fmt::format("at {}", instant(each.at));
  if (each.active) text += fmt::format(" with {} active", counted(*each.active, "session"));
  if (each.viewers) text += fmt::format(", {} of them on it", figure(each.viewers, "count"));
  return text;
}

std::string what_it_needs(const Break& each) {
  if (each.limit == "transcode") return fmt::format(" It encodes {}.", figure(each.needed, "count"));
  if (each.limit == "connections") return " Who came later got no connection.";
  std::string text = fmt::format(" Its busiest second asked for {}.", amount(each, each.peak));
  if (each.viewers && *each.viewers > 0 && each.needed > each.peak)
    text += fmt::format(" The {} viewers that it has at most would need {}, each taking as much as when it was full.",
                        figure(each.most_viewers, "count"), amount(each, each.needed));
  return text;
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
  for (Break& each : out)
    each.servers = static_cast<std::size_t>(
        std::count_if(run.delivery.begin(), run.delivery.end(), [&](const DeliveryRow& server) { return group_of(server) == each.group; }));
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
