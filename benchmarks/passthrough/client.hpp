// A Modbus RTU client by libmodbus, at a terminal or at the socket where a guest's UART would be.
#pragma once

#include <modbus.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "base/error.hpp"
#include "base/fd.hpp"

namespace bulkhead::benchmarks {

class Client {
  public:
    static Result<Client> at_terminal(const std::filesystem::path& path);
    static Result<Client> at_socket(Fd socket);

    // Reads the ten registers of the simulated PLC: 8 bytes there, 25 back.
    Result<std::chrono::nanoseconds> round_trip();

  private:
    struct Deleter {
        void operator()(modbus_t* context) const {
            modbus_close(context);
            modbus_free(context);
        }
    };
    using Context = std::unique_ptr<modbus_t, Deleter>;

    static Result<Context> make(const std::filesystem::path& path);
    explicit Client(Context context) : context_(std::move(context)) {}

    Context context_;
};

}  // namespace bulkhead::benchmarks
