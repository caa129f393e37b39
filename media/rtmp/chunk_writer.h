// Messages as RTMP's chunks (RTMP 1.0, section 5.3), for both ends of a connection. Pure.
#pragma once

#include <string>

#include "media/rtmp/message.h"

namespace media::rtmp {

// Appends a chunk with every field and, for what does not fit into one, chunks with none. Requires: `chunk_stream` is from 2 to 63.
void append_message(std::string& out, std::uint32_t chunk_stream, const Message& message, std::uint32_t chunk_size);

}  // namespace media::rtmp
