#include "tests/passthrough/modbus/field.hpp"

#include <poll.h>
#include <unistd.h>

#include <array>

#include "tests/passthrough/line.hpp"

namespace bulkhead::testing_support {

Field::Field(const std::filesystem::path& link)
    : pty_(simulators::Pty::open(link).value()),
      context_(modbus_new_rtu(pty_.name().c_str(), 9600, 'N', 8, 1)),
      mapping_(modbus_mapping_new(0, 0, registers, 0)) {
    for (int i = 0; i < registers; ++i) mapping_->tab_registers[i] = static_cast<std::uint16_t>(i);
    modbus_set_slave(context_.get(), unit);
    modbus_set_socket(context_.get(), pty_.fd());
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

void Field::serve(const std::stop_token& stop) {
    std::array<std::uint8_t, MODBUS_RTU_MAX_ADU_LENGTH> request{};
    while (!stop.stop_requested()) {
        pollfd ready{pty_.fd(), POLLIN, 0};
        if (::poll(&ready, 1, 20) <= 0) continue;
        const int length = modbus_receive(context_.get(), request.data());
        if (length <= 0) continue;  // another unit's
        ++asked_;
        // What a slow device does is what is tested; nothing waits for it but the line.
        if (slow_ != 0) std::this_thread::sleep_for(std::chrono::milliseconds(slow_));
        if (!silent_ && request[2] * 256 + request[3] != mute)
            modbus_reply(context_.get(), request.data(), length, mapping_.get());
    }
}

void Field::say(const std::vector<std::uint8_t>& bytes) const {
    send_all(pty_.fd(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Master::Master(const std::filesystem::path& socket, int unit)
    : socket_(connect_guest(socket)), context_(modbus_new_rtu("a guest's UART", 9600, 'N', 8, 1)) {
    modbus_set_slave(context_.get(), unit);
    modbus_set_response_timeout(context_.get(), 30, 0);
    modbus_set_socket(context_.get(), socket_.get());
}

std::optional<std::vector<std::uint16_t>> Master::read(int address, int count) {
    std::vector<std::uint16_t> values(static_cast<std::size_t>(count));
    if (modbus_read_registers(context_.get(), address, count, values.data()) != count) return std::nullopt;
    return values;
}

std::optional<int> Master::write(int address, std::uint16_t value) {
    const int written = modbus_write_register(context_.get(), address, value);
    return written < 0 ? std::nullopt : std::optional(written);
}

bool Master::reads_its_own(int address, int count) {
    const auto values = read(address, count);
    if (!values) return false;
    for (int i = 0; i < count; ++i)
        if (values->at(static_cast<std::size_t>(i)) != address + i) return false;
    return true;
}

}  // namespace bulkhead::testing_support
