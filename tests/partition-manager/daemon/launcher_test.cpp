#include "partition-manager/daemon/launcher.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "base/text.hpp"
#include "tests/partition-manager/apply/folder.hpp"

namespace bulkhead::daemon {
namespace {

using testing::HasSubstr;

const std::string shell = "/bin/sh";

// What a program started by the launcher says, through a named pipe: reading ends when it has ended.
class Voice {
  public:
    Voice() {
        if (::mkfifo(path().c_str(), 0600) != 0) std::abort();
    }
    std::string path() const { return folder_ / "voice"; }
    std::string listen() const {
        const Fd fd(::open(path().c_str(), O_RDONLY | O_CLOEXEC));
        std::string said;
        std::array<char, 4096> chunk{};
        for (ssize_t got = 0; (got = ::read(fd.get(), chunk.data(), chunk.size())) > 0;)
            said.append(chunk.data(), static_cast<std::size_t>(got));
        return said;
    }

  private:
    apply::Folder folder_;
};

TEST(Launcher, starts_a_program_in_a_session_of_its_own) {
    const Voice voice;
    const auto launcher = Launcher::fork({{shell}});
    ASSERT_TRUE(launcher);
    // pid (comm) state ppid pgrp session: proc(5)
    ASSERT_TRUE(launcher->start({shell, "-c", "read -r line < /proc/$$/stat; echo $line > " + voice.path()}));
    const auto said = voice.listen();
    const auto fields = split_text(said, ' ');
    ASSERT_GT(fields.size(), 6U) << said;
    EXPECT_EQ(fields[0], fields[5]);
    EXPECT_NE(fields[5], std::to_string(::getsid(0)));
}

TEST(Launcher, gives_a_program_no_environment_but_a_path_and_no_stdin) {
    const Voice voice;
    const auto launcher = Launcher::fork({{shell}});
    ASSERT_TRUE(launcher);
    ASSERT_TRUE(launcher->start(
        {shell, "-c", "{ tr '\\0' ' ' < /proc/$$/environ; readlink /proc/$$/fd/0; } > " + voice.path()}));
    EXPECT_EQ(voice.listen(), "PATH=/usr/sbin:/usr/bin:/sbin:/bin /dev/null\n");
}

TEST(Launcher, hands_on_arguments_as_they_are_empty_ones_too) {
    const Voice voice;
    const auto launcher = Launcher::fork({{shell}});
    ASSERT_TRUE(launcher);
    ASSERT_TRUE(launcher->start(
        {shell, "-c", R"(printf '<%s>' "$@" > )" + voice.path(), "name", "a b", "", "$HOME"}));
    EXPECT_EQ(voice.listen(), "<a b><><$HOME>");
}

TEST(Launcher, refuses_a_program_that_is_not_on_its_list) {
    const auto launcher = Launcher::fork({{"/usr/bin/true"}});
    ASSERT_TRUE(launcher);
    const auto refused = launcher->start({shell, "-c", "exit"});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("Permission denied"));
    EXPECT_TRUE(launcher->start({"/usr/bin/true"}));
}

TEST(Launcher, reports_a_program_that_can_not_be_executed_and_goes_on) {
    const auto launcher = Launcher::fork({{"/nonexistent/program"}, {"/dev/null"}, {"/usr/bin/true"}});
    ASSERT_TRUE(launcher);
    EXPECT_THAT(launcher->start({"/nonexistent/program"}).error().text(), HasSubstr("No such file"));
    EXPECT_THAT(launcher->start({"/dev/null"}).error().text(), HasSubstr("Permission denied"));
    EXPECT_TRUE(launcher->start({"/usr/bin/true"}));
}

TEST(Launcher, refuses_what_can_not_be_a_command_line) {
    const auto launcher = Launcher::fork({{shell}});
    ASSERT_TRUE(launcher);
    EXPECT_EQ(launcher->start({}).error().code, Code::invalid);
    EXPECT_EQ(launcher->start({shell, std::string("a\0b", 3)}).error().code, Code::invalid);
    EXPECT_EQ(launcher->start({shell, std::string(64 * 1024, 'x')}).error().code, Code::invalid);
}

TEST(Launcher, hands_over_a_descriptor_under_its_number_and_no_other) {
    const Voice voice;
    const auto launcher = Launcher::fork({{shell}});
    ASSERT_TRUE(launcher);
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    Fd read_end(pipe[0]);
    Fd write_end(pipe[1]);
    ASSERT_EQ(::write(write_end.get(), "key\n", 4), 4);
    const std::string number = std::to_string(Launcher::first_inherited_fd);
    // A descriptor that is ours and not closed on exec must not leak either.
    const Fd leak(::open("/dev/null", O_RDONLY));
    ASSERT_TRUE(launcher->start(
        {shell, "-c",
         "{ read -r said <&" + number + "; echo \"$said\"; ls /proc/self/fd; } > " + voice.path()},
        {{read_end.get()}}));
    EXPECT_EQ(voice.listen(), "key\n0\n1\n2\n3\n4\n");  // 4 is the folder that ls reads
}

TEST(Launcher, gives_an_unprivileged_program_no_right_and_refuses_it_a_foreign_user) {
    const auto launcher = Launcher::fork({{shell, true}});
    ASSERT_TRUE(launcher);
    for (const uid_t user : {uid_t{0}, uid_t{1}, first_own_user - 1, first_own_user + own_users + 1})
        EXPECT_FALSE(launcher->start({shell, "-c", "exit"}, {{}, user})) << user;
    if (::geteuid() != 0) {
        EXPECT_FALSE(launcher->start({shell, "-c", "exit"}, {{}, first_own_user}));
        return;
    }
    const Voice voice;
    ASSERT_EQ(::chmod(voice.path().c_str(), 0666), 0);
    ASSERT_EQ(::chmod(std::filesystem::path(voice.path()).parent_path().c_str(), 0711), 0);
    const auto user = first_own_user + 7;
    ASSERT_TRUE(launcher->start({shell, "-c",
                                 "grep -E '^(Uid|Gid|Groups|CapEff|CapPrm|NoNewPrivs)' /proc/$$/status | "
                                 "tr -d '\\n\\t ' > " +
                                     voice.path()},
                                {{}, user}));
    std::string four;
    for (int i = 0; i < 4; ++i) four += std::to_string(user);
    EXPECT_EQ(voice.listen(), "Uid:" + four + "Gid:" + four +
                                  "Groups:CapPrm:0000000000000000CapEff:0000000000000000NoNewPrivs:1");
}

TEST(Launcher, ends_with_the_daemon) {
    {
        const auto launcher = Launcher::fork({{shell}});
        ASSERT_TRUE(launcher);
    }
    int status = -1;
    EXPECT_GT(::wait(&status), 0);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace bulkhead::daemon
