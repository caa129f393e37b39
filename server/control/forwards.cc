// Further destinations of live streams, over REST.
#include <fmt/format.h>

#include <algorithm>

#include "server/control/control_api.h"
#include "server/control/replies.h"
#include "server/control/stream_json.h"

namespace server {
namespace {

struct Place {
  std::string stream, destination;
};

// "NAME/DEST", as the route gives it.
Place place_of(const std::string& name) {
  const std::size_t slash = name.find('/');
  return {name.substr(0, slash), name.substr(slash + 1)};
}

const ForwardStatus* find_in(const StreamStatus& stream, const std::string& destination) {
  const auto at = std::ranges::find_if(stream.forward, [&](const ForwardStatus& each) { return each.spec.name == destination; });
  return at == stream.forward.end() ? nullptr : &*at;
}

}  // namespace

ControlReply ControlApi::add_forward(const ControlRequest& request, const std::string& name, base::UtcTime /*now*/) {
  const auto body = base::parse_json(request.body);
  if (!body.has_value()) return malformed_body(body.error().message);
  std::vector<base::Problem> problems;
  const ForwardSpec spec = read_forward_spec(base::JsonObject{*body, "", problems});
  if (!problems.empty()) return field_problems(problems);
  const auto before = streams_.find(name);
  if (!before) return no_such_stream(name);
  if (find_in(*before, spec.name) != nullptr)
    return problem_reply(409, "name-taken", fmt::format("The stream has a destination \"{}\" already", spec.name));
  if (const auto added = streams_.add_forward(name, spec); added.has_error()) return problem_reply(422, "forward", added.error().message);
  const auto after = streams_.find(name);
  const ForwardStatus* made = after ? find_in(*after, spec.name) : nullptr;
  return json_reply(201, to_json(made == nullptr ? ForwardStatus{.spec = spec} : *made));
}

ControlReply ControlApi::remove_forward(const ControlRequest& /*request*/, const std::string& name, base::UtcTime /*now*/) {
  const auto [stream, destination] = place_of(name);
  if (const auto status = streams_.find(stream); !status || find_in(*status, destination) == nullptr)
    return status ? no_such_destination(destination) : no_such_stream(stream);
  if (streams_.remove_forward(stream, destination).has_error()) return no_such_destination(destination);
  return {.status = 204, .content_type = ""};
}

ControlReply ControlApi::start_forward(const ControlRequest& /*request*/, const std::string& name, base::UtcTime /*now*/) {
  return run_forward(name, true);
}

ControlReply ControlApi::stop_forward(const ControlRequest& /*request*/, const std::string& name, base::UtcTime /*now*/) {
  return run_forward(name, false);
}

ControlReply ControlApi::run_forward(const std::string& name, bool run) {
  const auto [stream, destination] = place_of(name);
  if (const auto status = streams_.find(stream); !status || find_in(*status, destination) == nullptr)
    return status ? no_such_destination(destination) : no_such_stream(stream);
  if (streams_.run_forward(stream, destination, run).has_error()) return no_such_destination(destination);
  return {.status = 202, .content_type = ""};
}

}  // namespace server
