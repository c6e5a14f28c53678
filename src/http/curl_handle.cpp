#include "http/curl_handle.h"

#include <mutex>
#include <new>
#include <stdexcept>

namespace tallystick::http {

CurlHandle make_curl_handle() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (::curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
      throw std::runtime_error("libcurl cannot be initialised");
    }
  });
  CurlHandle handle(::curl_easy_init());
  if (!handle) {
    throw std::runtime_error("libcurl gives no handle");
  }
  return handle;
}

void append_to(CurlList& list, const std::string& line) {
  curl_slist* longer = ::curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) {
    throw std::bad_alloc();
  }
  [[maybe_unused]] curl_slist* const same = list.release();
  list.reset(longer);
}

void check_curl_option(CURLcode code, CURLoption option) {
  if (code != CURLE_OK) {
    throw std::runtime_error("libcurl refuses option " + std::to_string(option));
  }
}

}  // namespace tallystick::http
