// What is at the far end of a serial line, by libmodbus: a unit whose n-th holding register holds n. And
// masters that ask it, where a guest's UART would be.
#pragma once

#include <modbus.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "examples/simulators/pty.hpp"

namespace bulkhead::testing_support {

struct ModbusDeleter {
    void operator()(modbus_t* context) const { modbus_free(context); }
    void operator()(modbus_mapping_t* mapping) const { modbus_mapping_free(mapping); }
};

class Field {
  public:
    static constexpr int unit = 1;
    static constexpr int registers = 4096;
    static constexpr int mute = registers - 1;  // whoever asks from here on is not answered

    explicit Field(const std::filesystem::path& link);
    Field(const Field&) = delete;
    Field& operator=(const Field&) = delete;

    // Takes requests and answers none, from the next one on.
    void be_silent(bool silent) { silent_ = silent; }
    // Answers each so much later.
    void be_slow(std::chrono::milliseconds by) { slow_ = by.count(); }
    std::uint64_t asked() const { return asked_; }
    void say(const std::vector<std::uint8_t>& bytes) const;

  private:
    void serve(const std::stop_token& stop);

    simulators::Pty pty_;
    std::unique_ptr<modbus_t, ModbusDeleter> context_;
    std::unique_ptr<modbus_mapping_t, ModbusDeleter> mapping_;
    std::atomic<bool> silent_ = false;
    std::atomic<std::int64_t> slow_ = 0;
    std::atomic<std::uint64_t> asked_ = 0;
    std::jthread thread_;
};

class Master {
  public:
    // At the socket of a device's owner.
    explicit Master(const std::filesystem::path& socket, int unit = Field::unit);

    // Nothing if it was not answered.
    std::optional<std::vector<std::uint16_t>> read(int address, int count);
    std::optional<int> write(int address, std::uint16_t value);
    // Whether registers from `address` on are those.
    bool reads_its_own(int address, int count);

  private:
    Fd socket_;
    std::unique_ptr<modbus_t, ModbusDeleter> context_;
};

}  // namespace bulkhead::testing_support
