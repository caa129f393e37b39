// Text that others chose (scenario names, URLs, failures) made safe for XML, HTML, JSON inside HTML and a terminal. Pure; input may
// be any bytes, output is valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace reports {

// Invalid UTF-8 becomes U+FFFD; control characters but tab and newline, and the two code points that XML forbids, are left out.
std::string clean_utf8(std::string_view text);
// clean_utf8, then < > & " ' as entities: right for element text and quoted attributes of XML and HTML.
std::string markup(std::string_view text);
// JSON that may stand inside a <script> element: < and > as escapes.
std::string json_in_html(std::string json);
// One line of clean text for a terminal: no control characters, so no escape sequences either.
std::string one_line(std::string_view text);
// Columns that clean UTF-8 takes, one per code point.
std::size_t width(std::string_view text);
// At most `columns` wide, with … at the end when something was cut.
std::string shortened(std::string_view text, std::size_t columns);

}  // namespace reports
