#include "benchmarks/passthrough/client.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace bulkhead::benchmarks {
namespace {

constexpr int registers = 10;

std::unexpected<Error> failed(const std::string& what) {
    return fail(Code::io, what + ": " + modbus_strerror(errno));
}

}  // namespace

Result<Client::Context> Client::make(const std::filesystem::path& path) {
    Context context(modbus_new_rtu(path.c_str(), 115200, 'N', 8, 1));
    if (!context || modbus_set_slave(context.get(), 1) != 0 ||
        modbus_set_response_timeout(context.get(), 5, 0) != 0)
        return failed("can't make a Modbus client");
    return context;
}

Result<Client> Client::at_terminal(const std::filesystem::path& path) {
    BULKHEAD_TRY_ASSIGN(Context context, make(path));
    if (modbus_connect(context.get()) != 0) return failed("can't open " + path.string());
    return Client(std::move(context));
}

Result<Client> Client::at_socket(Fd socket) {
    BULKHEAD_TRY_ASSIGN(Context context, make("a guest's UART"));
    // Its own copy: the library closes a terminal by settings that a socket has none of.
    if (modbus_set_socket(context.get(), ::dup(socket.get())) != 0) return failed("can't use the socket");
    return Client(std::move(context));
}

Result<std::chrono::nanoseconds> Client::round_trip() {
    std::array<std::uint16_t, registers> values{};
    const auto begun = std::chrono::steady_clock::now();
    if (modbus_read_registers(context_.get(), 0, registers, values.data()) != registers)
        return failed("no answer");
    return std::chrono::steady_clock::now() - begun;
}

}  // namespace bulkhead::benchmarks
