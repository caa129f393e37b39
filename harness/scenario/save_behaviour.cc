#include "harness/scenario/save_behaviour.h"

#include "harness/scenario/save_links.h"

namespace harness {
namespace {

using base::Json;

Json to_json(const Fixed& fixed) { return exact_text(fixed.value); }
Json to_json(const Uniform& uniform) {
  return {{"distribution", "uniform"}, {"min", exact_text(uniform.min)}, {"max", exact_text(uniform.max)}};
}
Json to_json(const Exponential& exponential) { return {{"distribution", "exponential"}, {"mean", exact_text(exponential.mean)}}; }
Json to_json(const Lognormal& lognormal) {
  return {{"distribution", "lognormal"}, {"median", exact_text(lognormal.median)}, {"p90", exact_text(lognormal.p90)}};
}
Json to_json(const Weibull& weibull) {
  return {{"distribution", "weibull"}, {"scale", exact_text(weibull.scale)}, {"shape", weibull.shape}};
}
Json to_json(const Distribution& distribution) {
  return std::visit([](const auto& one) { return to_json(one); }, distribution);
}
Json to_json(const Spells& spells) { return {{"every", to_json(spells.every)}, {"for", to_json(spells.lasts)}}; }
Json to_json(const Seeking& seek) {
  Json out{{"every", to_json(seek.every)}};
  if (!seek.by) return out;
  out["by"] = to_json(*seek.by);
  out["back"] = seek.back;
  return out;
}

}  // namespace

void put_behaviour(Json& cohort, const Behaviour& behaviour) {
  if (behaviour.watch) cohort["watch"] = to_json(*behaviour.watch);
  if (behaviour.patience) cohort["patience"] = to_json(*behaviour.patience);
  if (behaviour.seek) cohort["seek"] = to_json(*behaviour.seek);
  if (behaviour.pause) cohort["pause"] = to_json(*behaviour.pause);
  if (behaviour.hide) cohort["hide"] = to_json(*behaviour.hide);
  if (behaviour.zap) cohort["zap"] = Json{{"every", to_json(*behaviour.zap)}};
}

}  // namespace harness
