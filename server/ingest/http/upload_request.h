// UploadRequest: what the head of a publisher's request asks for: PUT or POST http://HOST/live/NAME?key=KEY, …/live/NAME/backup?key=KEY.
// Pure; any text is taken.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "server/ingest/http/container.h"
#include "server/ingest/publish_name.h"

namespace server::http {

// What counts of a request's head; absent fields are empty.
struct RequestHead {
  std::string_view method;
  std::string_view target;  // as received
  std::string_view authorization;
  std::string_view content_type;
  std::string_view content_encoding;
  bool has_body = true;
  bool expects_continue = false;  // waits for "100 Continue" before it sends the body
  bool names_host = true;
};

// Why a request is refused.
struct Problem {
  int status = 400;
  std::string reason;    // a word for machines
  std::string detail;    // a sentence
  std::string fields{};  // further header lines, each with its line end
};

struct UploadRequest {
  PublishName name;
  NamedContainer container;
};

// The key may stand in the query or as "Authorization: Bearer KEY"; the query's counts first.
std::variant<Problem, UploadRequest> read_head(const RequestHead& head);
// The container can be no other.
Problem refused_container(const OtherContainer& other);

}  // namespace server::http
