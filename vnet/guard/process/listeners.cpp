#include "vnet/guard/process/listeners.hpp"

#include <sys/epoll.h>

namespace bulkhead::vnet::guard {

Listeners::~Listeners() {
    for (const auto& [place, socket] : sockets_) loop_.unwatch(socket.get());
}

Result<> Listeners::listen_at(const std::set<Place>& places) {
    std::erase_if(sockets_, [&](const auto& item) {
        if (places.contains(item.first)) return false;
        loop_.unwatch(item.second.get());
        return true;
    });
    for (const Place& place : places) {
        if (sockets_.contains(place)) continue;
        BULKHEAD_TRY_ASSIGN(Fd socket, listen_everywhere(place.first, place.second));
        const int listener = socket.get();
        BULKHEAD_TRY(loop_.watch(listener, EPOLLIN, [this, listener](std::uint32_t) { on_ready(listener); }));
        sockets_.emplace(place, std::move(socket));
    }
    return {};
}

void Listeners::on_ready(int listener) {
    if (auto accepted = accept_from(listener)) accepted_(std::move(*accepted));
}

}  // namespace bulkhead::vnet::guard
