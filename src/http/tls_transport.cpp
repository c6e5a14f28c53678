#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "http/transport.h"

namespace tallystick::http {

namespace {

using boost::system::error_code;

class TlsTransport final : public Transport {
 public:
  TlsTransport(ReactorSocket socket, boost::asio::ssl::context& context, TransportListener& listener)
      : stream_(std::move(socket), context), listener_(listener) {}

  bool start_handshake() override {
    stream_.async_handshake(boost::asio::ssl::stream_base::server,
                            [this](error_code error) { listener_.on_handshake(error); });
    return false;
  }

  void start_read(std::span<char> room) override {
    stream_.async_read_some(boost::asio::buffer(room.data(), room.size()),
                            [this](error_code error, std::size_t bytes) { listener_.on_read(error, bytes); });
  }

  std::size_t write(std::string_view bytes) override {
    stream_.async_write_some(boost::asio::buffer(bytes.data(), bytes.size()),
                             [this](error_code error, std::size_t done) { listener_.on_write(error, done); });
    return 0;
  }

  bool shut_down(bool is_reading) override {
    if (is_reading) {
      // The stream allows one reader: close_notify would need a second one.
      error_code ignored;
      stream_.lowest_layer().shutdown(ReactorSocket::shutdown_send, ignored);
      return false;
    }
    stream_.async_shutdown([this](error_code /*error*/) { listener_.on_read(boost::asio::error::eof, 0); });
    return true;
  }

  void close() override {
    error_code ignored;
    stream_.lowest_layer().close(ignored);
  }

 private:
  boost::asio::ssl::stream<ReactorSocket> stream_;
  TransportListener& listener_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(ReactorSocket socket,
                                              boost::asio::ssl::context& context,
                                              TransportListener& listener) {
  return std::make_unique<TlsTransport>(std::move(socket), context, listener);
}

}  // namespace tallystick::http
