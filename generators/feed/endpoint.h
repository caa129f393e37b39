// Endpoint: the address of a feed's destination, looked up once.
#pragma once

#include <string>

#include "base/resolver.h"
#include "generators/feed/destination.h"

namespace generators {

struct Endpoint {
  base::HostAddress address;
  std::string name;  // name_of the destination, for messages
};

// Throws base::RunFailed naming what is wrong with the destination.
Endpoint look_up(const Destination& destination);

}  // namespace generators
