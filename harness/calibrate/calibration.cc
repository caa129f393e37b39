#include "harness/calibrate/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "harness/transport/failure_words.h"

namespace harness {
namespace {

constexpr base::Duration kDocumentTime = std::chrono::seconds{10};
constexpr base::ViewerId kReader{1'000'000};  // apart from the viewers of the rounds
constexpr std::array<ObjectKind, 4> kMeasured{ObjectKind::kMaster, ObjectKind::kPlaylist, ObjectKind::kInit, ObjectKind::kSegment};

LoadStep step_of(const LoadResult& result, int at_once, base::Duration cpu) {
  LoadStep step{.requests_at_once = at_once, .answered = result.samples.size() + result.unfinished};
  const double seconds = std::max(base::to_seconds(result.lasted), 1e-6);
  std::vector<base::Duration> took;
  double bytes = static_cast<double>(result.unfinished_bytes.count());
  for (const LoadSample& sample : result.samples) {
    took.push_back(sample.took);
    bytes += static_cast<double>(sample.bytes.count());
  }
  std::sort(took.begin(), took.end());
  if (!took.empty()) step.median = quantile_of(took, 0.5);
  step.requests_per_s = static_cast<double>(took.size()) / seconds;
  step.bits_per_s = bytes * 8 / seconds;
  step.own_load = base::to_seconds(cpu) / seconds;
  return step;
}

// Three digits: a measurement is no more exact.
double three_digits(double value) { return std::stod(fmt::format("{:.3g}", value)); }

bool is_fresh(const LoadSample& sample) { return sample.fresh; }

bool is_https(const std::string& url) { return url.starts_with("https://"); }

}  // namespace

Calibration::Calibration(base::Timeline& timeline, Transport& transport, CalibrationPlan plan, World world)
    : timeline_{timeline}, transport_{transport}, plan_{std::move(plan)}, world_{std::move(world)}, date_{base::to_iso8601(world_.utc())} {
  stages_.push_back({"connections", [this] { return connect(); }});
  for (const ObjectKind kind : kMeasured)
    stages_.push_back({fmt::format("think time: {}", to_text(kind)), [this, kind] { return think(kind); }});
  stages_.push_back({"capacity: requests", [this] { return load(LoadOf::kRequests); }});
  stages_.push_back({"capacity: bytes", [this] { return load(LoadOf::kBytes); }});
}

Calibration::~Calibration() {
  round_.reset();
  if (reading_) transport_.cancel(*reading_);
  transport_.leave(kReader);
}

void Calibration::begin() {
  world_.progress("reading " + plan_.url);
  read_target([this] { next_stage(); });
}

void Calibration::soon(std::function<void()> what) { soon_ = timeline_.call_at(timeline_.now(), std::move(what)); }

// A live target has other segments by every round.
void Calibration::read_target(std::function<void()> then) {
  then_ = std::move(then);
  listing_.emplace(plan_.url);
  read_next();
}

void Calibration::read_next() {
  const auto document = listing_->next();
  if (!document) {
    objects_ = listing_->objects();
    return soon(std::exchange(then_, {}));
  }
  TransportRequest request{.viewer = kReader, .url = document->url, .timeout = kDocumentTime, .keep_body = true};
  if (document->range)
    request.headers.emplace_back(
        "Range", fmt::format("bytes={}-{}", document->range->offset, document->range->offset + document->range->length - 1));
  reading_ = transport_.start(std::move(request), *this);
}

void Calibration::on_outcome(TransferId, TransportOutcome&& outcome) {
  reading_.reset();
  const std::string asked = listing_->next()->url;
  if (!outcome.failure.empty() || outcome.status < 200 || outcome.status >= 300) return fail(asked, reason_of(outcome));
  const std::string& url = outcome.url.empty() ? asked : *outcome.url;
  const auto taken = listing_->take(outcome.body, url, outcome.status == 206, world_.utc());
  if (!taken.has_value()) return fail(asked, taken.error().message);
  read_next();
}

void Calibration::fail(const std::string& url, const std::string& reason) {
  failure_ = fmt::format("{}: {}", url, reason);
  done_ = true;
}

void Calibration::next_stage() {
  round_.reset();
  while (stage_ < stages_.size()) {
    Stage& stage = stages_[stage_++];
    world_.progress(stage.name);
    if (stage.begin()) return;
  }
  done_ = true;
}

std::vector<CalibrationObject> Calibration::of_kind(ObjectKind kind) const {
  std::vector<CalibrationObject> out;
  std::copy_if(objects_.begin(), objects_.end(), std::back_inserter(out),
               [kind](const CalibrationObject& each) { return each.kind == kind; });
  return out;
}

void Calibration::run(LoadRound::Plan plan, std::function<void(LoadResult)> done) {
  round_ = std::make_unique<LoadRound>(timeline_, transport_, std::move(plan), [this, done = std::move(done)](LoadResult result) {
    failures_ += std::accumulate(result.failures.begin(), result.failures.end(), std::size_t{0},
                                 [](std::size_t sum, const auto& each) { return sum + static_cast<std::size_t>(each.second); });
    soon([done, result = std::move(result)] { done(result); });
  });
}

// Of the first document: every target has one.
bool Calibration::connect() {
  run({.objects = {objects_.front()}, .most_answers = plan_.connections, .most_time = plan_.time, .reconnect = true},
      [this](const LoadResult& result) {
        for (const LoadSample& sample : result.samples) fresh_.push_back(sample.first_byte);
        next_stage();
      });
  return true;
}

bool Calibration::think(ObjectKind kind) {
  if (of_kind(kind).empty()) return false;
  read_target([this, kind] {
    std::vector<CalibrationObject> objects = of_kind(kind);
    if (objects.empty()) return next_stage();
    run({.objects = std::move(objects), .most_answers = plan_.answers + 1, .most_time = plan_.time},
        [this, kind](const LoadResult& result) {
          closes_ = closes_ || std::count_if(result.samples.begin(), result.samples.end(), is_fresh) > 1;
          for (const LoadSample& sample : result.samples)
            if (!sample.fresh) first_bytes_[static_cast<std::size_t>(kind)].push_back(sample.first_byte);
          next_stage();
        });
  });
  return true;
}

bool Calibration::load(LoadOf what) {
  step(what, 1);
  return true;
}

// Small answers: the first document. Large ones: segments, those of the highest bitrate.
void Calibration::step(LoadOf what, int at_once) {
  round_.reset();
  read_target([this, what, at_once] {
    std::vector<CalibrationObject> objects{objects_.front()};
    if (what == LoadOf::kBytes) objects = of_kind(ObjectKind::kSegment);
    if (objects.empty()) return next_stage();
    if (what == LoadOf::kBytes) objects.resize(std::min<std::size_t>(objects.size(), 8));
    world_.progress(fmt::format("capacity: {}, {} at once", what == LoadOf::kRequests ? "requests" : "bytes", at_once));
    const base::Duration cpu = world_.cpu_time();
    run({.objects = std::move(objects),
         .viewers = at_once,
         .most_answers = 1'000'000,
         .most_time = plan_.step,
         .counts_unfinished = what == LoadOf::kBytes},
        [this, what, at_once, cpu](const LoadResult& result) {
          std::vector<LoadStep>& steps = steps_of(what);
          const bool nothing = result.samples.empty() && result.unfinished == 0;
          if (!nothing) steps.push_back(step_of(result, at_once, world_.cpu_time() - cpu));
          const bool failing = nothing || result.failures.size() > 0;
          if (failing || is_at_capacity(steps, what) || at_once * 2 > plan_.most_at_once) return next_stage();
          step(what, at_once * 2);
        });
  });
}

ServerModel Calibration::model() const {
  ServerModel model;
  model.target = plan_.url;
  model.date = date_;
  const base::Duration rtt = round_trip();
  for (const ObjectKind kind : kMeasured) {
    const auto& samples = first_bytes_[static_cast<std::size_t>(kind)];
    model.think[static_cast<std::size_t>(kind)] = fit_think(samples, rtt);
    if (!samples.empty())
      model.figures.push_back({fmt::format("think.{}", to_text(kind)), static_cast<std::int64_t>(samples.size()),
                               fmt::format("first byte after the request on an open connection, one at a time, less the round trip of {}",
                                           base::to_text(std::chrono::round<std::chrono::microseconds>(rtt)))});
  }
  const auto& open = first_bytes_[static_cast<std::size_t>(objects_.empty() ? ObjectKind::kMaster : objects_.front().kind)];
  if (!fresh_.empty() && !open.empty()) {
    const bool tls = is_https(plan_.url);
    (tls ? model.tls_cpu : model.accept_cpu) = fit_connection(fresh_, open, rtt, tls);
    model.figures.push_back({tls ? "connection.tls_cpu" : "connection.accept_cpu", static_cast<std::int64_t>(fresh_.size()),
                             "median of what the first byte takes longer on a new connection, less its round trips: at most so much"});
  }
  if (const auto requests = fit_capacity(request_steps_, LoadOf::kRequests)) {
    model.requests_per_s = three_digits(requests->value);
    model.figures.push_back({"capacity.requests_per_s", static_cast<std::int64_t>(requests->count), requests->how});
  }
  if (const auto bytes = fit_capacity(byte_steps_, LoadOf::kBytes)) {
    model.egress = base::Bitrate::bits_per_second(static_cast<std::int64_t>(three_digits(bytes->value)));
    model.figures.push_back({"capacity.egress", static_cast<std::int64_t>(bytes->count), bytes->how});
  }
  return model;
}

// Why figures are not there.
std::vector<std::string> Calibration::missing(const ServerModel& model) const {
  std::vector<std::string> out;
  std::vector<std::string> without;
  for (const ObjectKind kind : kMeasured)
    if (closes_ && !of_kind(kind).empty() && first_bytes_[static_cast<std::size_t>(kind)].empty()) without.emplace_back(to_text(kind));
  if (!without.empty())
    out.push_back(fmt::format("The server keeps no connection open: what it thinks ({}) cannot be told from what a connection takes.",
                              fmt::join(without, ", ")));
  const bool tried = done_ && failure_.empty();
  if (tried && !model.requests_per_s) out.emplace_back("capacity.requests_per_s: nothing was answered in time.");
  if (tried && !model.egress) out.emplace_back("capacity.egress: no segment was listed, or no byte of one came in time.");
  return out;
}

std::string Calibration::table() const {
  const ServerModel model = this->model();
  const auto value_of = [&](const std::string& figure) -> std::string {
    for (const ObjectKind kind : kMeasured) {
      const auto& think = model.think[static_cast<std::size_t>(kind)];
      if (!think || figure != fmt::format("think.{}", to_text(kind))) continue;
      std::string text = "median " + base::to_text(*think->at[kMedianQuantile]);
      if (think->at.back()) text += ", p99 " + base::to_text(*think->at.back());
      return text;
    }
    if (figure == "connection.accept_cpu") return base::to_text(model.accept_cpu.value_or(base::Duration{}));
    if (figure == "connection.tls_cpu") return base::to_text(model.tls_cpu.value_or(base::Duration{}));
    if (figure == "capacity.requests_per_s") return fmt::format("{:g} requests/s", model.requests_per_s.value_or(0));
    return base::to_text(model.egress.value_or(base::Bitrate{}));
  };
  std::string out = fmt::format("{:24} {:28} {:>8}  {}\n", "figure", "value", "samples", "how");
  for (const Provenance& each : model.figures)
    out += fmt::format("{:24} {:28} {:>8}  {}\n", each.figure, value_of(each.figure), each.count, each.how);
  for (const std::string& word : missing(model)) out += word + '\n';
  if (failures_ > 0) out += fmt::format("{} requests were not answered, or not with success; they are in no figure.\n", failures_);
  return out;
}

}  // namespace harness
