// historian: takes readings from vendors' partitions and says the latest.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "inbox.hpp"

int main() {
    const char* const text = std::getenv("BULKHEAD_PORT");
    std::uint16_t port = 8883;
    if (text != nullptr) {
        const auto [end, error] = std::from_chars(text, text + std::strlen(text), port);
        if (error != std::errc{} || *end != '\0' || port == 0) {
            std::printf("degraded: port must be 1 to 65535\n");
            return EXIT_FAILURE;
        }
    }
    historian::Inbox inbox([](const std::string& line) {
        std::printf("reading: %s\n", line.c_str());
        std::fflush(stdout);
    });
    if (!inbox.listen(port)) {
        std::printf("degraded: can't listen on port %u: %s\n", port, std::strerror(errno));
        return EXIT_FAILURE;
    }
    while (true) inbox.serve(-1);
}
