#include "http/tls.h"

#include <boost/system/system_error.hpp>
#include <openssl/ssl.h>

namespace tallystick::http {

base::Result<std::shared_ptr<boost::asio::ssl::context>> load_tls_context(const TlsOptions& options) {
  namespace ssl = boost::asio::ssl;
  try {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                         ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::single_dh_use);
    ::SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    ::SSL_CTX_set_cipher_list(context->native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
    ::SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    context->use_certificate_chain_file(options.certificate_file);
    context->use_private_key_file(options.key_file, ssl::context::pem);
    return context;
  } catch (const boost::system::system_error& failure) {
    return base::fail(
        base::ErrorKind::kUnavailable,
        "tls_setup_failed",
        "cannot use certificate " + options.certificate_file + " with its key: " + failure.code().message());
  }
}

}  // namespace tallystick::http
