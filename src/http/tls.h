#pragma once
// The TLS side of the server: TLS 1.2 and 1.3 with forward-secret AEAD ciphers.

#include <memory>

#include <boost/asio/ssl/context.hpp>

#include "base/error.h"
#include "http/server.h"

namespace tallystick::http {

// Reads the certificate chain and the key. Error code: "tls_setup_failed".
[[nodiscard]] base::Result<std::shared_ptr<boost::asio::ssl::context>> load_tls_context(const TlsOptions& options);

}  // namespace tallystick::http
