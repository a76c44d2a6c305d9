#include "vnet/capture/process/recorder.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/units.hpp"
#include "vnet/capture/filter.hpp"
#include "vnet/capture/pcapng.hpp"

namespace bulkhead::vnet::capture {
namespace {

using std::chrono::milliseconds;

constexpr int room = 8 * 1024 * 1024;  // bytes of frames that wait, of all interfaces
constexpr int least_room = 256 * 1024;
constexpr std::size_t large = std::size_t{32} * 1024;  // passed on without waiting for more
// What comes within this time goes in one piece.
constexpr milliseconds gathering{20};
// Whether interfaces are still there is looked at this often.
constexpr milliseconds look_period{500};

}  // namespace

Result<Recorder> Recorder::open(Order order) {
    const int share =
        std::max(least_room, room / static_cast<int>(std::max<std::size_t>(1, order.places.size())));
    std::vector<PacketSocket> sockets;
    for (const auto& place : order.places) {
        BULKHEAD_TRY_ASSIGN(auto socket, PacketSocket::open(place.interface, share));
        sockets.push_back(std::move(socket));
    }
    return Recorder(std::move(order), std::move(sockets));
}

Result<> Recorder::run(int socket) {
    end_ = std::chrono::steady_clock::now() + order_.seconds;
    std::vector<std::string> names;
    for (const auto& place : order_.places) names.push_back(place.interface);
    waiting_ = capture_head(names);
    bytes_ = waiting_.size();
    BULKHEAD_TRY(flush(socket));  // by which the listener knows that it has begun
    while (true) {
        if (auto limit = reached(); !limit.empty())
            return finish(socket, Piece::Kind::ended, std::move(limit));
        if (const auto* name = gone_interface())
            return finish(socket, Piece::Kind::gone, "interface '" + *name + "' was deleted meanwhile");
        BULKHEAD_TRY_ASSIGN(const bool is_heard, wait(socket));
        if (!is_heard) return {};
        for (std::size_t i = 0; i < sockets_.size(); ++i) BULKHEAD_TRY(take(i));
        const bool is_due = std::chrono::steady_clock::now() >= flushed_ + gathering;
        if (waiting_.size() >= large || (is_due && !waiting_.empty())) BULKHEAD_TRY(flush(socket));
    }
}

std::string Recorder::reached() const {
    if (full_) return to_string(Bytes{order_.bytes});
    if (packets_ >= order_.packets) return std::to_string(order_.packets) + " packets";
    if (std::chrono::steady_clock::now() >= end_) return std::to_string(order_.seconds.count()) + " s";
    return {};
}

const std::string* Recorder::gone_interface() {
    const auto now = std::chrono::steady_clock::now();
    if (now < looked_ + look_period) return nullptr;
    looked_ = now;
    for (std::size_t i = 0; i < sockets_.size(); ++i)
        if (sockets_[i].is_gone()) return &order_.places[i].interface;
    return nullptr;
}

Result<bool> Recorder::wait(int socket) const {
    const auto now = std::chrono::steady_clock::now();
    auto until = std::min(end_, now + look_period);
    if (!waiting_.empty()) until = std::min(until, flushed_ + gathering);
    const auto patience = std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(until - now));
    std::vector<pollfd> ready{{socket, 0, 0}};  // its hang-up alone
    for (const auto& each : sockets_) ready.push_back({each.fd(), POLLIN, 0});
    if (::poll(ready.data(), ready.size(), static_cast<int>(patience.count())) < 0 && errno != EINTR)
        return fail_errno("can't wait for frames");
    return ready.front().revents == 0;
}

Result<> Recorder::take(std::size_t index) {
    while (packets_ < order_.packets && !full_ && waiting_.size() < large) {
        BULKHEAD_TRY_ASSIGN(auto frame, sockets_[index].next());
        if (!frame) return {};
        if (!is_ordered(order_.places[index], *frame)) continue;
        frame->interface = index;
        const auto block = capture_block(*frame);
        full_ = bytes_ + block.size() > order_.bytes;
        if (full_) return {};
        waiting_ += block;
        bytes_ += block.size();
        ++packets_;
    }
    return {};
}

Result<> Recorder::flush(int socket) {
    for (auto& each : sockets_) lost_ += each.lost();
    BULKHEAD_TRY(send_piece(socket, {Piece::Kind::data, packets_, lost_, std::exchange(waiting_, {})}));
    flushed_ = std::chrono::steady_clock::now();
    return {};
}

Result<> Recorder::finish(int socket, Piece::Kind kind, std::string text) {
    BULKHEAD_TRY(flush(socket));
    return send_piece(socket, {kind, packets_, lost_, std::move(text)});
}

}  // namespace bulkhead::vnet::capture
