#include "harness/run/contribution_watch.h"

#include "base/json_reader.h"
#include "base/text.h"

namespace harness {
namespace {

constexpr base::ViewerId kWatch{0xFFFF'FFFC};

bool is_forced(const FeedSwitchFact& made) { return made.reason == "media-gap" || made.reason == "unfit"; }

}  // namespace

std::vector<FeedSwitchFact> switches_of(const std::string& stream_json) {
  std::vector<FeedSwitchFact> out;
  const auto json = base::parse_json(stream_json);
  if (!json.has_value() || !json->is_object()) return out;
  std::vector<base::Problem> ignored;
  base::JsonObject stream{*json, "", ignored};
  for (base::JsonObject& each : stream.objects("switched")) {
    const auto at = base::parse_iso8601(each.optional<std::string>("at", ""));
    if (!at.has_value()) continue;
    out.push_back({.at = *at,
                   .from = each.optional<std::string>("from", ""),
                   .to = each.optional<std::string>("to", ""),
                   .reason = each.optional<std::string>("reason", ""),
                   .gap_ms = each.optional<double>("gap_ms", 0.0),
                   .held_pictures = each.optional<std::int64_t>("held_pictures", std::int64_t{0})});
  }
  return out;
}

ContributionWatch::ContributionWatch(Transport& transport, std::string stream_url) : transport_{transport}, url_{std::move(stream_url)} {}

ContributionWatch::~ContributionWatch() {
  if (running_) transport_.cancel(*running_);
}

void ContributionWatch::ask() {
  if (running_) return;
  running_ = transport_.start({.viewer = kWatch, .url = url_, .timeout = std::chrono::seconds{5}, .keep_body = true}, *this);
}

void ContributionWatch::on_outcome(TransferId, TransportOutcome outcome) {
  running_.reset();
  if (!outcome.failure.empty() || outcome.status != 200) return;
  for (FeedSwitchFact& made : switches_of(*outcome.body)) {
    const std::tuple key{made.at, made.to};
    seen_.insert_or_assign(key, std::move(made));
  }
}

std::optional<FeedSwitchFact> ContributionWatch::first_forced(base::UtcTime from, base::UtcTime to) const {
  for (const auto& [key, made] : seen_)
    if (made.at >= from && made.at <= to && is_forced(made)) return made;
  return std::nullopt;
}

std::size_t ContributionWatch::count(base::UtcTime from, base::UtcTime to) const {
  std::size_t count = 0;
  for (const auto& [key, made] : seen_) count += made.at >= from && made.at <= to ? 1 : 0;
  return count;
}

}  // namespace harness
