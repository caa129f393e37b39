#include <fmt/format.h>

#include <algorithm>

#include "reports/formats/html/parts.h"
#include "reports/formats/html/sections.h"
#include "reports/formats/words/breaks.h"
#include "reports/formats/words/escape.h"
#include "reports/formats/words/figures.h"

namespace reports::html {
namespace {

constexpr std::string_view kHowCounted =
    "Servers of a simulation, over the live phase. Hits, waited (for what was being fetched already) and stale answers are shares of the "
    "requests that looked into the cache; a server's fetches are what it asked the next one for. Peaks are what the busiest second asked "
    "for, which may be more than the limit: the rest waits. Of links that a region shares: all packets, those that were refused are lost.";
constexpr std::string_view kHowReckoned =
    "A limit counts as met when more than 100 ms of work waits for it or it refuses any, that of a shared link when its queue is full in a "
    "second of which "
    "it uses 95 %. Below the average that all viewers take the queue grows, and "
    "viewers get "
    "less than they ask for; above what the busiest second asks for hardly anybody waits. The average is reckoned from the half minute "
    "before: "
    "viewers who have just come load faster than they play, so it is rather too high while they arrive. To see what the audience takes "
    "where "
    "nothing holds it back, raise the limit and simulate again.";

std::string share_of(std::uint64_t part, const DeliveryRow& server) {
  const std::uint64_t looked = server.hits + server.misses + server.coalesced + server.stale + server.stale_on_error;
  return looked == 0 ? "–" : figure(static_cast<double>(part) / static_cast<double>(looked), "ratio");
}

// "236", and "of 20000" below it.
std::string peak_of(double peak, const std::optional<double>& limit, std::string_view unit) {
  return markup(figure(peak, unit)) + (limit ? fmt::format("<small>of {}</small>", markup(figure(limit, unit))) : "");
}

std::string bytes_of(std::int64_t bytes) { return fmt::format("{:.3g} GB", static_cast<double>(bytes) / 1e9); }

// With the limit that it met first, which is what one looks for.
std::string head_of(const DeliveryRow& server) {
  const std::string limit = server.first_limit.empty()
                                ? "met no limit"
                                : fmt::format("first limit met: {}, at {}", server.first_limit, instant(server.first_limit_at));
  return fmt::format("{}<small>{}</small>", markup(server.server), markup(limit));
}

// As HTML.
std::vector<std::string> cells_of(const DeliveryRow& server) {
  if (server.role == "bottleneck")
    return {"–",
            "–",
            "–",
            "–",
            "–",
            bytes_of(server.bytes),
            "–",
            peak_of(server.peak_egress, server.egress_limit, "bps"),
            "–",
            figure(server.longest_wait, "s"),
            std::to_string(server.refused)};
  return {std::to_string(server.requests),
          share_of(server.hits, server),
          share_of(server.coalesced, server),
          share_of(server.stale + server.stale_on_error, server),
          server.role == "origin" ? "–" : std::to_string(server.upstream_requests),
          bytes_of(server.bytes),
          peak_of(server.peak_requests, server.requests_limit, "count"),
          peak_of(server.peak_egress, server.egress_limit, "bps"),
          peak_of(server.peak_connections, server.connections_limit, "count"),
          figure(server.longest_wait, "s"),
          std::to_string(server.refused)};
}

std::string where_it_breaks(const StoredRun& run) {
  const std::vector<Break> all = breaks(run);
  if (all.empty()) return paragraph("No server met a limit.", "finding");
  std::vector<std::string> later;
  for (std::size_t i = 1; i < all.size(); ++i) later.push_back(in_words(all[i]));
  return paragraph("Where it breaks first: " + in_words(all.front()), "finding") +
         (later.empty() ? "" : paragraph("After that:", "") + list(later)) + paragraph(kHowReckoned, "definition");
}

}  // namespace

std::string delivery_section(const StoredRun& run) {
  if (run.delivery.empty()) return {};
  Table table{"What each server was asked for, and its limits",
              {"Server", "Requests", "Hits", "Waited", "Stale", "Fetches", "Sent", "Requests/s, peak", "Egress, peak", "Connections, peak",
               "Longest wait", "Refused"},
              "networks delivery"};
  for (const DeliveryRow& server : run.delivery) table.add_html(head_of(server), cells_of(server));
  return section("delivery", "Delivery", where_it_breaks(run) + table.html() + paragraph(kHowCounted, "definition"));
}

}  // namespace reports::html
