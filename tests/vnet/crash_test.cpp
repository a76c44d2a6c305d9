// SIGKILL at every single system call of every action: what is left is told by observe(), opens nothing, and
// is completed by the same action.
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "tests/vnet/lab.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet::test {
namespace {

// Runs `work` in a child that is killed as it is about to enter its n-th system call. True if it got to its
// end before that.
bool run_until(int n, const std::function<void()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::raise(SIGSTOP);
        work();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD);
    for (int stops = 0; stops < 2 * n; ++stops) {  // one at entry, one at return
        ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
        ::waitpid(child, &status, 0);
        if (WIFEXITED(status)) return true;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return false;
}

class Crash : public Lab {
  protected:
    // Kills `action` at every system call, from the state that `before` makes, until it gets through;
    // `check` looks at what each attempt left.
    void crash_everywhere(const model::Action& action, const std::function<void()>& before,
                          const std::function<void()>& check) {
        bool finished = false;
        int n = 0;
        for (; !finished && !HasFailure(); ++n) {
            before();
            finished = run_until(n, [&] { static_cast<void>(driver->execute(action)); });
            driver = open();  // as the next daemon would
            ASSERT_NE(driver, nullptr);
            SCOPED_TRACE("killed before system call " + std::to_string(n));
            check();
            execute(action);
        }
        EXPECT_GT(n, 5) << "an action that does nothing proves nothing";
        RecordProperty("system_calls", n);
    }
};

TEST_F(Crash, create_port_leaves_nothing_open_and_can_be_done_again) {
    const auto before = Links::open()->all().value();
    crash_everywhere(
        model::CreatePort{robot},
        [&] {
            execute(model::DeletePort{robot.name, robot.partition});
            ASSERT_EQ(Links::open()->all().value(), before);
            ASSERT_TRUE(observe().ports.empty());
        },
        [&] {
            const auto seen = observe();
            const auto link = Links::open()->find(robot.name.str()).value();
            EXPECT_TRUE(!link || seen.ports.contains(robot.name)) << "a tap that nobody reports";
            EXPECT_TRUE(!link || !link->up || seen.ports.at(robot.name).guarded) << "up, but not guarded";
            execute(model::CreatePort{robot});
            EXPECT_EQ(observe().ports.at(robot.name), (model::ObservedPort{robot, true}));
        });
}

TEST_F(Crash, delete_port_leaves_nothing_open_and_can_be_done_again) {
    furnish();
    crash_everywhere(
        model::DeletePort{robot.name, robot.partition},
        [&] {
            execute(model::CreatePort{robot});
            execute(model::OpenConduit{model::ConduitName("readings"), {readings, pings}});
        },
        [&] {
            const auto seen = observe();
            EXPECT_TRUE(!Links::open()->find(robot.name.str()).value() || seen.ports.contains(robot.name));
            execute(model::DeletePort{robot.name, robot.partition});
            EXPECT_FALSE(observe().ports.contains(robot.name));
            EXPECT_EQ(observe().rules, std::set<model::Rule>{logs});
        });
}

TEST_F(Crash, open_conduit_opens_it_whole_or_not_at_all) {
    furnish();
    const model::CloseConduit close{model::ConduitName("readings"), {readings}};
    crash_everywhere(
        model::OpenConduit{model::ConduitName("readings"), {readings}}, [&] { execute(close); },
        [&] {
            const bool open = observe().rules.contains(readings);
            Guest robot_guest(robot.name);
            Guest admin_guest(admin.name);
            robot_guest.send(opening(robot, admin, 40000, 8883));
            EXPECT_EQ(admin_guest.receive().has_value(), open);
            admin_guest.send(opening(admin, robot, 8883, 40000));
            EXPECT_EQ(robot_guest.receive().has_value(), open);
        });
    EXPECT_TRUE(observe().rules.contains(readings));
}

TEST_F(Crash, close_conduit_closes_it_whole_or_not_at_all) {
    furnish();
    const model::OpenConduit open_again{model::ConduitName("readings"), {readings}};
    crash_everywhere(
        model::CloseConduit{model::ConduitName("readings"), {readings}}, [&] { execute(open_again); },
        [&] {
            const bool open = observe().rules.contains(readings);
            Guest robot_guest(robot.name);
            Guest admin_guest(admin.name);
            robot_guest.send(opening(robot, admin, 40000, 8883));
            EXPECT_EQ(admin_guest.receive().has_value(), open);
        });
    EXPECT_EQ(observe().rules, (std::set<model::Rule>{pings, logs}));
}

}  // namespace
}  // namespace bulkhead::vnet::test
