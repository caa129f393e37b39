#include "reports/formats/html/parts.h"

#include <fmt/format.h>

#include "reports/formats/words/escape.h"

namespace reports::html {
namespace {

std::string class_attribute(std::string_view css_class) { return css_class.empty() ? "" : fmt::format(" class=\"{}\"", css_class); }

}  // namespace

Table::Table(std::string_view caption, const std::vector<std::string>& columns, std::string_view css_class) : caption_{markup(caption)} {
  open_ = fmt::format("<table{}><caption>{}</caption>\n<thead><tr>", class_attribute(css_class), caption_);
  for (const std::string& column : columns) open_ += fmt::format("<th scope=\"col\">{}</th>", markup(column));
  open_ += "</tr></thead>\n<tbody>\n";
}

void Table::add(const std::string& head_html, const std::vector<std::string>& cells) {
  std::vector<std::string> escaped;
  for (const std::string& cell : cells) escaped.push_back(markup(cell));
  add_html(head_html, escaped);
}

void Table::add_html(const std::string& head_html, const std::vector<std::string>& cells_html, std::string_view css_class) {
  rows_ += fmt::format("<tr{}><th scope=\"row\">{}</th>", class_attribute(css_class), head_html);
  for (const std::string& cell : cells_html) rows_ += fmt::format("<td>{}</td>", cell);
  rows_ += "</tr>\n";
}

std::string Table::html() const {
  return fmt::format("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n{}{}</tbody></table>\n</div>\n", caption_,
                     open_, rows_);
}

std::string section(std::string_view id, std::string_view title, const std::string& content_html) {
  return fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n{2}</section>\n", id,
                     markup(title), content_html);
}

std::string foldable(std::string_view summary, const std::string& content_html) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", markup(summary), content_html);
}

std::string paragraph(std::string_view text, std::string_view css_class) {
  return fmt::format("<p{}>{}</p>\n", class_attribute(css_class), markup(text));
}

std::string list(const std::vector<std::string>& texts) {
  std::string items;
  for (const std::string& text : texts) items += fmt::format("<li>{}</li>\n", markup(text));
  return "<ul>\n" + items + "</ul>\n";
}

std::string facts(const std::vector<Fact>& facts) {
  std::string items;
  for (const Fact& fact : facts)
    if (!fact.text.empty()) items += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", markup(fact.term), markup(fact.text));
  return "<dl class=\"facts\">\n" + items + "</dl>\n";
}

std::string figure_html(const PlotFigure& plot) {
  return fmt::format(
      "<figure><h3 id=\"{0}-title\">{1}</h3>\n"
      "<div class=\"plot\" id=\"{0}\" role=\"img\" tabindex=\"0\" aria-labelledby=\"{0}-title\" aria-describedby=\"{0}-words\"></div>\n"
      "<figcaption id=\"{0}-words\">{2}</figcaption>\n{3}</figure>\n",
      plot.id, markup(plot.title), markup(plot.sentence), foldable("As a table", plot.table_html));
}

}  // namespace reports::html
