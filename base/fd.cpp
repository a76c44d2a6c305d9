#include "base/fd.hpp"

#include <unistd.h>

namespace bulkhead {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

void Fd::reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace bulkhead
