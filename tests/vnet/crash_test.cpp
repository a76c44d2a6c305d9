// SIGKILL before every system call that leaves something, in every action: what is left is told by observe(),
// opens nothing, and is completed by the same action.
#include <linux/bpf.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "tests/vnet/lab.hpp"
#include "vnet/link.hpp"

namespace bulkhead::vnet::test {
namespace {

// Whether a system call changes anything that outlives its process. What does not need not be tried: to be
// killed before it is to be killed before the next that does.
bool leaves_something(const __ptrace_syscall_info& call) {
    switch (call.entry.nr) {
        case SYS_bpf:
            switch (call.entry.args[0]) {
                case BPF_MAP_LOOKUP_ELEM:
                case BPF_MAP_LOOKUP_BATCH:
                case BPF_MAP_GET_NEXT_KEY:
                case BPF_OBJ_GET_INFO_BY_FD:
                case BPF_OBJ_GET:
                case BPF_PROG_QUERY:
                    return false;
                default:
                    return true;
            }
        case SYS_sendto:
        case SYS_sendmsg:
        case SYS_ioctl:
        case SYS_write:
        case SYS_unlink:
        case SYS_unlinkat:
        case SYS_rename:
        case SYS_mkdir:
        case SYS_exit_group:  // all is done
            return true;
        default:
            return false;
    }
}

// Runs `work` in a child that is killed as it is about to enter its n-th system call that leaves something.
// True if it got to its end before that.
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
    for (int met = 0; met <= n;) {
        ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
        ::waitpid(child, &status, 0);
        if (WIFEXITED(status)) return true;
        __ptrace_syscall_info call{};
        ::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call);
        if (call.op == PTRACE_SYSCALL_INFO_ENTRY && leaves_something(call)) ++met;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    return false;
}

class Crash : public Lab {
  protected:
    // Kills `action` before every write, from the state that `before` makes, until it gets through;
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
            SCOPED_TRACE("killed before write " + std::to_string(n));
            check();
            execute(action);
        }
        EXPECT_GT(n, 3) << "an action that does nothing proves nothing";
        RecordProperty("writes", n);
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
            admin_guest.send(tcp(admin, robot, 8883, 40000, syn | ack));
            EXPECT_EQ(robot_guest.receive().has_value(), open);
        });
    EXPECT_TRUE(observe().rules.contains(readings));
}

// The flow goes on under the one rule or the other.
TEST_F(Crash, a_conduit_that_changes_is_never_closed_in_between) {
    furnish();
    model::Rule limited = readings;
    limited.rate = 8'000'000;
    crash_everywhere(
        model::OpenConduit{model::ConduitName("readings"), {limited}, {readings}},
        [&] { execute(model::OpenConduit{model::ConduitName("readings"), {readings}, {limited}}); },
        [&] {
            const auto seen = observe();
            EXPECT_NE(seen.rules.contains(readings), seen.rules.contains(limited));
            Guest robot_guest(robot.name);
            Guest admin_guest(admin.name);
            robot_guest.send(opening(robot, admin, 40000, 8883));
            EXPECT_TRUE(admin_guest.receive());
        });
    EXPECT_TRUE(observe().rules.contains(limited));
}

// Between going straight and going through a guard, too.
TEST_F(Crash, a_conduit_that_gets_a_guard_is_straight_or_guarded) {
    furnish();
    const model::Port guard = make_guard();
    model::Rule guarded = readings;
    guarded.via = guard.name;
    crash_everywhere(
        model::OpenConduit{model::ConduitName("readings"), {guarded}, {readings}},
        [&] { execute(model::OpenConduit{model::ConduitName("readings"), {readings}, {guarded}}); },
        [&] {
            const bool straight = observe().rules.contains(readings);
            EXPECT_NE(straight, observe().rules.contains(guarded));
            Guest robot_guest(robot.name);
            Guest admin_guest(admin.name);
            Station leg(model::guard_leg_name(robot.tenant).str());
            robot_guest.send(opening(robot, admin, 40000, 8883));
            EXPECT_EQ(admin_guest.receive().has_value(), straight);
            EXPECT_EQ(leg.receive().has_value(), !straight);
        });
    EXPECT_TRUE(observe().rules.contains(guarded));
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
