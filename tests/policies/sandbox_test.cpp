#include "policies/sandbox.hpp"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

#include "base/file.hpp"

namespace bulkhead::policies {
namespace {

// All that a child needs to say how it went; mkdir is not among it.
constexpr auto little =
    "exit_group # end\nexit # end\nwrite # tells\nread # hears\nuname errno=ENOSYS # a test\n"
    "futex # a test\nmunmap # threads\nmadvise # threads\nrt_sigprocmask # threads\npoll # waits\nppoll # "
    "waits\n"
    "ioctl # the listener\nclose # ends\nbrk # heap\nmmap # heap\nsigaltstack # a sanitizer, at each end\n";

// The exit status of a child that runs `body`; 128 + N if a signal ended it.
int in_child(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(body());
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int errno_of(long number, long argument = 0) {
    errno = 0;
    ::syscall(number, argument);
    return errno;
}

TEST(Sandbox, every_shipped_profile_parses_and_names_real_calls) {
    const auto text = read_file(APPLICATION_PROFILE, 64 * 1024);
    ASSERT_TRUE(text);
    const auto profile = parse_profile(*text, "application.profile");
    ASSERT_TRUE(profile) << profile.error().text();
    const auto names = check_names(*profile);
    EXPECT_TRUE(names) << names.error().text();
}

TEST(Sandbox, refuses_what_is_not_listed_and_allows_what_is) {
    EXPECT_EQ(in_child([] {
                  if (!enter(*parse_profile(little), OnViolation::refuse)) return 1;
                  if (errno_of(SYS_mkdir) != EPERM) return 2;
                  utsname name{};
                  if (::uname(&name) == 0 || errno != ENOSYS) return 3;
                  return ::write(-1, "", 0) == -1 && errno == EBADF ? 0 : 4;
              }),
              0);
}

TEST(Sandbox, takes_an_entry_that_says_what_happens_to_a_violation_anyway) {
    EXPECT_EQ(in_child([] {
                  const auto profile = std::string(little) + "mkdir errno=EPERM # a library asks\n";
                  if (!enter(*parse_profile(profile), OnViolation::refuse)) return 1;
                  return errno_of(SYS_mkdir) == EPERM ? 0 : 2;
              }),
              0);
}

TEST(Sandbox, kills_where_the_policy_is_to_kill) {
    EXPECT_EQ(in_child([] {
                  if (!enter(*parse_profile(little), OnViolation::kill)) return 1;
                  return errno_of(SYS_mkdir);
              }),
              128 + SIGSYS);
}

TEST(Sandbox, kills_a_call_of_the_x32_architecture_even_if_its_number_is_listed) {
    constexpr long x32 = 0x40000000;
    EXPECT_EQ(in_child([] {
                  if (!enter(*parse_profile(little), OnViolation::refuse)) return 1;
                  return errno_of(x32 + SYS_write, -1);
              }),
              128 + SIGSYS);
}

// getpid, by the gate of 32-bit programs.
long i386_getpid() {
    long result = 0;
    asm volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
    return result;
}

TEST(Sandbox, kills_an_i386_call) {
    const int unconfined = in_child([] {
        ::signal(SIGSEGV, SIG_DFL);  // a sanitizer would turn the kernel's answer into a report of its own
        return i386_getpid() > 0 ? 0 : 1;
    });
    if (unconfined == 128 + SIGSEGV)
        GTEST_SKIP() << "this kernel has no 32-bit calls (CONFIG_IA32_EMULATION)";
    ASSERT_EQ(unconfined, 0);
    EXPECT_EQ(in_child([] {
                  if (!enter(*parse_profile(little), OnViolation::refuse)) return 1;
                  i386_getpid();
                  return 2;
              }),
              128 + SIGSYS);
}

TEST(Sandbox, a_supervised_violation_fails_with_eperm_and_is_told_by_name) {
    EXPECT_EQ(in_child([] {
                  Fd listener;
                  std::string told;
                  std::thread supervisor;
                  int ready[2];
                  if (::pipe(ready) != 0) return 1;
                  // The supervisor exists before the filter, so the filter is not its own.
                  supervisor = std::thread([&] {
                      int number = -1;
                      if (::read(ready[0], &number, sizeof number) != sizeof number) return;
                      pollfd waiting{number, POLLIN, 0};
                      ::poll(&waiting, 1, 5000);
                      if (const auto name = refuse_next(number); name && *name) told = **name;
                  });
                  auto entered = enter_supervised(*parse_profile(little));
                  if (!entered) return 2;
                  const int number = entered->get();
                  if (::write(ready[1], &number, sizeof number) != sizeof number) return 3;
                  const int error = errno_of(SYS_mkdir);
                  supervisor.join();
                  return error == EPERM && told == "mkdir" ? 0 : 4;
              }),
              0);
}

TEST(Sandbox, dropped_capabilities_are_gone_from_every_set) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    EXPECT_EQ(in_child([] {
                  constexpr int keep[] = {CAP_NET_ADMIN};
                  if (!drop_capabilities(keep)) return 1;
                  if (::prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) != 0) return 2;
                  if (::prctl(PR_CAPBSET_READ, CAP_NET_ADMIN) != 1) return 3;
                  if (::chroot("/") == 0) return 4;
                  return 0;
              }),
              0);
}

}  // namespace
}  // namespace bulkhead::policies
