// A child process: how it is waited for, how it ends, and that nothing of it stays.
#include "engine/child.h"

#include <csignal>
#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tallystick::engine {
namespace {

constexpr std::int64_t kLongMs = 20'000;

Child run_shell(const std::string& script) {
  return Child::start("/bin/sh", {"-c", script}).value();
}

TEST(Child, TellsHowItEnded) {
  Child exits = run_shell("exit 7");
  EXPECT_TRUE(exits.wait(kLongMs));
  EXPECT_EQ(exits.how_it_ended(), "exit code 7");
  EXPECT_EQ(exits.pid(), 0);
  EXPECT_TRUE(exits.wait(kLongMs)) << "it stays ended";
  Child is_killed = run_shell("kill -9 $$");
  EXPECT_TRUE(is_killed.wait(kLongMs));
  EXPECT_EQ(is_killed.how_it_ended(), "signal 9");
}

TEST(Child, IsWaitedForWithALimitAndWoken) {
  Child sleeper = run_shell("exec sleep 60");
  EXPECT_FALSE(sleeper.wait(0));
  const int wake = ::eventfd(1, EFD_CLOEXEC);
  EXPECT_FALSE(sleeper.wait(kLongMs, wake)) << "returns at once";
  ::close(wake);
  sleeper.signal(SIGTERM);
  EXPECT_TRUE(sleeper.wait(kLongMs));
  EXPECT_EQ(sleeper.how_it_ended(), "signal 15");
}

TEST(Child, StartsWithABareEnvironmentAndSignalsAtTheirDefaults) {
  ::setenv("TALLYSTICK_RECORDS_URL", "a secret", 1);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
  Child child =
      Child::start("/bin/sh",
                   {"-c", "test -z \"$TALLYSTICK_RECORDS_URL\" && test -n \"$PATH\" && test \"$A\" = b && kill -15 $$"},
                   {"A=b"})
          .value();
  EXPECT_TRUE(child.wait(kLongMs));
  EXPECT_EQ(child.how_it_ended(), "signal 15");
  ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
  ::unsetenv("TALLYSTICK_RECORDS_URL");
}

TEST(Child, DoesNotOutliveItsOwner) {
  pid_t pid = 0;
  {
    const Child child = run_shell("exec sleep 60");
    pid = child.pid();
    EXPECT_EQ(::kill(pid, 0), 0);
    EXPECT_EQ(::getpgid(pid), pid) << "Ctrl-C in a terminal is for the parent";
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(Child, SaysWhyItCannotStart) {
  const auto child = Child::start("/nowhere/program", {});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, "spawn_failed");
  EXPECT_NE(child.error().message.find("/nowhere/program"), std::string::npos);
}

}  // namespace
}  // namespace tallystick::engine
