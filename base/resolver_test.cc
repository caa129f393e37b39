#include "base/resolver.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace base {
namespace {

const auto kNever = [] { return false; };
const auto kAtOnce = [] { return true; };

TEST(Resolver, TakesDigitsWithoutANameServer) {
  const auto unused = [](const std::string&, int) -> Result<HostAddresses> { return error("asked"); };
  EXPECT_EQ(Resolver("127.0.0.1", 80, unused).resolve(kAtOnce)->front().host(), "127.0.0.1");
  EXPECT_EQ(Resolver("::1", 80, unused).resolve(kAtOnce)->front().host(), "::1");
}

TEST(Resolver, SaysAllAddressesOfAName) {
  const auto both = [](const std::string& host, int port) {
    EXPECT_EQ(host, "two.example");
    HostAddresses addresses = *look_up_host("::1", port);
    addresses.push_back(look_up_host("127.0.0.1", port)->front());
    return Result<HostAddresses>{addresses};
  };
  const auto found = Resolver("two.example", 80, both).resolve(kNever);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(found->back().host(), "127.0.0.1");
}

TEST(Resolver, SaysWhyThereIsNone) {
  const auto none = [](const std::string&, int) -> Result<HostAddresses> { return error("Name or service not known"); };
  EXPECT_EQ(Resolver("none.example", 80, none).resolve(kNever).error().message, "Name or service not known");
}

// A name server that answers when it is told to.
struct SlowServer {
  Resolver::LookUp look_up() {
    return [asked = asked, answer = answer.get_future().share()](const std::string&, int port) {
      ++*asked;
      answer.wait();
      return look_up_host("127.0.0.1", port);
    };
  }
  std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);
  std::promise<void> answer;
};

TEST(Resolver, IsNotHeldByANameServerThatDoesNotAnswer) {
  SlowServer server;
  Resolver resolver{"slow.example", 80, server.look_up()};
  for (int times = 0; times < 3; ++times) EXPECT_EQ(resolver.resolve(kAtOnce).error().message, "the name server does not answer") << times;
  server.answer.set_value();
  EXPECT_EQ(resolver.resolve(kNever)->front().host(), "127.0.0.1");
  EXPECT_EQ(*server.asked, 1) << "nobody asks again while the answer is awaited";
  EXPECT_TRUE(resolver.resolve(kNever).has_value());
  EXPECT_EQ(*server.asked, 2) << "an answer is good once";
}

TEST(Resolver, MayGoBeforeTheNameServerAnswers) {
  SlowServer server;
  EXPECT_TRUE(Resolver("slow.example", 80, server.look_up()).resolve(kAtOnce).has_error());
  server.answer.set_value();
}

}  // namespace
}  // namespace base
