#include "reports/formats/words/links.h"

#include "reports/formats/words/figures.h"

namespace reports {
namespace {

std::optional<double> share_of(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::optional<double> measured_loss_down(const LinkRow& link) { return share_of(link.lost_down, link.packets_down); }
std::optional<double> measured_loss_up(const LinkRow& link) { return share_of(link.lost_up, link.packets_up); }

std::optional<double> link_rate(const LinkRow& link) { return link.capacity ? link.capacity : link.configured_rate_down; }

bool has_packets(const LinkRow& link) { return link.packets_down + link.packets_up > 0; }
bool is_measured(const LinkRow& link) { return link.rtt_ms || link.rtt_handshake_ms || link.goodput || has_packets(link); }

std::string milliseconds(std::optional<double> ms) { return figure(ms ? std::optional{*ms / 1e3} : std::nullopt, "s"); }

}  // namespace reports
