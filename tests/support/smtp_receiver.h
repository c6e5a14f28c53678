#pragma once
// A mail server for tests: ESMTP with AUTH PLAIN on a free loopback port, keeping what it gets. It shares no code with
// the client, so that a mistake there cannot hide here.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace tallystick::support {

struct ReceivedMail {
  std::string user;  // who logged in; empty: nobody
  std::string from;
  std::vector<std::string> recipients;
  std::string text;  // with CRLF, dots unstuffed
};

class SmtpReceiver {
 public:
  struct Behaviour {
    std::string user = {};  // empty: no log-in is offered
    std::string password = {};
    std::set<std::string> refused_recipients = {};
    int busy_times = 0;  // so many messages are put off with 451 first
  };

  explicit SmtpReceiver(Behaviour behaviour);
  SmtpReceiver() : SmtpReceiver(Behaviour{}) {}
  ~SmtpReceiver();
  SmtpReceiver(const SmtpReceiver&) = delete;
  SmtpReceiver& operator=(const SmtpReceiver&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::vector<ReceivedMail> received() const;

 private:
  void serve();
  void talk(int socket);

  Behaviour behaviour_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> is_stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<ReceivedMail> received_;
  std::thread thread_;
};

}  // namespace tallystick::support
