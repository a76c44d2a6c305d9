// How a capture runs and ends, with a helper that the test plays.
#include "partition-manager/daemon/captures.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <latch>
#include <mutex>
#include <thread>

#include "tests/partition-manager/daemon/capture_scene.hpp"
#include "vnet/capture/piece.hpp"

namespace bulkhead::daemon {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using vnet::capture::Piece;
using vnet::capture::send_piece;

struct CapturesTest : CaptureScene {
    // What the helper does once it has its order.
    using Play = std::function<void(int socket)>;

    Captures::Start start() {
        return [this](int socket) -> Result<> {
            if (start_fails) return fail(Code::io, "can't start the program");
            const std::scoped_lock lock(mutex);
            helpers.emplace_back([this, own = Fd(::dup(socket)), play = play] {
                const auto order = vnet::capture::receive_piece(own.get(), vnet::capture::longest_order);
                ASSERT_TRUE(order && *order);
                {
                    const std::scoped_lock own_lock(mutex);
                    last_order = (*order)->bytes;
                }
                play(own.get());
            });
            return {};
        };
    }
    static void say(int socket, Piece::Kind kind, std::uint64_t packets, const std::string& bytes) {
        // Who has left hears no more.
        [[maybe_unused]] const auto sent = send_piece(socket, {kind, packets, packets / 10, bytes});
    }
    Result<> run(const Caller& caller, const std::string& subject = "robot-cell") {
        return captures->run(
            of(subject), caller,
            [this](const auto& piece) {
                pieces.push_back(piece);
                return !leaves;
            },
            [this] { return cancelled.load(); });
    }
    std::vector<std::string> told() const {
        std::vector<std::string> texts;
        for (const auto& event : fake.events)
            texts.push_back(event.code + " " + event.actor + " " + event.text);
        return texts;
    }
    const std::string what = "interface " + port("robot-cell") + " of robot-cell";

    Play play = [](int socket) {
        say(socket, Piece::Kind::data, 0, "head");
        say(socket, Piece::Kind::data, 20, "frames");
        say(socket, Piece::Kind::ended, 20, "60 s");
    };
    bool start_fails = false;
    bool leaves = false;
    std::atomic<bool> cancelled = false;
    std::string last_order;
    std::vector<v1alpha1::CapturePiece> pieces;
    SwitchSources sources() {
        auto made = fake.sources(board, clock);
        made.record = [this](const apply::Event& event) {
            const std::scoped_lock lock(mutex);
            fake.events.push_back(event);
        };
        return made;
    }
    std::mutex mutex;
    std::stop_source stopping;
    std::unique_ptr<Captures> captures = std::make_unique<Captures>(sources(), start(), stopping.get_token());
    std::vector<std::jthread> helpers;  // last: they use all above
};

TEST_F(CapturesTest, passes_pieces_on_and_records_who_what_and_how_many) {
    ASSERT_TRUE(run(vendor("acme")));
    EXPECT_EQ(last_order, "limits 60 1000 67108864\ninterface " + port("robot-cell") + "\nall\n");
    ASSERT_THAT(pieces, SizeIs(3));
    EXPECT_EQ(pieces[0].what(), what);
    EXPECT_EQ(pieces[0].data(), "head");
    EXPECT_EQ(pieces[1].what(), "");
    EXPECT_EQ(pieces[1].data(), "frames");
    EXPECT_EQ(pieces[1].lost(), 2U);
    EXPECT_EQ(pieces[2].ended(), "60 s");
    EXPECT_THAT(told(),
                testing::ElementsAre(
                    "switch.capture user:vera " + what + ": for 60 s or 1000 packets at most",
                    "switch.capture user:vera " + what + ": ended after 0 s with 20 packets, 2 lost: 60 s"));
    for (const auto& event : fake.events) {
        EXPECT_EQ(event.tenant.str(), "acme");
        EXPECT_EQ(event.partition.str(), "robot-cell");
    }
}

TEST_F(CapturesTest, starts_nothing_and_records_nothing_for_who_may_not) {
    start_fails = true;
    EXPECT_EQ(run(vendor("borealis")).error().code, Code::not_found);
    EXPECT_THAT(told(), SizeIs(0));
}

TEST_F(CapturesTest, ends_when_nobody_reads_any_more) {
    std::latch is_left{1};
    play = [&is_left](int socket) {
        // Until it is refused: nothing is waited for.
        while (send_piece(socket, {Piece::Kind::data, 1, 0, std::string(1000, 'x')})) {
        }
        is_left.count_down();
    };
    leaves = true;
    EXPECT_TRUE(run(anna));
    is_left.wait();
    EXPECT_THAT(told().back(), HasSubstr("with 1 packets: the caller left"));
}

TEST_F(CapturesTest, a_silent_capture_ends_with_its_caller_or_the_manager) {
    play = [](int socket) {
        std::array<char, 1> byte{};
        (void)::recv(socket, byte.data(), byte.size(), 0);  // until it is closed
    };
    cancelled = true;
    EXPECT_TRUE(run(anna));
    cancelled = false;
    stopping.request_stop();
    EXPECT_THAT(run(anna).error().text(), HasSubstr("bulkheadd is stopping"));
}

TEST_F(CapturesTest, says_why_it_could_not_go_on) {
    play = [](int socket) { say(socket, Piece::Kind::gone, 3, "interface 'bhx' was deleted\nmeanwhile"); };
    const auto gone = run(anna);
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().code, Code::unavailable);
    EXPECT_THAT(gone.error().what, HasSubstr("was deleted"));
    EXPECT_EQ(gone.error().what.find('\n'), std::string::npos);
    EXPECT_THAT(told().back(), HasSubstr("with 3 packets: interface 'bhx' was deleted"));
    play = [](int) {};
    EXPECT_THAT(run(anna).error().text(), HasSubstr("bulkhead-capture has ended"));
    start_fails = true;
    EXPECT_THAT(run(anna).error().text(), HasSubstr("can't start the program"));
}

// It handles bytes of guests: what it says is not trusted.
TEST_F(CapturesTest, a_helper_that_says_too_much_is_not_listened_to) {
    play = [](int socket) {
        say(socket, Piece::Kind::data, 0, std::string(vnet::capture::longest_piece + 1, 'x'));
    };
    EXPECT_EQ(run(anna).error().code, Code::corrupt);
    play = [](int socket) {
        const std::string rubbish(100, '\xff');
        (void)::send(socket, rubbish.data(), rubbish.size(), MSG_NOSIGNAL);
    };
    EXPECT_EQ(run(anna).error().code, Code::corrupt);
    EXPECT_THAT(pieces, SizeIs(0));
}

TEST_F(CapturesTest, are_bounded_in_all_and_for_each) {
    std::latch all_run(Captures::most_of_one);
    std::latch enough{1};
    play = [&](int socket) {
        all_run.count_down();
        enough.wait();
        say(socket, Piece::Kind::ended, 0, "60 s");
    };
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < Captures::most_of_one; ++i)
        callers.emplace_back([&] {
            EXPECT_TRUE(captures->run(
                of("robot-cell"), vendor("acme"), [](const auto&) { return true; }, [] { return false; }));
        });
    all_run.wait();
    const auto refused = run(vendor("acme"));
    enough.count_down();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_THAT(refused.error().text(), HasSubstr("too many captures run"));
    callers.clear();
    play = [](int socket) { say(socket, Piece::Kind::ended, 0, "60 s"); };
    EXPECT_TRUE(run(vendor("acme")));
}

}  // namespace
}  // namespace bulkhead::daemon
