// RequestReader: one HTTP request as it comes, in any pieces: its head, then its body out of its chunks. Beast's parser does the work.
// Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "server/ingest/http/upload_request.h"

namespace server::http {

class RequestSink {
 public:
  virtual void on_head(const RequestHead& head) = 0;
  virtual void on_body(std::string_view piece) = 0;
  virtual void on_end() = 0;

 protected:
  ~RequestSink() = default;
};

class RequestReader {
 public:
  // Requires: `sink` outlives the reader, which calls it within read() only.
  explicit RequestReader(RequestSink& sink);
  ~RequestReader();

  // What is wrong; nothing: so far all is well. What comes after the request is passed over.
  std::optional<Problem> read(std::span<const std::uint8_t> bytes);
  bool has_begun() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server::http
