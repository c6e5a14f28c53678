#include "tests/support/smtp_receiver.h"

#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tallystick::support {
namespace {

constexpr int kPollMs = 20;

// One connection, line by line.
class SmtpLines {
 public:
  SmtpLines(int socket, const std::atomic<bool>& is_stopping) : socket_(socket), is_stopping_(is_stopping) {}

  std::optional<std::string> read() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
      pollfd waiting{socket_, POLLIN, 0};
      const int ready = ::poll(&waiting, 1, kPollMs);
      if (ready == 0 && !is_stopping_) {
        continue;
      }
      char block[4096];
      const ::ssize_t count = ready <= 0 ? -1 : ::recv(socket_, block, sizeof block, 0);
      if (count <= 0) {
        return std::nullopt;
      }
      buffer_.append(block, static_cast<std::size_t>(count));
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return line;
  }

  void write(const std::string& reply) {
    const std::string bytes = reply + "\r\n";
    (void)::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

 private:
  int socket_;
  const std::atomic<bool>& is_stopping_;
  std::string buffer_;
};

// Plain base64, written here so that the product's own is not what checks it.
std::string decode_base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned value = 0;
  int bits = 0;
  for (const char c : text) {
    const std::size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) {
      break;
    }
    value = (value << 6U) | static_cast<unsigned>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>((value >> static_cast<unsigned>(bits)) & 0xFFU);
    }
  }
  return bytes;
}

std::string between_brackets(const std::string& line) {
  const std::size_t begin = line.find('<');
  const std::size_t end = line.find('>', begin);
  return begin == std::string::npos || end == std::string::npos ? "" : line.substr(begin + 1, end - begin - 1);
}

}  // namespace

SmtpReceiver::SmtpReceiver(Behaviour behaviour)
    : behaviour_(std::move(behaviour)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the mail receiver cannot listen");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

SmtpReceiver::~SmtpReceiver() {
  is_stopping_ = true;
  thread_.join();
  ::close(listener_);
}

std::vector<ReceivedMail> SmtpReceiver::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

void SmtpReceiver::serve() {
  while (!is_stopping_) {
    pollfd waiting{listener_, POLLIN, 0};
    if (::poll(&waiting, 1, kPollMs) <= 0) {
      continue;
    }
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0) {
      talk(socket);
      ::close(socket);
    }
  }
}

void SmtpReceiver::talk(int socket) {
  SmtpLines lines(socket, is_stopping_);
  ReceivedMail mail;
  lines.write("220 receiver.test ESMTP");
  while (auto line = lines.read()) {
    const std::string verb = line->substr(0, 4);
    if (verb == "EHLO") {
      lines.write("250-receiver.test");
      if (!behaviour_.user.empty()) {
        lines.write("250-AUTH PLAIN");
      }
      lines.write("250 8BITMIME");
    } else if (verb == "AUTH") {
      std::string response = line->size() > 11 ? line->substr(11) : "";
      if (response.empty()) {
        lines.write("334 ");
        response = lines.read().value_or("");
      }
      // RFC 4616: authorization id, user, password, each behind a zero byte but the first.
      const std::string wanted = std::string(1, '\0') + behaviour_.user + std::string(1, '\0') + behaviour_.password;
      const bool is_good = decode_base64(response) == wanted;
      mail.user = is_good ? behaviour_.user : "";
      lines.write(is_good ? "235 2.7.0 good" : "535 5.7.8 who are you");
    } else if (verb == "MAIL") {
      mail.from = between_brackets(*line);
      lines.write("250 ok");
    } else if (verb == "RCPT") {
      const std::string recipient = between_brackets(*line);
      const bool is_refused = behaviour_.refused_recipients.contains(recipient);
      if (!is_refused) {
        mail.recipients.push_back(recipient);
      }
      lines.write(is_refused ? "550 5.1.1 nobody of that name" : "250 ok");
    } else if (verb == "DATA") {
      lines.write("354 go on");
      mail.text.clear();
      for (auto text = lines.read(); text && *text != "."; text = lines.read()) {
        mail.text += (text->starts_with('.') ? text->substr(1) : *text) + "\r\n";
      }
      if (behaviour_.busy_times > 0) {
        --behaviour_.busy_times;
        lines.write("451 4.3.2 later");
      } else {
        const std::lock_guard lock(mutex_);
        received_.push_back(mail);
        lines.write("250 2.0.0 taken");
      }
    } else if (verb == "QUIT") {
      lines.write("221 bye");
      return;
    } else {
      lines.write("250 ok");
    }
  }
}

}  // namespace tallystick::support
