#pragma once
// The smallest HTTP/1.1 client that tests need: one loopback connection, bytes out, one answer in. It does
// not share code with the server, so that a mistake there cannot hide here.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tallystick::support {

struct RawAnswer {
  int status = 0;
  std::string head;  // with the status line
  std::string body;

  // Value of a header, or "" when absent; the name is compared without case.
  [[nodiscard]] std::string header(std::string_view name) const;
};

// One thread. Every function returns false or nothing when the connection breaks: a killed server is not
// an error here.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  [[nodiscard]] bool is_open() const { return socket_ >= 0; }
  bool send(std::string_view bytes);
  [[nodiscard]] std::optional<RawAnswer> receive(bool has_body = true);
  // A whole exchange. `headers` is zero or more lines "Name: value\r\n".
  [[nodiscard]] std::optional<RawAnswer> exchange(std::string_view method,
                                                  std::string_view target,
                                                  std::string_view headers = "",
                                                  std::string_view body = "");

 private:
  bool fill();

  int socket_ = -1;
  std::string buffer_;
};

}  // namespace tallystick::support
