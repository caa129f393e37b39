#include "generators/video/video.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/errors.h"
#include "generators/video/reencode_for_test.h"

namespace generators {
namespace {

using namespace std::chrono_literals;

std::string bytes_of(const std::string& file) {
  std::ostringstream all;
  all << std::ifstream{file, std::ios::binary}.rdbuf();
  return all.str();
}

bool exists(const std::string& file) { return std::ifstream{file}.good(); }

// It and those beside it whose names begin with its name.
int files_of(const ScratchFile& file) {
  const std::filesystem::path path{file.path()};
  int count = 0;
  for (const auto& each : std::filesystem::directory_iterator{path.parent_path()})
    count += each.path().filename().string().starts_with(path.filename().string()) ? 1 : 0;
  return count;
}

VideoSpec small(Pattern pattern, const ScratchFile& file) {
  return {.pattern = pattern, .width = 320, .height = 180, .fps = 30, .duration = 2s, .bitrate = {}, .file = file.path()};
}

std::string failure_of(const VideoSpec& spec) {
  try {
    generate_video(spec, {});
  } catch (const std::runtime_error& failure) {
    return failure.what();
  }
  return "";
}

TEST(VideoName, GivesPatternSizeAndRate) {
  const auto spec = parse_video_name("sports-720p30");
  ASSERT_TRUE(spec.has_value());
  EXPECT_EQ(*spec,
            (VideoSpec{.pattern = Pattern::kSports, .width = 1280, .height = 720, .fps = 30, .duration = 60s, .bitrate = {}, .file = ""}));
}

TEST(VideoName, WidthIsSixteenToNineAndEven) {
  for (const auto& [name, width] :
       {std::pair{"talk-1080p60", 1920}, {"talk-480p25", 854}, {"talk-240p30", 426}, {"talk-360p30", 640}, {"noise-2160p24", 3840}})
    EXPECT_EQ(parse_video_name(name)->width, width) << name;
}

TEST(VideoName, OthersAreRefusedWithTheForm) {
  for (const char* name :
       {"", "sports", "sports-", "sports-720", "sports-720p", "sports-p30", "sports-720p30x", "film-720p30", "sports-721p30",
        "sports-100p30", "sports-4320p30", "sports-720p0", "sports-720p240", "sports--720p30", "sports-99999999999p30", "SPORTS-720p30"})
    EXPECT_TRUE(parse_video_name(name).has_error()) << name;
  EXPECT_NE(parse_video_name("film-720p30").error().message.find("slides, talk, sports"), std::string::npos);
  EXPECT_NE(parse_video_name("sports720").error().message.find("PATTERN-HEIGHTpFPS"), std::string::npos);
}

TEST(PatternName, IsTheInverseOfItsText) {
  for (const Pattern pattern : {Pattern::kSlides, Pattern::kTalk, Pattern::kSports, Pattern::kNoise})
    EXPECT_EQ(parse_pattern(to_text(pattern)).value(), pattern);
}

TEST(GenerateVideo, SameSpecificationGivesTheSameBytes) {
  for (const Pattern pattern : {Pattern::kSlides, Pattern::kTalk, Pattern::kSports, Pattern::kNoise}) {
    const ScratchFile first{"first"}, second{"second"};
    generate_video(small(pattern, first), {});
    generate_video(small(pattern, second), {});
    EXPECT_GT(bytes_of(first.path()).size(), 10'000u);
    EXPECT_TRUE(bytes_of(first.path()) == bytes_of(second.path())) << to_text(pattern);
  }
}

TEST(GenerateVideo, SeedChangesTheContent) {
  const ScratchFile first{"first"}, second{"second"};
  VideoSpec spec = small(Pattern::kTalk, first);
  generate_video(spec, {});
  spec.seed = 2;
  spec.file = second.path();
  generate_video(spec, {});
  EXPECT_FALSE(bytes_of(first.path()) == bytes_of(second.path()));
}

TEST(GenerateVideo, KeyFramesComeEachSecondAndNowhereElse) {
  const ScratchFile file{"keys"};
  VideoSpec spec = small(Pattern::kNoise, file);
  spec.fps = 25;
  generate_video(spec, {});
  int frames = 0;
  for_each_frame(file.path(), AVMEDIA_TYPE_VIDEO, [&frames](const AVFrame& frame) {
    EXPECT_EQ(frame.pts, frames * 40'000);
    EXPECT_EQ(frame.key_frame != 0, frames % 25 == 0);
    EXPECT_EQ(frame.pict_type == AV_PICTURE_TYPE_I, frames % 25 == 0);
    ++frames;
  });
  EXPECT_EQ(frames, 50);
}

std::int64_t bytes_at_equal_quality(Pattern pattern) {
  const ScratchFile file{to_text(pattern)};
  VideoSpec spec{.pattern = pattern,
                 .width = 426,
                 .height = 240,
                 .duration = 2s,
                 .bitrate = base::Bitrate::bits_per_second(20'000'000),
                 .file = file.path()};
  generate_video(spec, {});
  Reencoder reencoder{{.width = 426, .height = 240, .bitrate = 0}};
  for_each_frame(file.path(), AVMEDIA_TYPE_VIDEO, [&](const AVFrame& frame) { reencoder.add(frame, [](const AVFrame&) {}); });
  reencoder.finish([](const AVFrame&) {});
  std::printf("%s: %lld kbit/s at equal quality\n", to_text(pattern), static_cast<long long>(reencoder.bytes() * 8 / 2000));
  return reencoder.bytes();
}

TEST(GenerateVideo, PatternsDifferClearlyInComplexity) {
  const std::int64_t slides = bytes_at_equal_quality(Pattern::kSlides), talk = bytes_at_equal_quality(Pattern::kTalk);
  const std::int64_t sports = bytes_at_equal_quality(Pattern::kSports), noise = bytes_at_equal_quality(Pattern::kNoise);
  EXPECT_GT(talk * 10, slides * 12);
  EXPECT_GT(sports, talk * 2);
  EXPECT_GT(noise, sports * 3);
}

TEST(GenerateVideo, ProgressGrowsToOne) {
  const ScratchFile file{"progress"};
  std::vector<double> shares;
  generate_video(small(Pattern::kTalk, file), [&shares](double share) { return shares.push_back(share), true; });
  ASSERT_GE(shares.size(), 2u);
  EXPECT_TRUE(std::is_sorted(shares.begin(), shares.end()));
  EXPECT_EQ(shares.front(), 0);
  EXPECT_EQ(shares.back(), 1);
}

TEST(GenerateVideo, CancellingLeavesNothingBehind) {
  const ScratchFile file{"cancelled"};
  EXPECT_THROW(generate_video(small(Pattern::kTalk, file), [](double) { return false; }), base::Interrupted);
  EXPECT_EQ(files_of(file), 0);
}

TEST(GenerateVideo, TwoThatMakeTheSameFileAtOnceBothSucceed) {
  const ScratchFile file{"twice"};
  const VideoSpec spec = small(Pattern::kTalk, file);
  bool is_second = false;
  std::string before;
  generate_video(spec, [&](double share) {
    if (share == 0 && !std::exchange(is_second, true)) {
      generate_video(spec, {});
      before = bytes_of(file.path());
    }
    return true;
  });
  EXPECT_FALSE(before.empty());
  EXPECT_EQ(bytes_of(file.path()), before);
  EXPECT_EQ(files_of(file), 1);
}

TEST(GenerateVideo, TakesAwayWhatAKilledOneLeft) {
  const ScratchFile file{"killed"};
  const std::string left = file.path() + ".1.part", written = file.path() + ".2.part", other = file.path() + "er.1.part";
  for (const std::string& part : {left, written, other}) std::ofstream{part} << 'x';
  for (const std::string& part : {left, other})
    std::filesystem::last_write_time(part, std::filesystem::file_time_type::clock::now() - std::chrono::hours{2});
  generate_video(small(Pattern::kTalk, file), {});
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_TRUE(std::filesystem::exists(written)) << "somebody may be at it";
  EXPECT_TRUE(std::filesystem::exists(other)) << "of another video";
  for (const std::string& part : {written, other}) std::filesystem::remove(part);
}

TEST(GenerateVideo, FolderThatDoesNotExistIsNamed) {
  const ScratchFile file{"unused"};
  VideoSpec spec = small(Pattern::kTalk, file);
  spec.file = "/nowhere/video.mp4";
  EXPECT_EQ(failure_of(spec), "/nowhere/video.mp4: cannot open the file: No such file or directory");
}

TEST(GenerateVideo, SpecificationsThatCannotBeMadeSayWhy) {
  const ScratchFile file{"unmade"};
  VideoSpec odd = small(Pattern::kTalk, file), tiny = odd, fast = odd, empty = odd;
  odd.width = 321;
  tiny.width = 158;
  fast.fps = 121;
  empty.duration = 0s;
  EXPECT_NE(failure_of(odd).find("the size 321x180 is odd"), std::string::npos);
  EXPECT_NE(failure_of(tiny).find("158x180 is not between 160x120 and 3840x2160"), std::string::npos);
  EXPECT_NE(failure_of(fast).find("121 frames per second"), std::string::npos);
  EXPECT_NE(failure_of(empty).find("duration"), std::string::npos);
  EXPECT_FALSE(exists(file.path()));
}

// The largest file this process may write, until the end of the scope: the nearest thing to a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(GenerateVideo, FullDiskIsReportedAndLeavesNothingBehind) {
  const ScratchFile file{"full"};
  std::string failure;
  {
    const FileSizeLimit limit{100'000};
    failure = failure_of(small(Pattern::kNoise, file));
  }
  EXPECT_EQ(failure, file.path() + ": cannot write: File too large");
  EXPECT_EQ(files_of(file), 0);
}

}  // namespace
}  // namespace generators
