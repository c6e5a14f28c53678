#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <sys/socket.h>

#include "http/transport.h"

namespace tallystick::http {

namespace {

using boost::system::error_code;

class PlainTransport final : public Transport {
 public:
  PlainTransport(ReactorSocket socket, TransportListener& listener) : socket_(std::move(socket)), listener_(listener) {}

  bool start_handshake() override { return true; }

  void start_read(std::span<char> room) override {
    socket_.async_read_some(boost::asio::buffer(room.data(), room.size()),
                            [this](error_code error, std::size_t bytes) { listener_.on_read(error, bytes); });
  }

  std::size_t write(std::string_view bytes) override {
    // Nearly always the kernel takes everything: no turn through the event loop.
    const ::ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    const std::size_t done = sent > 0 ? static_cast<std::size_t>(sent) : 0;
    if (done < bytes.size()) {
      socket_.async_write_some(boost::asio::buffer(bytes.data() + done, bytes.size() - done),
                               [this](error_code error, std::size_t more) { listener_.on_write(error, more); });
    }
    return done;
  }

  bool shut_down(bool /*is_reading*/) override {
    error_code ignored;
    socket_.shutdown(ReactorSocket::shutdown_send, ignored);
    return false;
  }

  void close() override {
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  ReactorSocket socket_;
  TransportListener& listener_;
};

}  // namespace

std::unique_ptr<Transport> make_plain_transport(ReactorSocket socket, TransportListener& listener) {
  return std::make_unique<PlainTransport>(std::move(socket), listener);
}

}  // namespace tallystick::http
