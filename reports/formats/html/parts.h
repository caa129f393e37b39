// Small pieces of HTML. Everything named `html` is markup already; everything else is text and gets escaped here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reports::html {

// A table in a frame that scrolls sideways on narrow screens; the first column heads the rows.
class Table {
 public:
  Table(std::string_view caption, const std::vector<std::string>& columns, std::string_view css_class = "");
  // `head_html`, then one text per further column.
  void add(const std::string& head_html, const std::vector<std::string>& cells);
  // `css_class` marks the row ("failed").
  void add_html(const std::string& head_html, const std::vector<std::string>& cells_html, std::string_view css_class = "");
  std::string html() const;

 private:
  std::string caption_, open_, rows_;
};

// <section> with a heading that can be linked to.
std::string section(std::string_view id, std::string_view title, const std::string& content_html);
// Closed at first; `summary` is its line.
std::string foldable(std::string_view summary, const std::string& content_html);
std::string paragraph(std::string_view text, std::string_view css_class = "");
std::string list(const std::vector<std::string>& texts);
// Term and text, side by side where there is room.
struct Fact {
  std::string term, text;
};
std::string facts(const std::vector<Fact>& facts);

// The place of a plot that report.js draws, with what says the same without it.
struct PlotFigure {
  std::string_view id, title;
  std::string sentence;  // what one sees, in words
  std::string table_html;
};
std::string figure_html(const PlotFigure& plot);

}  // namespace reports::html
