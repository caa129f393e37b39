#include "harness/run/video_cache.h"

#include <cstdlib>
#include <filesystem>

#include "base/errors.h"
#include "generators/video/video.h"

namespace harness {
namespace {

namespace fs = std::filesystem;

// Part of the file name: raise it when the generator's pictures change.
constexpr const char* kGeneration = "1";

fs::path cache_directory() {
  const auto from = [](const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string{value};
  };
  if (const std::string xdg = from("XDG_CACHE_HOME"); !xdg.empty()) return fs::path{xdg} / "rehearsal" / "video";
  if (const std::string home = from("HOME"); !home.empty()) return fs::path{home} / ".cache" / "rehearsal" / "video";
  return fs::temp_directory_path() / "rehearsal" / "video";
}

}  // namespace

std::string video_file(const std::string& name, const std::string& scenario_file, const std::function<bool(double)>& progress) {
  for (const fs::path& path : {fs::path{name}, fs::path{scenario_file}.parent_path() / name})
    if (fs::is_regular_file(path)) return path.string();
  base::Result<generators::VideoSpec> spec = generators::parse_video_name(name);
  if (!spec.has_value()) throw base::InvalidInput(scenario_file, {{"content.video", spec.error().message}});
  const fs::path directory = cache_directory();
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure)
    throw base::RunFailed("create " + directory.string() + ": " + failure.message() + "; set XDG_CACHE_HOME to a writable directory");
  spec->file = (directory / (name + "-" + kGeneration + ".mp4")).string();
  if (!fs::exists(spec->file)) generators::generate_video(*spec, progress);
  return spec->file;
}

std::string video_name_flaw(std::string_view name) {
  const auto spec = generators::parse_video_name(name);
  return spec.has_error() ? spec.error().message : std::string{};
}

}  // namespace harness
