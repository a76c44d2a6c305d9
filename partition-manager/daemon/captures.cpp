#include "partition-manager/daemon/captures.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/text.hpp"
#include "base/units.hpp"
#include "vnet/capture/piece.hpp"

namespace bulkhead::daemon {
namespace {

using vnet::capture::Piece;
using vnet::capture::receive_piece;
using vnet::capture::send_piece;

constexpr int look_ms = 500;        // at the caller's departure; pieces come at once
constexpr timeval patience{10, 0};  // with a helper in the middle of a piece
constexpr std::size_t longest_text = 300;

std::string in_words(std::uint64_t packets, std::uint64_t lost) {
    return std::to_string(packets) + " packets" + (lost == 0 ? "" : ", " + std::to_string(lost) + " lost");
}

}  // namespace

// Of one capture.
struct Captures::Course {
    CaptureGrant grant;
    std::string actor;
    Fd helper;
    MonotonicTime began;
    std::uint64_t packets = 0;
    std::uint64_t lost = 0;
    std::string end = "the caller left";
};

void Captures::record(const Course& course, const std::string& text) const {
    sources_.record({"switch.capture",
                     course.actor,
                     course.grant.tenant,
                     {},
                     course.grant.partition,
                     course.grant.what + text});
}

Result<> Captures::begin(Course& course) const {
    auto order = to_text(course.grant.order);
    if (order.size() > vnet::capture::longest_order)
        return fail(Code::unsupported, course.grant.what + " has too many rules to be followed", {}, {},
                    "capture single interfaces of it");
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
        return fail_errno("can't make a socket for the capture");
    course.helper = Fd(pair[0]);
    const Fd theirs(pair[1]);
    for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO})
        if (::setsockopt(course.helper.get(), SOL_SOCKET, direction, &patience, sizeof patience) != 0)
            return fail_errno("can't bound the wait for the capture");
    BULKHEAD_TRY(start_(theirs.get()));
    return send_piece(course.helper.get(), {Piece::Kind::order, 0, 0, std::move(order)});
}

Result<> Captures::run(const v1alpha1::CaptureRequest& request, const Caller& caller, const Sink& sink,
                       const std::function<bool()>& is_cancelled) {
    Course course;
    BULKHEAD_TRY_ASSIGN(course.grant, grant_capture(sources_, request, caller));
    const auto place = places_.take(caller.actor);
    if (!place)
        return fail(Code::unavailable, "too many captures run on this gateway", {},
                    std::to_string(most_of_one) + " at most by one user, " + std::to_string(most) + " in all",
                    "end one that nobody needs");
    course.actor = caller.actor;
    course.began = sources_.clock.monotonic();
    record(course, ": for " + std::to_string(request.seconds()) + " s or " +
                       std::to_string(request.packets()) + " packets at most");
    auto done = begin(course);
    if (done) done = pass_on(course, sink, is_cancelled);
    if (!done) course.end = printable(done.error().what, longest_text);
    const auto lasted = std::chrono::floor<std::chrono::seconds>(sources_.clock.monotonic() - course.began);
    record(course, ": ended after " + std::to_string(lasted.count()) + " s with " +
                       in_words(course.packets, course.lost) + ": " + course.end);
    return done;
}

Result<> Captures::pass_on(Course& course, const Sink& sink,
                           const std::function<bool()>& is_cancelled) const {
    const Fd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const std::stop_callback on_stop(stop_, [&stopped] {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(stopped.get(), &one, sizeof one);
    });
    std::array<pollfd, 2> ready{pollfd{course.helper.get(), POLLIN, 0}, pollfd{stopped.get(), POLLIN, 0}};
    v1alpha1::CapturePiece message;
    message.set_what(course.grant.what);
    message.set_note(course.grant.note);
    while (!is_cancelled()) {
        const int count = ::poll(ready.data(), ready.size(), look_ms);
        if (count < 0 && errno != EINTR) return fail_errno("can't wait for the capture");
        if (count <= 0) continue;
        if (ready[1].revents != 0) return fail(Code::unavailable, "bulkheadd is stopping");
        BULKHEAD_TRY_ASSIGN(auto piece, receive_piece(course.helper.get(), vnet::capture::longest_piece));
        if (!piece)
            return fail(Code::internal, "bulkhead-capture has ended", {}, {}, "see the manager's log");
        course.packets = piece->packets;
        course.lost = piece->lost;
        if (piece->kind == Piece::Kind::gone)
            return fail(Code::unavailable, printable(piece->bytes, longest_text), {}, {},
                        "try again when it is there: bulkhead get partitions");
        if (piece->kind == Piece::Kind::failed) return fail(Code::io, printable(piece->bytes, longest_text));
        message.set_packets(piece->packets);
        message.set_lost(piece->lost);
        if (piece->kind == Piece::Kind::data) message.set_data(std::move(piece->bytes));
        if (piece->kind == Piece::Kind::ended) message.set_ended(printable(piece->bytes, longest_text));
        if (!sink(message)) return {};
        if (!message.ended().empty()) {
            course.end = message.ended();
            return {};
        }
        message.Clear();
    }
    return {};
}

}  // namespace bulkhead::daemon
