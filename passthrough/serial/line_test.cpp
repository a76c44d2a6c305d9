#include "passthrough/serial/line_test.hpp"

#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "passthrough/serial/line_time.hpp"

namespace bulkhead::passthrough::serial {
namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;

// More than an adapter holds bytes back for, and a FIFO is deep.
constexpr milliseconds silence{500};

}  // namespace

LineTest::LineTest(Loop& loop, int fd, const model::SerialLine& line, const LineTestOrder& order, Done done)
    : loop_(loop), fd_(fd), line_(line), pattern_(order.bytes), done_(std::move(done)) {
    result_.number = order.number;
    result_.line_time = ceil<milliseconds>(time_of(order.bytes, line));
}

LineTest::~LineTest() {
    loop_.cancel(timer_);
    loop_.unwatch(fd_);
}

Result<> LineTest::start() {
    if (::getrandom(pattern_.data(), pattern_.size(), 0) != static_cast<ssize_t>(pattern_.size()))
        return fail_errno("no random pattern");
    // What a line of seven bits would not bring back can't be asked of it.
    if (line_.data_bits == 7)
        for (auto& each : pattern_) each &= std::byte{0x7f};
    ::tcflush(fd_, TCIOFLUSH);
    begun_ = Clock::now();
    heard_last_ = begun_;
    BULKHEAD_TRY(loop_.watch(fd_, EPOLLIN | EPOLLOUT, [this](std::uint32_t events) { on_ready(events); }));
    wait_for_more();
    return {};
}

void LineTest::on_ready(std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) send();
    if ((events & EPOLLIN) != 0) hear();
    if (result_.heard == pattern_.size() || (events & (EPOLLHUP | EPOLLERR)) != 0) return end();
    wait_for_more();
}

void LineTest::send() {
    const auto left = std::span(pattern_).subspan(result_.sent);
    if (!left.empty())
        if (const ssize_t put = ::write(fd_, left.data(), left.size()); put > 0)
            result_.sent += static_cast<std::uint32_t>(put);
    if (result_.sent < pattern_.size()) return;
    // It is watched: that can't fail.
    [[maybe_unused]] const auto changed = loop_.rewatch(fd_, EPOLLIN);
}

void LineTest::hear() {
    std::array<std::byte, 512> bytes{};
    const ssize_t got = ::read(fd_, bytes.data(), bytes.size());
    if (got <= 0) return;
    heard_last_ = Clock::now();
    for (const auto each : std::span(bytes).first(static_cast<std::size_t>(got))) {
        if (result_.heard == pattern_.size()) break;
        if (each != pattern_[result_.heard]) ++result_.wrong;
        ++result_.heard;
    }
}

// What is to come needs its time on the line, from the beginning on; then silence means that there is no
// more.
void LineTest::wait_for_more() {
    loop_.cancel(timer_);
    const auto end = std::max(begun_ + 2 * result_.line_time, heard_last_) + silence;
    timer_ = loop_.after(std::max(milliseconds(0), ceil<milliseconds>(end - Clock::now())),
                         [this] { this->end(); });
}

void LineTest::end() {
    result_.took = ceil<milliseconds>(heard_last_ - begun_);
    // By copies: this may be gone before they return.
    const auto done = done_;
    const auto result = result_;
    done(result);
}

}  // namespace bulkhead::passthrough::serial
