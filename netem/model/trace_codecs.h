// One reader and one writer per trace format, and what they share. Used by trace_formats.cc only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.h"
#include "netem/model/trace.h"

namespace netem::codecs {

// Readers throw base::InvalidInput(name, …).
Trace read_rehearsal(std::string_view text, const std::string& name);
Trace read_sabre(std::string_view text, const std::string& name);
Trace read_pensieve(std::string_view text, const std::string& name);
Trace read_mahimahi(std::string_view text, const std::string& name);
std::string write_rehearsal(const Trace& trace);
std::string write_sabre(const Trace& trace);
std::string write_pensieve(const Trace& trace);
std::string write_mahimahi(const Trace& trace);

constexpr std::size_t kMostProblems = 20;  // a file in the wrong unit has one per line

// "dir/lte.json" -> "lte".
std::string trace_name(const std::string& name);
// Throws every fault of the trace; `place_of` turns a path ("steps[3].rate", "steps") into one of the file's own.
void check(const Trace& trace, const std::string& name, const std::function<std::string(const std::string& path)>& place_of);

// The lines of a text, without their ends (LF or CR LF).
std::vector<std::string_view> lines_of(std::string_view text);
// The words of a line, between spaces and tabs.
std::vector<std::string_view> words_of(std::string_view line);
// For messages: quoted, the unprintable escaped, cut after 24 characters.
std::string quoted(std::string_view text);

}  // namespace netem::codecs
