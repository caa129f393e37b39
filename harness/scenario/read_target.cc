#include <filesystem>

#include "harness/scenario/fields.h"
#include "harness/scenario/sections.h"

namespace harness {
namespace {

using base::JsonObject;
using namespace base::literals;

constexpr std::array<std::string_view, 9> kExternalFields{"url",        "dash_url",   "token_url", "refresh_url", "page",
                                                          "login_page", "embed_page", "referrer",  "channels"};
constexpr std::int64_t kMostReferenceChannels = 16;  // each has encoders of its own

// http or https, a host, no credentials, no white space. What the server makes of the rest is the server's affair.
bool is_web_address(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || text.find_first_of(" \t\r\n\"<>") != std::string_view::npos) return false;
  const std::string_view authority = text.substr(scheme, text.find_first_of("/?#", scheme) - scheme);
  return !authority.empty() && authority.front() != ':' && authority.find('@') == std::string_view::npos;
}

std::string address_field(JsonObject& target, std::string_view name) {
  const std::string url = target.optional<std::string>(name, "");
  if (target.has(name) && !is_web_address(url))
    target.problem(
        name,
        fmt::format("\"{}\" is not a URL that players can open; write http:// or https://, a host and a path, without user and password",
                    url));
  return url;
}

ReferenceTarget read_reference(JsonObject& target) {
  ReferenceTarget out;
  JsonObject reference = target.required_object("reference");
  const auto lifetime = reference.optional<base::Duration>("token_lifetime");
  out.token_lifetime = within(reference, "token_lifetime", lifetime, 1s, 24h).value_or(out.token_lifetime);
  const auto channels = within(reference, "channels", reference.optional<std::int64_t>("channels"), 1, kMostReferenceChannels);
  out.channels = static_cast<std::size_t>(channels.value_or(1));
  reference.finish();
  return out;
}

std::vector<Channel> read_channels(JsonObject& target) {
  std::vector<JsonObject> list = target.objects("channels");
  check_count(target, "channels", list.size());
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(std::min(list.size(), kMostEntries)), list.end());
  std::vector<Channel> channels;
  for (JsonObject& json : list) {
    channels.push_back({address_field(json, "url"), address_field(json, "dash_url")});
    json.finish();
  }
  return channels;
}

ExternalTarget read_external(JsonObject& target) {
  ExternalTarget out{.url = address_field(target, "url"),
                     .dash_url = address_field(target, "dash_url"),
                     .token_url = address_field(target, "token_url"),
                     .refresh_url = address_field(target, "refresh_url"),
                     .page = address_field(target, "page"),
                     .login_page = address_field(target, "login_page"),
                     .embed_page = address_field(target, "embed_page"),
                     .referrer = address_field(target, "referrer"),
                     .channels = read_channels(target)};
  if (target.has("refresh_url") && !target.has("token_url"))
    target.problem("refresh_url", "has no token_url beside it: a token must be issued before it is renewed; add token_url or remove this");
  if (target.has("referrer") && !target.has("embed_page"))
    target.problem("referrer", "has no embed_page beside it: it is the page that frames it; add embed_page or remove this");
  return out;
}

// "sports-720p30": the form of a generated test pattern. Which patterns and sizes exist is for the generator to say.
bool is_pattern_name(std::string_view text) {
  const auto take = [&text](char first, char last, std::size_t longest) {
    std::size_t n = 0;
    while (n < text.size() && n < longest && text[n] >= first && text[n] <= last) ++n;
    text.remove_prefix(n);
    return n > 0;
  };
  const auto skip = [&text](char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
  };
  return take('a', 'z', 32) && skip('-') && take('0', '9', 5) && skip('p') && take('0', '9', 3) && text.empty();
}

// A pattern name as it is; a file as its absolute path, so that the resolved scenario can be read from anywhere.
std::string read_video(JsonObject& content, const VideoNames& names, std::string fallback) {
  const std::string video = content.optional<std::string>("video", fallback);
  std::error_code failure;
  const std::filesystem::path path =
      std::filesystem::absolute(std::filesystem::path{names.file}.parent_path() / video, failure).lexically_normal();
  if (!video.empty() && video.find('\0') == std::string::npos && std::filesystem::is_regular_file(path, failure)) return path.string();
  if (is_pattern_name(video)) {
    const std::string flaw = names.check_video ? names.check_video(video) : std::string{};
    if (!flaw.empty()) content.problem("video", flaw);
    return video;
  }
  content.problem(
      "video", fmt::format("\"{}\" is neither a test pattern such as \"sports-720p30\" nor a file beside the scenario; there is no file {}",
                           video, path.string()));
  return fallback;
}

std::vector<std::string> read_aspects(JsonObject& json, std::string_view name) {
  std::vector<std::string> aspects;
  const base::Json* list = json.take(name);
  if (list == nullptr) return aspects;
  const std::vector<std::string> known{kAspectNames.begin(), kAspectNames.end()};
  if (!list->is_array()) json.problem(name, fmt::format("expected an array of {}", fmt::join(known, ", ")));
  if (!list->is_array()) return aspects;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const base::Json& entry = (*list)[i];
    const std::string word = entry.is_string() ? entry.get<std::string>() : entry.dump();
    const std::string path = fmt::format("{}[{}]", name, i);
    if (std::ranges::find(known, word) == known.end()) json.problem(path, unknown_name("aspect of a feed's health", word, known));
    if (std::ranges::find(aspects, word) != aspects.end()) json.problem(path, fmt::format("\"{}\" is there twice", word));
    aspects.push_back(word);
  }
  return aspects;
}

void read_contribution(JsonObject& content, Content& out) {
  auto json = content.object("contribution");
  if (!json) return;
  if (out.kind == ContentKind::kVod) content.problem("contribution", "is for live content; remove it, or set kind to \"live\"");
  Contribution& contribution = out.contribution;
  contribution.protocol = word_field(*json, "protocol", "contribution protocol", kContributionNames).value_or(contribution.protocol);
  if (auto backup = json->object("backup")) {
    contribution.backup = required_word(*backup, "protocol", "contribution protocol", kContributionNames).value_or(contribution.protocol);
    backup->finish();
  }
  for (const std::string_view name : {"switch_after", "failback_after", "unfit_when"})
    if (json->has(name) && !json->has("backup")) json->problem(name, "is about a backup, which is not there; add backup or remove this");
  contribution.switch_after =
      within(*json, "switch_after", json->optional<base::Duration>("switch_after"), 200ms, 30s).value_or(contribution.switch_after);
  contribution.failback_after =
      within(*json, "failback_after", json->optional<base::Duration>("failback_after"), 0s, 1h).value_or(contribution.failback_after);
  contribution.unfit_when = read_aspects(*json, "unfit_when");
  contribution.slate = json->optional<bool>("slate", contribution.slate);
  json->finish();
}

void refuse_with_external_target(JsonObject& content) {
  for (const std::string_view name : {"video", "contribution"})
    if (content.take(name) != nullptr)
      content.problem(name, "is for the reference server; an external target brings its own content, so remove it");
}

}  // namespace

std::optional<JsonObject> required_section(JsonObject& root, std::string_view name, std::string_view example) {
  if (!root.has(name)) report_missing(root, name, example);
  return root.object(name);
}

Target read_target(JsonObject& root) {
  auto target = required_section(root, "target", "{ \"reference\": {} }");
  if (!target) return {};
  const bool is_reference = target->has("reference");
  const bool is_external =
      std::any_of(kExternalFields.begin(), kExternalFields.end(), [&](std::string_view name) { return target->has(name); });
  if (is_reference && is_external) root.problem("target", "names the reference server and an external URL; keep one of them");
  if (!is_reference && !is_external)
    root.problem("target", "names nothing to play; write { \"reference\": {} } or { \"url\": \"https://HOST/master.m3u8\" }");
  Target out;
  if (is_external) out = read_external(*target);
  if (is_reference) out = read_reference(*target);
  for (const std::string_view name : kExternalFields) target->take(name);
  target->take("reference");
  target->finish();
  return out;
}

Content read_content(JsonObject& root, const VideoNames& names, const Target& target) {
  Content out;
  auto content = required_section(root, "content", "{ \"kind\": \"live\" }");
  if (!content) return out;
  out.kind = required_word(*content, "kind", "kind of content", kContentNames).value_or(out.kind);
  if (std::holds_alternative<ExternalTarget>(target)) {
    refuse_with_external_target(*content);
  } else {
    out.video = read_video(*content, names, out.video);
    read_contribution(*content, out);
  }
  content->finish();
  return out;
}

void check_target(JsonObject& root, const Scenario& scenario) {
  const auto* external = std::get_if<ExternalTarget>(&scenario.target);
  if (external == nullptr) return;
  const auto demand = [&](const std::string& field, const std::string& url, const Cohort& cohort, std::string_view what) {
    const std::string path = fmt::format("target.{}", field);
    const auto is_known = [&](const base::Problem& problem) { return problem.path == path; };
    if (url.empty() && std::none_of(root.problems().begin(), root.problems().end(), is_known))
      root.problem(path, fmt::format("is required and missing: cohort {} {}", cohort.name, what));
  };
  for (const Cohort& cohort : scenario.cohorts) {
    const auto device = scenario.devices.find(cohort.device);
    if (device != scenario.devices.end()) {
      const bool is_dash = device->second.protocol == StreamingProtocol::kDash;
      demand(is_dash ? "dash_url" : "url", is_dash ? external->dash_url : external->url, cohort,
             fmt::format("plays {} ({})", is_dash ? "DASH" : "HLS", cohort.device));
      for (std::size_t i = 0; cohort.behaviour.zap && i < external->channels.size(); ++i)
        demand(fmt::format("channels[{}].{}", i, is_dash ? "dash_url" : "url"),
               is_dash ? external->channels[i].dash_url : external->channels[i].url, cohort,
               fmt::format("zaps, and plays {} ({})", is_dash ? "DASH" : "HLS", cohort.device));
    }
    if (cohort.path == PathKind::kAuthenticated) demand("token_url", external->token_url, cohort, "is authenticated and needs tokens");
    if (cohort.path == PathKind::kEmbed) demand("embed_page", external->embed_page, cohort, "plays in a frame");
  }
}

}  // namespace harness
