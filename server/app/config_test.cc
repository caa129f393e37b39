#include "server/app/config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "server/app/descriptor_limit.h"
#include "server/app/ready_file.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

Config config_of(const std::string& text) { return read_config(base::parse_json(text).value(), "server.json"); }

std::vector<std::string> paths_of_problems(const std::string& text) {
  try {
    config_of(text);
  } catch (const base::InvalidInput& failure) {
    std::vector<std::string> paths;
    for (const base::Problem& problem : failure.problems()) paths.push_back(problem.path);
    return paths;
  }
  return {};
}

TEST(Config, HasDefaultsForEverything) {
  const Config config = config_of("{}");
  EXPECT_EQ(config.media.port, 8080);
  EXPECT_EQ(config.control.port, 8081);
  EXPECT_EQ(config.metrics.port, 8082);
  EXPECT_EQ(config.srt.port, 8890);
  EXPECT_FALSE(config.rtmp.has_value());
  EXPECT_FALSE(config.http.has_value());
  EXPECT_EQ(config.access.lifetime, 60s);
  EXPECT_TRUE(config.streams.empty());
}

TEST(Config, ReadsEveryField) {
  const Config config = config_of(
      R"({"media":{"listen":"0.0.0.0:1","threads":4,"connections":9,"idle_timeout":"5s","header_timeout":"2s","write_timeout":"3s"},
    "control":{"listen":"127.0.0.1:2","threads":3,"api_key":"12345678","open_tokens":true},"metrics":{"listen":"[::1]:3"},"srt":{"listen":":4"},"rtmp":{"listen":"[::1]:5"},"http":{"listen":":6"},
    "access":{"secret":"0123456789012345678901234567890x","token_lifetime":"30s","refresh_lifetime":"1h",
    "accounts":[{"user":"ann","password":"sesame","streams":["main"]},{"user":"bob","password":"open"}]},
    "embed":{"origins":["https://news.example","http://[::1]:8000"]},"audit_log":"a.ndjson",
    "streams":[{"name":"main","kind":"live","source":{"srt":{"publish_key":"k"}},"access":"token","ladder":[{"height":720,"bitrate":"2.5mbit"}]}]})");
  EXPECT_EQ(config.media.host, "0.0.0.0");
  EXPECT_EQ(config.media.threads, 4);
  EXPECT_EQ(config.media.write_timeout, 3s);
  EXPECT_EQ(config.metrics.host, "::1");
  EXPECT_EQ(config.srt.host, "0.0.0.0");
  EXPECT_EQ(config.rtmp->host, "::1");
  EXPECT_EQ(config.rtmp->port, 5);
  EXPECT_EQ(config.http->host, "0.0.0.0");
  EXPECT_EQ(config.http->port, 6);
  EXPECT_TRUE(config.open_tokens);
  EXPECT_EQ(config.access.lifetime, 30s);
  EXPECT_EQ(config.accounts.at(0).streams, std::vector<std::string>{"main"});
  EXPECT_EQ(config.accounts.at(1).streams, std::vector<std::string>{"*"});
  EXPECT_EQ(config.embed_origins, (EmbedOrigins{"https://news.example", "http://[::1]:8000"}));
  EXPECT_EQ(config.streams.at(0).source.publish_key, "k");
}

TEST(Config, ListensForRtmpWhereItIsNamed) {
  const Config config = config_of(R"({"rtmp":{}})");
  EXPECT_EQ(config.rtmp->host, "127.0.0.1");
  EXPECT_EQ(config.rtmp->port, 1935);
  EXPECT_THAT(paths_of_problems(R"({"rtmp":{"listen":"here","app":"live"}})"), UnorderedElementsAre("rtmp.listen", "rtmp.app"));
}

TEST(Config, ListensForContributionsOverHttpWhereItIsNamed) {
  const Config config = config_of(R"({"http":{}})");
  EXPECT_EQ(config.http->host, "127.0.0.1");
  EXPECT_EQ(config.http->port, 8891);
  EXPECT_THAT(paths_of_problems(R"({"http":{"listen":"here","tls":true}})"), UnorderedElementsAre("http.listen", "http.tls"));
}

TEST(Config, ListsEveryProblemWithItsPath) {
  EXPECT_THAT(
      paths_of_problems(
          R"({"media":{"listen":"here","threads":0,"write_timeout":"0s"},"control":{"api_key":"short"},"access":{"secret":"short","token_lifetime":"0s"},
    "streams":[{"name":"A"},{"name":"ok"},{"name":"ok"}],"colour":"red"})"),
      UnorderedElementsAre("media.listen", "media.threads", "media.write_timeout", "control.api_key", "access.secret",
                           "access.token_lifetime", "streams[0].name", "streams[2].name", "colour"));
}

TEST(Config, RefusesAccountsThatCannotSignIn) {
  EXPECT_THAT(paths_of_problems(R"({"access":{"accounts":[{"user":"","password":""},{"user":"a"},{"user":"b","password":"x"},
    {"user":"b","password":"y","streams":"main"},{"user":"b/c","password":"z"}]}})"),
              UnorderedElementsAre("access.accounts[0].user", "access.accounts[0].password", "access.accounts[1].password",
                                   "access.accounts[3].user", "access.accounts[3].streams", "access.accounts[4].user"));
}

TEST(Config, TakesNoPasswordThatCannotBeSent) {
  const auto account = [](std::size_t length) {
    return R"({"access":{"accounts":[{"user":"a","password":")" + std::string(length, 'x') + R"("}]}})";
  };
  EXPECT_THAT(paths_of_problems(account(128)), testing::IsEmpty());
  EXPECT_THAT(paths_of_problems(account(129)), UnorderedElementsAre("access.accounts[0].password"));
}

TEST(Config, ReadsWhereViewersFindMedia) {
  EXPECT_EQ(config_of("{}").public_url, "");
  EXPECT_EQ(config_of(R"({"media":{"public_url":"https://live.example"}})").public_url, "https://live.example");
  for (const char* bad : {"", "*", "live.example", "https://live.example/", "https://live.example/watch"})
    EXPECT_THAT(paths_of_problems(std::string{R"({"media":{"public_url":")"} + bad + "\"}}"), UnorderedElementsAre("media.public_url"))
        << bad;
}

TEST(DescriptorLimit, IsRaisedAsFarAsItMay) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit low{.rlim_cur = before.rlim_max - 1, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &low);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
  rlimit after{};
  getrlimit(RLIMIT_NOFILE, &after);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST(Config, RefusesWhatIsNoOrigin) {
  for (const char* bad :
       {"news.example", "https://", "https://news.example/", "https://News.example", "https://a b", "ftp://a", "'self'", "null", ""})
    EXPECT_THAT(paths_of_problems(std::string{R"({"embed":{"origins":[")"} + bad + "\"]}}"), UnorderedElementsAre("embed.origins[0]"))
        << bad;
}

TEST(Config, RefusesTwoSecrets) {
  EXPECT_THAT(paths_of_problems(R"({"access":{"secret":"0123456789012345678901234567890x","secret_file":"/nonexistent"}})"),
              UnorderedElementsAre("access.secret_file", "access.secret_file"));
}

TEST(Config, SaysWhyASecretFileCannotBeRead) {
  const std::pair<const char*, const char*> rows[] = {{"/tmp", "is a directory"}, {"/nonexistent", "cannot be read: No such file"}};
  for (const auto& [file, reason] : rows) {
    try {
      config_of(fmt::format(R"({{"access":{{"secret_file":"{}"}}}})", file));
      FAIL() << file;
    } catch (const base::InvalidInput& refusal) {
      EXPECT_THAT(refusal.what(), HasSubstr(fmt::format("access.secret_file: \"{}\" {}", file, reason)));
    }
  }
}

TEST(Config, NamesAFileThatIsNotThere) { EXPECT_THROW(load_config("/nonexistent/server.json"), base::InvalidInput); }

TEST(Config, ReadsAddresses) {
  EXPECT_EQ(parse_address("localhost:80")->host, "127.0.0.1");
  EXPECT_EQ(parse_address("[::1]:80")->host, "::1");
  for (const char* bad : {"", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:80", "host.example:80",
                          "127.0.0.1:-1", "999.1.1.1:0", "1.2.3:80", "[1::2::3]:80"})
    EXPECT_FALSE(parse_address(bad).has_value()) << bad;
}

TEST(ReadyFile, IsWrittenWhole) {
  const auto file = std::filesystem::path{testing::TempDir()} / ("ready-" + std::to_string(getpid()) + ".json");
  write_ready_file(file, {.media = url_of("0.0.0.0", 1),
                          .control = url_of("::1", 2),
                          .metrics = url_of("127.0.0.1", 3),
                          .srt_port = 4,
                          .rtmp_port = {},
                          .http_port = {},
                          .pid = 5});
  const base::Json json = base::read_json_file(file);
  std::filesystem::remove(file);
  EXPECT_EQ(json["media"], "http://127.0.0.1:1");
  EXPECT_EQ(json["control"], "http://[::1]:2");
  EXPECT_EQ(json["srt_port"], 4);
  EXPECT_FALSE(json.contains("rtmp_port"));
  EXPECT_FALSE(json.contains("http_port"));
}

TEST(ReadyFile, NamesFurtherPortsWhereThereAreSome) {
  EXPECT_EQ(base::parse_json(to_json_text({.rtmp_port = 1935})).value()["rtmp_port"], 1935);
  EXPECT_EQ(base::parse_json(to_json_text({.http_port = 8891})).value()["http_port"], 8891);
}

TEST(ReadyFile, IsThereOnlyWhileTheServerIsReady) {
  const std::string file = testing::TempDir() + "ready-of-a-run-" + std::to_string(getpid()) + ".json";
  write_ready_file(file, {.pid = 1});
  {
    ReadyFile ready{file};
    EXPECT_FALSE(std::filesystem::exists(file)) << "an earlier run's";
    ready.write({.pid = 2});
    EXPECT_EQ(base::read_json_file(file)["pid"], 2);
  }
  EXPECT_FALSE(std::filesystem::exists(file));
  ReadyFile none{""};
  none.write({});
}

TEST(ReadyFile, LeavesThatOfAnotherServer) {
  const std::string file = testing::TempDir() + "ready-of-two-" + std::to_string(getpid()) + ".json";
  const pid_t other = fork();
  if (other == 0) {
    pause();
    _exit(0);
  }
  write_ready_file(file, {.pid = other});
  ReadyFile ready{file};
  EXPECT_EQ(base::read_json_file(file)["pid"], other) << "that may go on, where this one does not begin";
  ready.write({.pid = 2});
  write_ready_file(file, {.pid = other});
  ready.take_away();
  EXPECT_TRUE(std::filesystem::exists(file)) << "of one that came later";
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  ReadyFile next{file};
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST(ReadyFile, NamesTheFileItCannotTakeAway) { EXPECT_THROW(ReadyFile{testing::TempDir()}, base::RunFailed); }

TEST(ReadyFile, NamesTheFileItCannotWrite) {
  try {
    write_ready_file("/nonexistent/ready.json", {});
    FAIL() << "written into nowhere";
  } catch (const base::RunFailed& failure) {
    EXPECT_THAT(failure.what(), HasSubstr("/nonexistent/ready.json"));
  }
}

}  // namespace
}  // namespace server
