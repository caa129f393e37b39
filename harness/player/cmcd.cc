#include "harness/player/cmcd.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace harness {
namespace {

enum class Group { kRequest, kObject, kStatus, kSession };
constexpr std::array kGroupFields{std::pair{Group::kObject, "CMCD-Object"}, std::pair{Group::kRequest, "CMCD-Request"},
                                  std::pair{Group::kSession, "CMCD-Session"}, std::pair{Group::kStatus, "CMCD-Status"}};

// One key with its value as written; "bs" alone for a true boolean.
struct Entry {
  std::string_view key;
  Group group;
  std::string text;
};

constexpr std::array kObjectTokens{"m", "a", "v", "av", "i", "c", "tt", "k", "o"};
constexpr std::array kFormatTokens{"d", "h", "s", "o"};
constexpr std::array kStreamTokens{"v", "l", "ll"};
constexpr std::array kStateTokens{"s", "p", "k", "r", "a", "w", "e", "f", "q", "d"};

template <class E, std::size_t N>
const char* token(const std::array<const char*, N>& tokens, E value) {
  return tokens[static_cast<std::size_t>(value)];
}

constexpr bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}
constexpr bool is_printable(char c) { return c >= 0x20 && c < 0x7F; }

// RFC 3986, section 2.1, of all characters that `keep` does not keep.
template <class Keep>
std::string percent_encoded(std::string_view text, Keep keep) {
  std::string out;
  out.reserve(text.size() * 2);
  for (const char c : text) {
    if (keep(c))
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

// A string of RFC 8941, section 3.3.3, which has printable ASCII only: other bytes are percent-encoded.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : percent_encoded(text, is_printable)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::int64_t rounded_to(std::int64_t step, double value) { return std::llround(value / static_cast<double>(step)) * step; }
double kilobits(base::Bitrate rate) { return static_cast<double>(rate.bps()) / 1000; }

// Collects entries; knows the version and the request they are for.
class Writer {
 public:
  Writer(int version, std::string_view url, std::optional<CmcdObject> object) : version_{version}, url_{url}, object_{object} {}

  bool is_latest() const { return version_ > 1; }
  void flag(std::string_view key, Group group, bool value) {
    if (value) entries_.push_back({key, group, std::string{key}});
  }
  void value(std::string_view key, Group group, std::string text) { entries_.push_back({key, group, fmt::format("{}={}", key, text)}); }
  void text(std::string_view key, Group group, const std::string& value_of_key, std::size_t longest) {
    if (!value_of_key.empty()) value(key, group, quoted(std::string_view{value_of_key}.substr(0, longest)));
  }
  void length(std::string_view key, Group group, const std::optional<base::Duration>& length, std::int64_t step) {
    if (length) value(key, group, std::to_string(rounded_to(step, base::to_milliseconds(*length))));
  }
  void rates(std::string_view key, Group group, const std::vector<CmcdRate>& list, std::int64_t step) {
    numbers(key, group, list, [&](const CmcdRate& each) { return rounded_to(step, kilobits(each.rate)); });
  }
  void lengths(std::string_view key, Group group, const std::vector<CmcdLength>& list, std::int64_t step) {
    numbers(key, group, list, [&](const CmcdLength& each) { return rounded_to(step, base::to_milliseconds(each.length)); });
  }
  void next(const std::vector<CmcdNext>& list) {
    if (list.empty()) return;
    if (is_latest()) return value("nor", Group::kRequest, joined(list, [&](const CmcdNext& each) { return next_item(each); }));
    const std::string relative = relative_reference(url_, list.front().url);
    if (!relative.empty()) value("nor", Group::kRequest, quoted(percent_encoded(relative, is_unreserved)));
    text("nrr", Group::kRequest, list.front().range, std::string::npos);
  }
  std::vector<Entry> take() {
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
    return std::move(entries_);
  }

 private:
  template <class List, class Text>
  static std::string joined(const List& list, Text text_of) {
    std::string out;
    for (const auto& each : list) out += (out.empty() ? "" : " ") + std::string{text_of(each)};
    return '(' + out + ')';
  }
  template <class List, class Number>
  void numbers(std::string_view key, Group group, const List& list, Number number) {
    if (list.empty()) return;
    if (!is_latest()) {
      const auto mine = std::find_if(list.begin(), list.end(), [&](const auto& each) { return each.of && each.of == object_; });
      return value(key, group, std::to_string(number(mine == list.end() ? list.front() : *mine)));
    }
    value(key, group, joined(list, [&](const auto& each) {
            return each.of ? fmt::format("{};{}", number(each), token(kObjectTokens, *each.of)) : std::to_string(number(each));
          }));
  }
  std::string next_item(const CmcdNext& each) const {
    const std::string item = quoted(relative_reference(url_, each.url));
    return each.range.empty() ? item : fmt::format("{};r={}", item, quoted(each.range));
  }

  int version_;
  std::string_view url_;
  std::optional<CmcdObject> object_;
  std::vector<Entry> entries_;
};

// A decimal of RFC 8941, section 3.3.2: at most three digits after the point.
std::string decimal(double value) {
  std::string text = fmt::format("{:.3f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// CTA-5004, table 1. The versions disagree on the group of "pr" (session, then status); both are written as the players do.
void write_common(const CmcdFacts& facts, Writer& out) {
  out.rates("br", Group::kObject, facts.bitrate, 1);
  out.rates("tb", Group::kObject, facts.top_bitrate, 1);
  out.length("d", Group::kObject, facts.object_duration, 1);
  if (facts.object) out.value("ot", Group::kObject, token(kObjectTokens, *facts.object));
  out.lengths("bl", Group::kRequest, facts.buffer_length, 100);
  out.length("dl", Group::kRequest, facts.deadline, 100);
  out.rates("mtp", Group::kRequest, facts.measured_throughput, 100);
  out.next(facts.next);
  out.flag("su", Group::kRequest, facts.startup);
  out.flag("bs", Group::kStatus, facts.starved);
  if (facts.playback_rate && *facts.playback_rate != 1) out.value("pr", Group::kStatus, decimal(*facts.playback_rate));
  if (facts.requested_throughput) out.value("rtp", Group::kStatus, std::to_string(rounded_to(100, kilobits(*facts.requested_throughput))));
  out.text("cid", Group::kSession, facts.content, 128);
  out.text("sid", Group::kSession, facts.session, 64);
  if (facts.format) out.value("sf", Group::kSession, token(kFormatTokens, *facts.format));
  if (facts.stream) {
    const bool plain = !out.is_latest() && *facts.stream == CmcdStream::kLowLatency;
    out.value("st", Group::kSession, token(kStreamTokens, plain ? CmcdStream::kLive : *facts.stream));
  }
}

// What CTA-5004-A adds to requests.
void write_latest(const CmcdFacts& facts, Writer& out) {
  out.rates("lb", Group::kObject, facts.lowest_bitrate, 1);
  out.rates("tpb", Group::kObject, facts.top_playable_bitrate, 1);
  out.rates("pb", Group::kRequest, facts.playhead_bitrate, 1);
  out.length("ltc", Group::kRequest, facts.live_latency, 1);
  if (facts.sequence) out.value("sn", Group::kRequest, std::to_string(*facts.sequence));
  if (facts.state) out.value("sta", Group::kRequest, token(kStateTokens, *facts.state));
  out.lengths("bsd", Group::kStatus, facts.stall_durations, 1);
  out.flag("bg", Group::kStatus, facts.hidden);
  if (!facts.errors.empty()) {
    std::string list;
    for (const std::string& error : facts.errors) list += (list.empty() ? "" : " ") + quoted(error);
    out.value("ec", Group::kStatus, '(' + list + ')');
  }
  out.length("pt", Group::kStatus, facts.playhead_time, 1);
  out.length("msd", Group::kSession, facts.media_start_delay, 1);
  out.value("v", Group::kSession, "2");
}

std::vector<Entry> entries(const CmcdFacts& facts, int version, std::string_view url) {
  Writer out{version, url, facts.object};
  write_common(facts, out);
  if (out.is_latest()) write_latest(facts, out);
  return out.take();
}

void append(std::string& list, const std::string& text) { list += (list.empty() ? "" : ",") + text; }

// Behind "scheme://authority"; 0 where there is none.
std::size_t path_begin(std::string_view url) {
  const auto scheme = url.find("://");
  return scheme == std::string_view::npos ? 0 : std::min(url.find('/', scheme + 3), url.size());
}

std::string_view without_query(std::string_view url) { return url.substr(0, url.find_first_of("?#")); }

}  // namespace

std::string cmcd_text(const CmcdFacts& facts, int version, std::string_view url) {
  std::string out;
  for (const Entry& entry : entries(facts, version, url)) append(out, entry.text);
  return out;
}

HeaderFields cmcd_headers(const CmcdFacts& facts, int version, std::string_view url) {
  const std::vector<Entry> all = entries(facts, version, url);
  HeaderFields out;
  for (const auto& [group, name] : kGroupFields) {
    std::string text;
    for (const Entry& entry : all)
      if (entry.group == group) append(text, entry.text);
    if (!text.empty()) out.emplace_back(name, std::move(text));
  }
  return out;
}

std::string cmcd_url(const CmcdFacts& facts, int version, std::string_view url) {
  const std::string text = cmcd_text(facts, version, url);
  const std::string_view bare = url.substr(0, url.find('#'));
  if (text.empty()) return std::string{bare};
  const char separator = bare.find('?') == std::string_view::npos ? '?' : '&';
  return fmt::format("{}{}CMCD={}", bare, separator, percent_encoded(text, is_unreserved));
}

std::string relative_reference(std::string_view from, std::string_view to) {
  const std::size_t begin = path_begin(from);
  if (from.substr(0, begin) != to.substr(0, path_begin(to))) return std::string{to};
  std::string_view base = without_query(from).substr(begin), path = to.substr(begin);
  // What both have up to a slash; a slash in the target's query is no path.
  const std::size_t most = std::min(base.size(), without_query(path).size());
  std::size_t common = 0;
  for (std::size_t i = 0; i < most && base[i] == path[i]; ++i)
    if (base[i] == '/') common = i + 1;
  base.remove_prefix(common);
  path.remove_prefix(common);
  std::string out;
  for (auto up = std::count(base.begin(), base.end(), '/'); up > 0; --up) out += "../";
  out += path;
  // A colon in the first element would make it a scheme.
  const bool needs_dot = out.empty() || out.substr(0, out.find('/')).find(':') != std::string::npos;
  return needs_dot ? "./" + out : out;
}

}  // namespace harness
