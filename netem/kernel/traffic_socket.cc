#include "netem/kernel/traffic_socket.h"

#include <fmt/format.h>
#include <linux/gen_stats.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <sys/socket.h>

#include <cstring>

#include "base/errors.h"

namespace netem {

// What came back for one request.
struct TrafficSocket::Answer {
  QueueStatistics statistics{};
  std::string words{};  // of the kernel's refusal ("Specified qdisc kind is unknown"); may be empty
  bool is_complete = false;
};

namespace {

template <class Value>
Value value_of(const nlattr* attribute) {
  Value out{};
  std::memcpy(&out, nla_data(attribute), std::min(sizeof out, static_cast<std::size_t>(nla_len(attribute))));
  return out;
}

// TCA_STATS2 of linux/gen_stats.h.
QueueStatistics statistics_in(nlmsghdr* header) {
  QueueStatistics out;
  nlattr* attributes[TCA_MAX + 1];
  nlattr* stats[TCA_STATS_MAX + 1];
  if (nlmsg_parse(header, sizeof(tcmsg), attributes, TCA_MAX, nullptr) < 0 || attributes[TCA_STATS2] == nullptr) return out;
  if (nla_parse_nested(stats, TCA_STATS_MAX, attributes[TCA_STATS2], nullptr) < 0) return out;
  if (stats[TCA_STATS_BASIC] != nullptr) {
    const auto basic = value_of<gnet_stats_basic>(stats[TCA_STATS_BASIC]);
    out.packets = basic.packets;
    out.bytes = basic.bytes;
  }
  if (stats[TCA_STATS_PKT64] != nullptr) out.packets = value_of<std::uint64_t>(stats[TCA_STATS_PKT64]);
  if (stats[TCA_STATS_QUEUE] != nullptr) {
    const auto queue = value_of<gnet_stats_queue>(stats[TCA_STATS_QUEUE]);
    out.dropped = queue.drops;
    out.waiting = queue.qlen;
    out.waiting_bytes = queue.backlog;
  }
  return out;
}

// The attribute NLMSGERR_ATTR_MSG behind an error, which is there since NETLINK_EXT_ACK was asked for.
std::string words_in(nlmsgerr* error) {
  auto* header = reinterpret_cast<nlmsghdr*>(error) - 1;
  if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0) return {};
  const bool is_capped = (header->nlmsg_flags & NLM_F_CAPPED) != 0;
  const std::size_t skipped = sizeof *error + (is_capped ? 0 : NLMSG_ALIGN(error->msg.nlmsg_len) - sizeof error->msg);
  nlattr* attributes[NLMSGERR_ATTR_MAX + 1];
  if (nlmsg_parse(header, static_cast<int>(skipped), attributes, NLMSGERR_ATTR_MAX, nullptr) < 0) return {};
  const nlattr* words = attributes[NLMSGERR_ATTR_MSG];
  return words == nullptr ? std::string{} : std::string{static_cast<const char*>(nla_data(words))};
}

int on_error(sockaddr_nl*, nlmsgerr* error, void* words) {
  *static_cast<std::string*>(words) = words_in(error);
  return -nl_syserr2nlerr(error->error);
}

int on_answer(nl_msg* message, void* statistics) {
  *static_cast<QueueStatistics*>(statistics) = statistics_in(nlmsg_hdr(message));
  return NL_OK;
}

int on_consent(nl_msg*, void* is_complete) {
  *static_cast<bool*>(is_complete) = true;
  return NL_STOP;
}

}  // namespace

TrafficSocket::TrafficSocket(NetworkNamespace& space) : space_{space} { reopen(); }
TrafficSocket::~TrafficSocket() = default;

void TrafficSocket::reopen() {
  socket_ = space_.run([this] { return std::make_unique<RouteSocket>(space_.name()); });
  const int yes = 1;
  setsockopt(nl_socket_get_fd(socket_->handle()), SOL_NETLINK, NETLINK_EXT_ACK, &yes, sizeof yes);
}

void TrafficSocket::exchange(const TrafficMessage& message, const std::string& attempt, Answer& answer) {
  nl_sock* socket = socket_->handle();
  nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, on_answer, &answer.statistics);
  nl_socket_modify_cb(socket, NL_CB_ACK, NL_CB_CUSTOM, on_consent, &answer.is_complete);
  nl_socket_modify_err_cb(socket, NL_CB_CUSTOM, on_error, &answer.words);
  int result = nl_send_auto(socket, message.get());  // asks for an acknowledgement, which comes last
  while (result >= 0 && !answer.is_complete) result = nl_recvmsgs_default(socket);
  if (result >= 0) return;
  reopen();
  throw base::RunFailed(
      fmt::format("{} in namespace {}: {}", attempt, space_.name(), answer.words.empty() ? nl_geterror(result) : answer.words));
}

void TrafficSocket::send(const TrafficMessage& message, const std::string& attempt) {
  Answer answer;
  exchange(message, attempt, answer);
}

QueueStatistics TrafficSocket::statistics(const TrafficPlace& place, const std::string& attempt) {
  const TrafficMessage message{RTM_GETQDISC, NLM_F_ECHO, place};  // without echo the answer goes to the subscribers only
  Answer answer;
  exchange(message, attempt, answer);
  return answer.statistics;
}

}  // namespace netem
