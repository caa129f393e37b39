// SizedAnswers: a server that answers with as many bytes as a URL's last part says.
#pragma once

#include <string>

#include "harness/transport/model_transport.h"

namespace fidelity {

struct SizedAnswers final : harness::ModelServer {
  harness::ModelReply reply(base::Instant, const harness::TransportRequest& request) override {
    return {.bytes = base::ByteCount::bytes(std::stoll(request.url->substr(request.url->rfind('/') + 1)))};
  }
};

}  // namespace fidelity
