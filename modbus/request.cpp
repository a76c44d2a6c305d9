#include "modbus/request.hpp"

namespace bulkhead::modbus {
namespace {

using model::ModbusTable;

enum Function : std::uint8_t {
    read_coils = 1,
    read_discrete_inputs = 2,
    read_holding_registers = 3,
    read_input_registers = 4,
    write_single_coil = 5,
    write_single_register = 6,
    read_exception_status = 7,
    diagnostics = 8,
    get_comm_event_counter = 11,
    get_comm_event_log = 12,
    write_multiple_coils = 15,
    write_multiple_registers = 16,
    report_server_id = 17,
    read_file_record = 20,
    write_file_record = 21,
    mask_write_register = 22,
    read_write_registers = 23,
    read_fifo_queue = 24,
    encapsulated_interface = 43,
};

constexpr std::size_t most_read_bits = 2000;
constexpr std::size_t most_read_registers = 125;
constexpr std::size_t most_written_bits = 1968;
constexpr std::size_t most_written_registers = 123;
constexpr std::size_t most_read_with_write = 125;
constexpr std::size_t most_written_with_read = 121;

using Pdu = std::span<const std::byte>;
using Parsed = std::expected<Request, Exception>;

std::uint8_t u8(Pdu pdu, std::size_t at) {
    return std::to_integer<std::uint8_t>(pdu[at]);
}
std::uint16_t u16(Pdu pdu, std::size_t at) {
    return static_cast<std::uint16_t>(u8(pdu, at) << 8U | u8(pdu, at + 1));
}

std::expected<Access, Exception> run_of(ModbusTable table, bool write, std::uint16_t first, std::size_t count,
                                        std::size_t most) {
    if (count < 1 || count > most) return std::unexpected(Exception::illegal_data_value);
    if (first + count > 0x10000) return std::unexpected(Exception::illegal_data_address);
    return Access{table, write, first, static_cast<std::uint16_t>(count)};
}

Parsed one(std::uint8_t function, std::expected<Access, Exception> access) {
    if (!access) return std::unexpected(access.error());
    return Request{function, {*access, std::nullopt}};
}

Parsed read_run(Pdu pdu, ModbusTable table, std::size_t most) {
    if (pdu.size() != 5) return std::unexpected(Exception::illegal_data_value);
    return one(u8(pdu, 0), run_of(table, false, u16(pdu, 1), u16(pdu, 3), most));
}

Parsed write_one(Pdu pdu, ModbusTable table, std::size_t length) {
    if (pdu.size() != length) return std::unexpected(Exception::illegal_data_value);
    return one(u8(pdu, 0), run_of(table, true, u16(pdu, 1), 1, 1));
}

Parsed write_run(Pdu pdu, ModbusTable table, std::size_t most) {
    if (pdu.size() < 6) return std::unexpected(Exception::illegal_data_value);
    const std::size_t count = u16(pdu, 3);
    const std::size_t bytes = table == ModbusTable::coils ? (count + 7) / 8 : count * 2;
    if (u8(pdu, 5) != bytes || pdu.size() != 6 + bytes) return std::unexpected(Exception::illegal_data_value);
    return one(u8(pdu, 0), run_of(table, true, u16(pdu, 1), count, most));
}

Parsed read_and_write(Pdu pdu) {
    if (pdu.size() < 10) return std::unexpected(Exception::illegal_data_value);
    const std::size_t count = u16(pdu, 7);
    if (u8(pdu, 9) != count * 2 || pdu.size() != 10 + count * 2)
        return std::unexpected(Exception::illegal_data_value);
    const auto table = ModbusTable::holding_registers;
    const auto read = run_of(table, false, u16(pdu, 1), u16(pdu, 3), most_read_with_write);
    const auto write = run_of(table, true, u16(pdu, 5), count, most_written_with_read);
    if (!read) return std::unexpected(read.error());
    if (!write) return std::unexpected(write.error());
    return Request{u8(pdu, 0), {*read, *write}};
}

}  // namespace

std::expected<Request, Exception> parse_request(std::span<const std::byte> pdu) {
    if (pdu.empty() || pdu.size() > longest_pdu || u8(pdu, 0) == 0 || u8(pdu, 0) > 127)
        return std::unexpected(Exception::illegal_function);
    switch (u8(pdu, 0)) {
        case read_coils:
            return read_run(pdu, ModbusTable::coils, most_read_bits);
        case read_discrete_inputs:
            return read_run(pdu, ModbusTable::discrete_inputs, most_read_bits);
        case read_holding_registers:
            return read_run(pdu, ModbusTable::holding_registers, most_read_registers);
        case read_input_registers:
            return read_run(pdu, ModbusTable::input_registers, most_read_registers);
        case write_single_coil:
            return write_one(pdu, ModbusTable::coils, 5);
        case write_single_register:
            return write_one(pdu, ModbusTable::holding_registers, 5);
        case mask_write_register:
            return write_one(pdu, ModbusTable::holding_registers, 7);
        case write_multiple_coils:
            return write_run(pdu, ModbusTable::coils, most_written_bits);
        case write_multiple_registers:
            return write_run(pdu, ModbusTable::holding_registers, most_written_registers);
        case read_write_registers:
            return read_and_write(pdu);
        default:
            return Request{u8(pdu, 0), {}};
    }
}

std::optional<std::size_t> request_length(std::span<const std::byte> pdu) {
    if (pdu.empty()) return std::nullopt;
    const auto counted = [&](std::size_t at) -> std::optional<std::size_t> {
        return pdu.size() > at ? std::optional(at + 1 + u8(pdu, at)) : std::nullopt;
    };
    switch (u8(pdu, 0)) {
        case read_exception_status:
        case get_comm_event_counter:
        case get_comm_event_log:
        case report_server_id:
            return 1;
        case read_fifo_queue:
            return 3;
        case read_coils:
        case read_discrete_inputs:
        case read_holding_registers:
        case read_input_registers:
        case write_single_coil:
        case write_single_register:
            return 5;
        case mask_write_register:
            return 7;
        case write_multiple_coils:
        case write_multiple_registers:
            return counted(5);
        case read_write_registers:
            return counted(9);
        case read_file_record:
        case write_file_record:
            return counted(1);
        default:
            return 0;
    }
}

}  // namespace bulkhead::modbus
