#include "http/unix_listener.h"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace tallystick::http {

namespace {

// The failure of the last system call.
base::Error failure(const std::string& path, int number) {
  return {base::ErrorKind::kUnavailable,
          "listen_failed",
          "cannot listen on " + path + ": " + std::generic_category().message(number)};
}

bool is_listened_on(const sockaddr_un& address) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return false;
  }
  // EAGAIN: somebody listens, but its queue is full.
  const bool is_up =
      ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN;
  ::close(socket);
  return is_up;
}

bool is_socket(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

}  // namespace

base::Result<int> open_unix_listener(const std::string& path, int backlog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return std::unexpected(failure(path, ENAMETOOLONG));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (is_socket(path)) {
    if (is_listened_on(address)) {
      return std::unexpected(failure(path, EADDRINUSE));
    }
    ::unlink(path.c_str());
  }
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return std::unexpected(failure(path, errno));
  }
  // The file is made with the mode that the socket has: there is no moment in which others could connect.
  if (::fchmod(socket, 0600) != 0 || ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket, backlog) != 0) {
    const int number = errno;
    ::close(socket);
    return std::unexpected(failure(path, number));
  }
  return socket;
}

}  // namespace tallystick::http
