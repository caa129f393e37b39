// Owners of libcurl's C handles; no other file of the project frees one.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>

#include "base/errors.h"
#include "base/releaser.h"

namespace harness {

using CurlEasy = std::unique_ptr<CURL, base::Releaser<curl_easy_cleanup>>;
using CurlMulti = std::unique_ptr<CURLM, base::Releaser<curl_multi_cleanup>>;
using CurlShare = std::unique_ptr<CURLSH, base::Releaser<curl_share_cleanup>>;
using CurlHeaders = std::unique_ptr<curl_slist, base::Releaser<curl_slist_free_all>>;

template <class Owner>
Owner owned(typename Owner::pointer handle, const std::string& attempt) {
  if (handle == nullptr) throw base::RunFailed(attempt + ": libcurl is out of memory");
  return Owner{handle};
}

// libcurl's process-wide state; nested owners are counted by libcurl.
class CurlGlobal {
 public:
  CurlGlobal() {
    if (curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK) throw base::RunFailed("initialise libcurl: failed");
  }
  CurlGlobal(const CurlGlobal&) = delete;
  CurlGlobal& operator=(const CurlGlobal&) = delete;
  ~CurlGlobal() { curl_global_cleanup(); }
};

}  // namespace harness
