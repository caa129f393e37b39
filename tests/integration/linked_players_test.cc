// Players behind links: libcurl's sockets are opened in the players' namespaces, each viewer has a source address of its own, and what
// lies outside the lab is reached through the relay. Needs network namespaces and /dev/net/tun; skipped with the reason where they are
// not to be had, except under CI.
#include <gtest/gtest.h>

#include <set>

#include "harness/transport/curl_transport.h"
#include "netem/links/link_lab.h"
#include "tests/contract/script_server.h"
#include "tests/contract/timeline_worlds.h"
#include "tests/integration/lab_privilege.h"

namespace {

using namespace std::chrono_literals;
using base::Bitrate;
using base::ViewerId;

struct Outcomes final : harness::TransferReceiver {
  void on_progress(harness::TransferId, const harness::TransferProgress&) override {}
  void on_outcome(harness::TransferId, harness::TransportOutcome&& outcome) override { all.push_back(std::move(outcome)); }
  std::vector<harness::TransportOutcome> all;
};

class LinkedPlayers : public integration::NeedsTun {
 protected:
  void lay_out(std::size_t shards) {
    lab_ = std::make_unique<netem::LinkLab>(netem::LinkLab::Options{.shards = shards});
    server_ = std::make_unique<contract::ScriptServer>(world_.io(), lab_->open_server_side_socket(AF_INET, SOCK_STREAM, 0));
    harness::CurlTransport::Options options;
    options.source_address = [this](ViewerId viewer) { return lab_->source_address(viewer); };
    options.sockets.open = [this](ViewerId viewer, int type, int protocol, sockaddr_storage& peer, socklen_t& length) {
      return lab_->open_socket(viewer, type, protocol, peer, length);
    };
    options.sockets.closing = [this](ViewerId, const harness::ConnectionFacts& facts) { facts_.push_back(facts); };
    transport_ = std::make_unique<harness::CurlTransport>(world_.io(), world_.timeline(), std::move(options));
  }
  void plug(std::uint32_t viewer, const netem::LinkSpec& link, std::size_t shard = 0) {
    lab_->plug({.viewer = ViewerId{viewer}, .shard = shard, .link = link, .origin = base::steady_now(), .seed = viewer});
  }
  void ask(std::uint32_t viewer, const std::string& url) {
    transport_->start({.viewer = ViewerId{viewer}, .url = url, .timeout = 60s, .keep_body = true}, outcomes_);
    ++asked_;
  }
  void all_answer() {
    ASSERT_TRUE(world_.run_until([this] { return outcomes_.all.size() == asked_; }, 90s)) << outcomes_.all.size() << " of " << asked_;
  }
  std::string at_server(const std::string& path) const { return "http://198.18.0.1:" + std::to_string(server_->port()) + path; }

  contract::SteadyWorld world_;
  std::unique_ptr<netem::LinkLab> lab_;
  std::unique_ptr<contract::ScriptServer> server_;
  std::vector<harness::ConnectionFacts> facts_;
  Outcomes outcomes_;
  std::size_t asked_ = 0;
  std::unique_ptr<harness::CurlTransport> transport_;
};

netem::LinkSpec link(Bitrate rate, base::Duration each_way) {
  return {.down = {.rate = rate, .delay = each_way}, .up = {.rate = rate, .delay = each_way}};
}

const std::vector<netem::LinkSpec>& four_networks() {
  static const std::vector<netem::LinkSpec> links{
      link(Bitrate::bits_per_second(300'000'000), 4ms), link(Bitrate::bits_per_second(16'000'000), 15ms),
      link(Bitrate::bits_per_second(30'000'000), 20ms), link(Bitrate::bits_per_second(1'000'000), 60ms)};
  return links;
}

TEST_F(LinkedPlayers, TwoThousandOnFourNetworksHaveTwoThousandAddressesAndConnections) {
  constexpr std::uint32_t kPlayers = 2000;
  lay_out(2);
  for (std::uint32_t i = 0; i < kPlayers; ++i) plug(i, four_networks()[i % 4], i % 2);
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t i = 0; i < kPlayers; ++i) ask(i, at_server("/ok"));
    all_answer();
  }
  for (const auto& outcome : outcomes_.all) ASSERT_EQ(outcome.body, "hello") << outcome.failure;
  const std::set<std::string> addresses{server_->sources().begin(), server_->sources().end()};
  EXPECT_EQ(addresses.size(), kPlayers);
  EXPECT_EQ(server_->accepted_connections(), kPlayers);
}

TEST_F(LinkedPlayers, TheKernelSeesTheRoundTripOfTheLink) {
  lay_out(1);
  plug(0, link(Bitrate::bits_per_second(20'000'000), 25ms));
  ask(0, at_server("/ok"));
  all_answer();
  transport_->leave(ViewerId{0});
  ASSERT_EQ(facts_.size(), 1u);
  EXPECT_GE(facts_[0].min_rtt, 50ms);
  EXPECT_LT(facts_[0].min_rtt, 60ms);
  ASSERT_TRUE(facts_[0].handshake);
  EXPECT_GE(*facts_[0].handshake, 50ms);
  EXPECT_LT(*facts_[0].handshake, 60ms);
}

TEST_F(LinkedPlayers, TheLinkCountsWhatCrossedIt) {
  lay_out(1);
  plug(0, link(Bitrate::bits_per_second(50'000'000), 5ms));
  ask(0, at_server("/bytes/500000"));
  all_answer();
  const netem::LinkReading reading = lab_->unplug(ViewerId{0});
  EXPECT_GE(reading.down.bytes_delivered.count(), 500'000);
  EXPECT_GE(reading.down.offered, 500'000u / 1448);
  EXPECT_EQ(reading.down.lost, 0u);
}

TEST_F(LinkedPlayers, ATargetOutsideIsReachedThroughTheRelay) {
  lay_out(1);
  contract::ScriptServer outside{world_.io()};
  plug(0, link(Bitrate::bits_per_second(20'000'000), 30ms));
  ask(0, "http://127.0.0.1:" + std::to_string(outside.port()) + "/bytes/300000");
  ask(0, "http://localhost:" + std::to_string(outside.port()) + "/ok");
  all_answer();
  for (const auto& outcome : outcomes_.all) {
    EXPECT_EQ(outcome.status, 200) << outcome.failure;
    EXPECT_GE(outcome.ttfb, 120ms);  // connection and request, 60 ms each
  }
  EXPECT_EQ(server_->accepted_connections(), 0u);
}

TEST_F(LinkedPlayers, ATargetThatIsNotThereIsARefusalOrAReset) {
  lay_out(1);
  std::uint16_t port = 0;
  {
    const contract::ScriptServer gone{world_.io()};
    port = gone.port();
  }
  plug(0, link(Bitrate::bits_per_second(20'000'000), 5ms));
  ask(0, "http://127.0.0.1:" + std::to_string(port) + "/ok");
  all_answer();
  EXPECT_TRUE(outcomes_.all[0].failure == "reset" || outcomes_.all[0].failure == "refused") << outcomes_.all[0].failure;
}

}  // namespace
