#include "harness/scenario/fields.h"
#include "harness/scenario/sections.h"

namespace harness {
namespace {

using base::JsonObject;
using namespace base::literals;

struct Range {
  base::Duration low, high = 24h * 30;
};
constexpr Range kStay{1s};       // watching, and from one action to the next
constexpr Range kMoment{100ms};  // patience, pauses, jumps

class DistributionReader {
 public:
  DistributionReader(JsonObject& object, Range range) : object_{object}, range_{range} {}

  base::Duration duration(std::string_view name, std::string_view example) {
    return within(object_, name, required_field<base::Duration>(object_, name, example), range_.low, range_.high).value_or(range_.low);
  }
  Distribution read(DistributionWord word) {
    switch (word) {
      case DistributionWord::kFixed:
        return Fixed{duration("value", "\"2m\"")};
      case DistributionWord::kUniform:
        return ordered(Uniform{duration("min", "\"1m\""), duration("max", "\"5m\"")});
      case DistributionWord::kExponential:
        return Exponential{duration("mean", "\"2m\"")};
      case DistributionWord::kLognormal:
        return ordered(Lognormal{duration("median", "\"2m\""), duration("p90", "\"10m\"")});
      case DistributionWord::kWeibull:
        return Weibull{duration("scale", "\"2m\""),
                       within(object_, "shape", required_field<double>(object_, "shape", "0.7"), 0.1, 10).value_or(1)};
    }
    ENSURE(false);
  }

 private:
  Uniform ordered(const Uniform& uniform) {
    if (uniform.max < uniform.min) object_.problem("max", "is below min; exchange them");
    return uniform;
  }
  Lognormal ordered(const Lognormal& lognormal) {
    if (lognormal.p90 < lognormal.median) object_.problem("p90", "is below the median, but nine tenths are not fewer than half; raise it");
    return lognormal;
  }
  JsonObject& object_;
  Range range_;
};

// "2m", or { "distribution": "exponential", "mean": "2m" }.
std::optional<Distribution> distribution_field(JsonObject& parent, std::string_view name, Range range) {
  const base::Json* value = parent.take(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    const auto fixed = within(parent, name, parent.optional<base::Duration>(name), range.low, range.high);
    return fixed ? std::optional<Distribution>{Fixed{*fixed}} : std::nullopt;
  }
  auto object = *parent.object(name);
  const auto word = required_word(object, "distribution", "distribution", kDistributionNames);
  std::optional<Distribution> out;
  if (word) {
    out = DistributionReader{object, range}.read(*word);
    object.finish();
  }
  return out;
}

Distribution required_distribution(JsonObject& parent, std::string_view name, Range range, std::string_view example) {
  if (!parent.has(name)) report_missing(parent, name, example);
  return distribution_field(parent, name, range).value_or(Fixed{range.low});
}

std::optional<Seeking> read_seek(JsonObject& cohort) {
  auto json = cohort.object("seek");
  if (!json) return std::nullopt;
  Seeking seek;
  seek.every = required_distribution(*json, "every", kStay, "\"1m\"");
  seek.by = distribution_field(*json, "by", kMoment);
  seek.back = within(*json, "back", json->optional<double>("back"), 0, 1).value_or(0);
  if (json->has("back") && !json->has("by")) json->problem("back", "is the share of jumps that go back; add \"by\", how far they go");
  json->finish();
  return seek;
}

std::optional<Spells> read_spells(JsonObject& cohort, std::string_view name) {
  auto json = cohort.object(name);
  if (!json) return std::nullopt;
  Spells spells;
  spells.every = required_distribution(*json, "every", kStay, "\"2m\"");
  spells.lasts = required_distribution(*json, "for", kMoment, "\"30s\"");
  json->finish();
  return spells;
}

std::optional<Distribution> read_zap(JsonObject& cohort, std::size_t channels) {
  auto json = cohort.object("zap");
  if (!json) return std::nullopt;
  const Distribution every = required_distribution(*json, "every", kStay, "\"1m\"");
  json->finish();
  if (channels < 2) cohort.problem("zap", "needs a second stream to turn to; add target.channels, or target.reference.channels");
  return every;
}

}  // namespace

Behaviour read_behaviour(JsonObject& cohort, std::size_t channels) {
  Behaviour out;
  out.watch = distribution_field(cohort, "watch", kStay);
  out.patience = distribution_field(cohort, "patience", kMoment);
  out.seek = read_seek(cohort);
  out.pause = read_spells(cohort, "pause");
  out.hide = read_spells(cohort, "hide");
  out.zap = read_zap(cohort, channels);
  return out;
}

}  // namespace harness
