#include "netem/model/trace_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/errors.h"
#include "base/read_file.h"
#include "netem/model/trace_codecs.h"

namespace netem {
namespace {

struct Codec {
  TraceFormat format;
  const char* word;
  Trace (*read)(std::string_view text, const std::string& name);
  std::string (*write)(const Trace& trace);
};
constexpr std::array<Codec, 4> kCodecs{{{TraceFormat::kRehearsal, "rehearsal", codecs::read_rehearsal, codecs::write_rehearsal},
                                        {TraceFormat::kSabre, "sabre", codecs::read_sabre, codecs::write_sabre},
                                        {TraceFormat::kPensieve, "pensieve", codecs::read_pensieve, codecs::write_pensieve},
                                        {TraceFormat::kMahimahi, "mahimahi", codecs::read_mahimahi, codecs::write_mahimahi}}};

const Codec& codec_of(TraceFormat format) { return kCodecs[static_cast<std::size_t>(format)]; }

// Behind white space and comments.
std::string_view content_of(std::string_view text) {
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    const char* closing = text.starts_with("//") ? "\n" : text.starts_with("/*") ? "*/" : nullptr;
    if (closing == nullptr) return text;
    text.remove_prefix(std::min(text.find(closing, 2), text.size()));
    if (text.starts_with("*/")) text.remove_prefix(2);
  }
}

bool looks_numeric(std::string_view word) { return word.find_first_not_of("0123456789.eE+-") == std::string_view::npos; }

std::string bytes_of(const std::string& file) {
  const auto refuse = [&](const std::string& why) { throw base::InvalidInput(file, {{"", why}}); };
  std::error_code failure;
  const auto status = std::filesystem::status(file, failure);
  if (std::filesystem::is_other(status)) refuse("is not a regular file");
  base::Result<std::string> text = base::read_file(file);
  if (!text.has_value()) refuse(text.error().message);
  return std::move(*text);
}

}  // namespace

base::Result<TraceFormat> parse_trace_format(std::string_view word) {
  for (const Codec& codec : kCodecs)
    if (word == codec.word) return codec.format;
  return base::error(fmt::format("\"{}\" is not a trace format; known: rehearsal, sabre, pensieve, mahimahi", word));
}

const char* to_text(TraceFormat format) { return codec_of(format).word; }

base::Result<TraceFormat> recognise(std::string_view text) {
  const std::string_view content = content_of(text);
  if (content.empty()) return base::error("is empty; a trace needs at least one step");
  if (content.front() == '{') return TraceFormat::kRehearsal;
  if (content.front() == '[') return TraceFormat::kSabre;
  std::string_view line = content.substr(0, content.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::vector<std::string_view> words = codecs::words_of(line);
  if (words.size() == 2 && looks_numeric(words[0]) && looks_numeric(words[1])) return TraceFormat::kPensieve;
  if (words.size() == 1 && looks_numeric(words[0])) return TraceFormat::kMahimahi;
  return base::error(
      fmt::format("{} begins none of the trace formats: a JSON object (rehearsal), a JSON array (sabre), two numbers per line "
                  "(pensieve), one whole number per line (mahimahi)",
                  codecs::quoted(line)));
}

Trace read_trace(std::string_view text, const std::string& name, TraceFormat format) { return codec_of(format).read(text, name); }

Trace read_trace_file(const std::string& file) {
  const std::string text = bytes_of(file);
  const base::Result<TraceFormat> format = recognise(text);
  if (!format.has_value()) throw base::InvalidInput(file, {{"", format.error().message}});
  return read_trace(text, file, *format);
}

std::string write_trace(const Trace& trace, TraceFormat format) { return codec_of(format).write(trace); }

}  // namespace netem
