// The lexical layer of playlists: lines (comments and blank ones dropped) and attribute lists. Private to media/; the views point
// into the playlist's text.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace media {

// A tag has a name ("EXTINF") and what follows its colon; a URI line has no name.
struct HlsLine {
  int number = 0;  // from 1
  std::string_view tag;
  std::string_view value;
};

class HlsLines {
 public:
  explicit HlsLines(std::string_view text);
  // The next tag or URI; nullopt at the end.
  std::optional<HlsLine> next();
  // What has not been taken yet.
  std::string_view rest() const { return rest_; }
  // Where that begins in the text.
  std::size_t offset() const { return size_ - rest_.size(); }
  // Where `part` of a line taken begins in the text.
  std::size_t offset_of(std::string_view part) const { return offset() - static_cast<std::size_t>(rest_.data() - part.data()); }
  // Of the last line taken.
  int number() const { return number_; }
  // Passes over so many lines. Requires: they end in a line break.
  void skip(std::string_view bytes, int lines) {
    rest_.remove_prefix(bytes.size());
    number_ += lines;
  }

 private:
  std::string_view take_line();
  std::size_t size_;
  std::string_view rest_;
  int number_ = 0;
};

class AttributeList {
 public:
  // NAME=value pairs; commas inside quotes belong to the value. The error names the attribute.
  static base::Result<AttributeList> parse(std::string_view text);

  std::optional<std::string_view> find(std::string_view name) const;
  // Empty when absent.
  std::string_view text(std::string_view name) const { return find(name).value_or(std::string_view{}); }
  bool is_yes(std::string_view name) const { return text(name) == "YES"; }

 private:
  std::vector<std::pair<std::string_view, std::string_view>> pairs_;
};

}  // namespace media
