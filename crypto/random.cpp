#include "crypto/random.hpp"

#include <openssl/rand.h>

#include <cstdlib>

namespace bulkhead::crypto {

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1)
        std::abort();
    return bytes;
}

}  // namespace bulkhead::crypto
