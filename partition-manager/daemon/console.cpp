#include "partition-manager/daemon/console.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

namespace bulkhead::daemon {
namespace {

// Writes what the person typed. A console that takes nothing for a second loses it, as a real line would.
void type(int console, std::string_view keys) {
    while (!keys.empty()) {
        const ssize_t written = ::write(console, keys.data(), keys.size());
        if (written > 0) {
            keys.remove_prefix(static_cast<std::size_t>(written));
            continue;
        }
        pollfd ready{console, POLLOUT, 0};
        if (errno != EAGAIN || ::poll(&ready, 1, 1000) <= 0) return;
    }
}

}  // namespace

grpc::Status relay_console(Fd console, grpc::ServerContext& context,
                           grpc::ServerReaderWriter<v1alpha1::ConsoleOutput, v1alpha1::ConsoleInput>& stream,
                           const std::stop_token& stop) {
    const Fd finished(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    const auto finish = [&finished] {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(finished.get(), &one, sizeof one);
    };
    const std::stop_callback on_stop(stop, finish);
    // The caller's half close or departure ends Read, so this thread always ends.
    std::jthread typing([&] {
        v1alpha1::ConsoleInput input;
        while (stream.Read(&input)) type(console.get(), input.data());
        finish();
    });
    std::array<pollfd, 2> ready{pollfd{console.get(), POLLIN, 0}, pollfd{finished.get(), POLLIN, 0}};
    std::array<char, 4096> chunk{};
    while (true) {
        if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) break;
        if (ready[1].revents != 0) break;
        const ssize_t got = ::read(console.get(), chunk.data(), chunk.size());
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (got <= 0) break;  // the machine has ended
        v1alpha1::ConsoleOutput output;
        output.set_data(chunk.data(), static_cast<std::size_t>(got));
        if (!stream.Write(output)) break;
    }
    stream.Write(v1alpha1::ConsoleOutput());
    // Read ends only with the call.
    context.TryCancel();
    return {};
}

}  // namespace bulkhead::daemon
