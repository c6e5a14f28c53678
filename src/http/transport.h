#pragma once
// The bytes of one connection, with or without TLS. At most one read and one write are under way; what
// they brought is told to the listener on the reactor's thread. A transport that was closed still reports what
// was under way, with an error, and must live until then.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

namespace tallystick::http {

using ReactorExecutor = boost::asio::io_context::executor_type;
using ReactorSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, ReactorExecutor>;

class TransportListener {
 public:
  virtual ~TransportListener() = default;
  virtual void on_handshake(boost::system::error_code error) = 0;
  virtual void on_read(boost::system::error_code error, std::size_t bytes) = 0;
  virtual void on_write(boost::system::error_code error, std::size_t bytes) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  // True: nothing to do. False: on_handshake tells.
  [[nodiscard]] virtual bool start_handshake() = 0;
  virtual void start_read(std::span<char> room) = 0;
  // Bytes handed over at once; on_write tells about the rest, which must stay where it is. An error that
  // is met at once is told by on_write too, later.
  [[nodiscard]] virtual std::size_t write(std::string_view bytes) = 0;
  // No more bytes will be sent. `is_reading` says that a read is under way. True: on_read will tell when the
  // peer has agreed (TLS).
  [[nodiscard]] virtual bool shut_down(bool is_reading) = 0;
  virtual void close() = 0;
};

[[nodiscard]] std::unique_ptr<Transport> make_plain_transport(ReactorSocket socket, TransportListener& listener);
[[nodiscard]] std::unique_ptr<Transport> make_tls_transport(ReactorSocket socket,
                                                            boost::asio::ssl::context& context,
                                                            TransportListener& listener);

}  // namespace tallystick::http
