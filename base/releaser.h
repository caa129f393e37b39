// Deleters for std::unique_ptr from the release functions of C libraries, so that every C handle has an owner:
//   using CurlEasy = std::unique_ptr<CURL, base::Releaser<curl_easy_cleanup>>;
#pragma once

namespace base {

template <auto Release>
struct Releaser {
  void operator()(auto* handle) const noexcept { Release(handle); }
};
// For functions that take the handle's address and set it to null.
template <auto Release>
struct ReleaserByAddress {
  void operator()(auto* handle) const noexcept { Release(&handle); }
};

}  // namespace base
