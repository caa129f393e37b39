// For tests of readers: a file that holds `text` while it is read, and what a reader refuses it for.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/errors.h"

namespace fidelity {

// What `reader(FILE)` makes of a file NAME-PID.json.
template <class Reader>
auto read_text(const std::string& name, const std::string& text, const Reader& reader) {
  const std::string file = testing::TempDir() + name + "-" + std::to_string(getpid()) + ".json";
  std::ofstream{file} << text;
  struct Removed {
    std::string file;
    ~Removed() { std::filesystem::remove(file); }
  } const removed{file};
  return reader(file);
}

// Why `read()` refuses; "accepted": it does not.
template <class Read>
std::string refusal_of(const Read& read) {
  try {
    read();
  } catch (const base::InvalidInput& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace fidelity
