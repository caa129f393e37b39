// Endpoint: the address of a feed's destination, looked up once.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>

#include "generators/feed/destination.h"

namespace generators {

struct Endpoint {
  sockaddr_storage address{};
  socklen_t address_size = 0;
  std::string name;  // name_of the destination, for messages
};

// Throws base::RunFailed naming what is wrong with the destination.
Endpoint look_up(const Destination& destination);

}  // namespace generators
