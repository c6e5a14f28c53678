#pragma once
// Who the client is when proxies stand in between. X-Forwarded-For is read from right to left, and only as
// long as the one who says it is trusted. Thread-safe.

#include <span>

#include "base/ip.h"
#include "http/message.h"

namespace tallystick::http {

struct ClientOrigin {
  base::IpAddress client;
  bool is_tls = false;
};

[[nodiscard]] ClientOrigin find_client(const base::IpAddress& peer,
                                       bool is_tls,
                                       std::span<const Header> headers,
                                       std::span<const base::IpNetwork> trusted_proxies);

}  // namespace tallystick::http
