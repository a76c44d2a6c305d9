#include "passthrough/guest_port.hpp"

#include <poll.h>

#include <chrono>

#include "base/log.hpp"

namespace bulkhead::passthrough {
namespace {

bool has_left(int fd) {
    pollfd client{fd, POLLRDHUP, 0};
    return ::poll(&client, 1, 0) > 0 && (client.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace

Result<> GuestPort::open(const std::filesystem::path& path, std::optional<uid_t> user) {
    return listener_.open(path, user, std::chrono::milliseconds(250),
                          [this](Fd client) { on_client(std::move(client)); });
}

void GuestPort::on_client(Fd client) {
    // A guest that starts again may connect before we have heard that its last run hung up.
    if (client_ && has_left(client_.get())) lost();
    if (client_) {
        log::warning("refused a second client of the device");
        return;
    }
    client_ = std::move(client);
    events_.joined(client_.get());
}

void GuestPort::lost() {
    if (!client_) return;
    events_.leaving();
    client_.reset();
}

}  // namespace bulkhead::passthrough
