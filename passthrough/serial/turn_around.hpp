// Who switches an RS-485 line between sending and receiving: the kernel's driver, when it is asked
// (Documentation/driver-api/serial/serial-rs485.rst of Linux).
#pragma once

#include <linux/serial.h>

#include <string>

#include "base/error.hpp"
#include "model/serial_line.hpp"

namespace bulkhead::passthrough::serial {

// As TIOCSRS485 takes it.
serial_rs485 words_of(const model::Rs485& rs485);

class TurnAround {
  public:
    // Asks the driver of the open terminal `fd`. Code::unsupported if it can't, or if it made something else
    // of it. `path` is for errors only.
    static Result<TurnAround> set(int fd, const model::Rs485& rs485, const std::string& path);

    // As it was before. An owner that is killed can't: the next one finds it as that left it, and sets its
    // own.
    void give_back(int fd) const;

  private:
    explicit TurnAround(const serial_rs485& former) : former_(former) {}
    serial_rs485 former_;
};

}  // namespace bulkhead::passthrough::serial
