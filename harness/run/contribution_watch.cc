#include "harness/run/contribution_watch.h"

#include <fmt/format.h>

#include "base/json_reader.h"
#include "base/text.h"

namespace harness {
namespace {

constexpr base::ViewerId kWatch{0xFFFF'FFFC};

bool is_forced(const FeedSwitchFact& made) { return made.reason == "media-gap" || made.reason == "unfit"; }

}  // namespace

FeedFacts feed_facts_of(const std::string& stream_json) {
  FeedFacts out;
  const auto json = base::parse_json(stream_json);
  if (!json.has_value() || !json->is_object()) return out;
  std::vector<base::Problem> ignored;
  base::JsonObject stream{*json, "", ignored};
  out.late_pictures = stream.optional<std::int64_t>("late_pictures", std::int64_t{0});
  const auto text = [](base::JsonObject& of, const char* name) { return of.optional<std::string>(name, ""); };
  const auto each = [&](const char* list, const auto& take) {
    for (base::JsonObject& entry : stream.objects(list))
      if (const auto at = base::parse_iso8601(text(entry, "at")); at.has_value()) take(entry, *at);
  };
  each("switched", [&](base::JsonObject& made, base::UtcTime at) {
    out.switches.push_back({.at = at,
                            .from = text(made, "from"),
                            .to = text(made, "to"),
                            .reason = text(made, "reason"),
                            .gap_ms = made.optional<double>("gap_ms", 0.0),
                            .held_pictures = made.optional<std::int64_t>("held_pictures", std::int64_t{0})});
  });
  each("health", [&](base::JsonObject& change, base::UtcTime at) {
    if (text(change, "change") == "impaired")
      out.troubles.push_back({at, fmt::format("{}: {}: {}", text(change, "source"), text(change, "aspect"), text(change, "evidence"))});
  });
  each("events", [&](base::JsonObject& event, base::UtcTime at) {
    if (text(event, "event") == "disconnected")
      out.troubles.push_back({at, fmt::format("{}: {}", text(event, "source"), text(event, "text"))});
  });
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

void ContributionWatch::on_outcome(TransferId, TransportOutcome&& outcome) {
  running_.reset();
  if (!outcome.failure.empty() || outcome.status != 200) return;
  FeedFacts facts = feed_facts_of(*outcome.body);
  late_pictures_ = std::max(late_pictures_, facts.late_pictures);
  for (FeedSwitchFact& made : facts.switches) {
    const std::tuple key{made.at, made.to};
    seen_.insert_or_assign(key, std::move(made));
  }
  for (FeedTroubleFact& trouble : facts.troubles) troubles_.emplace(trouble.at, std::move(trouble.what));
}

std::optional<FeedSwitchFact> ContributionWatch::first_forced(base::UtcTime from, base::UtcTime to) const {
  for (const auto& [key, made] : seen_)
    if (made.at >= from && made.at <= to && is_forced(made)) return made;
  return std::nullopt;
}

std::optional<FeedTroubleFact> ContributionWatch::first_noticed(base::UtcTime from, base::UtcTime to) const {
  std::optional<FeedTroubleFact> noticed;
  if (const auto first = troubles_.lower_bound({from, ""}); first != troubles_.end() && std::get<0>(*first) <= to)
    noticed = FeedTroubleFact{std::get<0>(*first), std::get<1>(*first)};
  const auto made = first_forced(from, to);
  if (made && (!noticed || made->at < noticed->at)) noticed = FeedTroubleFact{made->at, fmt::format("{}: {}", made->from, made->reason)};
  return noticed;
}

std::size_t ContributionWatch::count(base::UtcTime from, base::UtcTime to) const {
  std::size_t count = 0;
  for (const auto& [key, made] : seen_) count += made.at >= from && made.at <= to ? 1 : 0;
  return count;
}

}  // namespace harness
