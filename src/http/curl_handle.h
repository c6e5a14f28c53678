#pragma once
// What the clients of this room share of libcurl: its one-time set-up, and handles that free themselves. For this
// room's .cpp files only.

#include <memory>
#include <string>

#include <curl/curl.h>

namespace tallystick::http {

struct CurlHandleCloser {
  void operator()(CURL* handle) const { ::curl_easy_cleanup(handle); }
};
using CurlHandle = std::unique_ptr<CURL, CurlHandleCloser>;

struct CurlListCloser {
  void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
};
using CurlList = std::unique_ptr<curl_slist, CurlListCloser>;

// Thread-safe. Throws std::runtime_error when libcurl cannot be set up.
[[nodiscard]] CurlHandle make_curl_handle();

// Throws std::bad_alloc.
void append_to(CurlList& list, const std::string& line);

// Throws std::runtime_error for an option that this libcurl does not know.
void check_curl_option(CURLcode code, CURLoption option);

template <typename Value>
void set_curl_option(CURL* handle, CURLoption option, Value value) {
  check_curl_option(::curl_easy_setopt(handle, option, value), option);
}

}  // namespace tallystick::http
