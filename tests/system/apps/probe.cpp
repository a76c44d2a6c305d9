// An application that shows what its partition can do. Configured by
//   listen: 8883,9000              answers on these TCP ports
//   dial: 10.0.0.2:8883,...        once a second: connects, sends a line, wants it back
//   ask: 10.0.0.2:502,...          once a second: reads and writes Modbus register 7 there
//   say: 10.0.0.2:5000,...         once a second: sends a datagram
//   hear: 5000,...                 counts datagrams on these UDP ports
//   can: can0,...                  once a second: sends a frame 0x123 with a count; counts what it hears
//   bus: can0,...                  counts the frames that it hears, and says nothing
//   line: /dev/bulkhead/scale,...  once a second: says "tick N" on this tty, opened anew if it went away;
//                                  counts the bytes that it hears
//   count: /data/starts            adds a line to this file at each start
//   wrong: swapoff                 tries a system call that its profile denies
//   secret: token,...              once a second: reads these secrets; shows FNV-1a of what they say
// and reports once a second, for example:
//   reading: {"starts":2,"dial 10.0.0.2:8883":7,"fail 10.0.0.2:9000":7,"hear 5000":3}
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr int patience_ms = 700;

std::vector<std::string> words_of(const char* variable) {
    const char* const value = std::getenv(variable);
    std::vector<std::string> words;
    std::string word;
    for (const char* c = value == nullptr ? "" : value; *c != '\0'; ++c) {
        if (*c != ',') {
            word += *c;
            continue;
        }
        words.push_back(std::exchange(word, {}));
    }
    if (!word.empty()) words.push_back(word);
    return words;
}

sockaddr_in address_of(const std::string& text) {
    const auto colon = text.find(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoul(text.substr(colon + 1))));
    if (colon != std::string::npos) ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr);
    return address;
}

class Socket {
  public:
    explicit Socket(int fd) : fd_(fd) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (fd_ >= 0) ::close(fd_);
    }
    int fd() const { return fd_; }
    bool wait(short events) const {
        pollfd ready{fd_, events, 0};
        return ::poll(&ready, 1, patience_ms) == 1;
    }

  private:
    int fd_;
};

const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

bool dial(const sockaddr_in& address) {
    const Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    [[maybe_unused]] const int begun = ::connect(socket.fd(), generic(address), sizeof address);
    char back = 0;
    return socket.wait(POLLOUT) && ::send(socket.fd(), "x", 1, MSG_NOSIGNAL) == 1 && socket.wait(POLLIN) &&
           ::recv(socket.fd(), &back, 1, 0) == 1 && back == 'x';
}

// A request about register 7 over a connection of its own (MODBUS Messaging on TCP/IP V1.0b, 3.1.3). What
// came of it: nothing to add, or which exception, or silence.
std::string ask(const sockaddr_in& address, std::uint8_t function) {
    constexpr std::size_t verdict = 9;  // bytes up to the exception's code
    const std::array<std::uint8_t, 12> request{0, 1, 0, 0, 0, 6, 1, function, 0, 7, 0, 1};
    std::array<std::uint8_t, verdict> answer{};
    const Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    [[maybe_unused]] const int begun = ::connect(socket.fd(), generic(address), sizeof address);
    if (!socket.wait(POLLOUT) || ::send(socket.fd(), request.data(), request.size(), MSG_NOSIGNAL) < 0)
        return " silence";
    for (std::size_t got = 0; got < answer.size();) {
        if (!socket.wait(POLLIN)) return " silence";
        const ssize_t more = ::recv(socket.fd(), answer.data() + got, answer.size() - got, 0);
        if (more <= 0) return " silence";
        got += static_cast<std::size_t>(more);
    }
    return answer[7] == function ? "" : " exception " + std::to_string(answer[8]);
}

[[noreturn]] void answer(const std::string& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    const auto address = address_of(port);
    if (::bind(listener, generic(address), sizeof address) != 0 || ::listen(listener, 16) != 0)
        std::perror("listen");
    while (true) {
        const Socket socket(::accept(listener, nullptr, nullptr));
        char byte = 0;
        if (socket.wait(POLLIN) && ::recv(socket.fd(), &byte, 1, 0) == 1)
            ::send(socket.fd(), &byte, 1, MSG_NOSIGNAL);
    }
}

[[noreturn]] void hear(const std::string& port, std::atomic<unsigned>& count) {
    const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
    const auto address = address_of(port);
    if (::bind(socket, generic(address), sizeof address) != 0) std::perror("hear");
    char byte = 0;
    while (true)
        if (::recv(socket, &byte, 1, 0) == 1) ++count;
}

void say(const std::string& to) {
    const Socket socket(::socket(AF_INET, SOCK_DGRAM, 0));
    const auto address = address_of(to);
    ::sendto(socket.fd(), "x", 1, 0, generic(address), sizeof address);
}

// A bus in a loop of its own: what is heard is counted as it comes.
class Bus {
  public:
    explicit Bus(const std::string& interface) : socket_(::socket(PF_CAN, SOCK_RAW, CAN_RAW)) {
        sockaddr_can address{};
        address.can_family = AF_CAN;
        address.can_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
        if (socket_.fd() < 0 ||
            ::bind(socket_.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            std::perror("can");
    }
    bool hears() const {
        can_frame frame{};
        return socket_.wait(POLLIN) && ::read(socket_.fd(), &frame, sizeof frame) == sizeof frame;
    }
    void say(unsigned count) const {
        can_frame frame{};
        frame.can_id = 0x123;
        frame.can_dlc = 1;
        frame.data[0] = static_cast<std::uint8_t>(count);
        if (::write(socket_.fd(), &frame, sizeof frame) != sizeof frame) std::perror("can");
    }

  private:
    Socket socket_;
};

[[noreturn]] void count_frames(const std::string& interface, std::atomic<unsigned>& count) {
    const Bus bus(interface);
    while (true)
        if (bus.hears()) ++count;
}

[[noreturn]] void ride(const std::string& interface, std::atomic<unsigned>& count) {
    const Bus bus(interface);
    for (auto next = std::chrono::steady_clock::now();;) {
        if (bus.hears()) ++count;
        if (std::chrono::steady_clock::now() < next) continue;
        next += 1s;
        bus.say(count);
    }
}

// One line more on a volume that outlives the partition's machine. Nothing if it can't be kept there.
std::optional<unsigned> count_start(const std::string& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, "start\n", 6) != 6 || ::fsync(fd) != 0) return std::nullopt;
    ::close(fd);
    std::ifstream file(path);
    unsigned lines = 0;
    for (std::string line; std::getline(file, line);) ++lines;
    return lines;
}

int open_tty(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK);
    termios settings{};
    ::cfmakeraw(&settings);
    settings.c_cflag = CREAD | CLOCAL | CS8;
    if (fd < 0 || (::cfsetspeed(&settings, B9600) == 0 && ::tcsetattr(fd, TCSANOW, &settings) == 0))
        return fd;
    ::close(fd);
    return -1;
}

// Until the tty goes away.
void talk_on(int fd, std::atomic<unsigned>& count) {
    for (unsigned number = 0;; ++number) {
        const auto tick = "tick " + std::to_string(number) + "\n";
        if (::write(fd, tick.data(), tick.size()) < 0 && errno != EAGAIN) return;
        for (const auto end = std::chrono::steady_clock::now() + 1s;;) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
            pollfd ready{fd, POLLIN, 0};
            if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) break;
            char bytes[256];
            const ssize_t got = ::read(fd, bytes, sizeof bytes);
            if (got == 0 || (got < 0 && errno != EAGAIN)) return;
            if (got > 0) count += static_cast<unsigned>(got);
        }
    }
}

void talk(const std::string& path, std::atomic<unsigned>& count) {
    while (true) {
        if (const int fd = open_tty(path); fd >= 0) {
            talk_on(fd, count);
            ::close(fd);
        }
        std::this_thread::sleep_for(500ms);
    }
}

// 32 bits, as http://www.isthe.com/chongo/tech/comp/fnv describes it.
unsigned fnv1a(const std::string& text) {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash;
}

void look_for_secret(const std::string& name, std::map<std::string, unsigned>& seen) {
    std::ifstream file("/run/bulkhead/secrets/" + name, std::ios::binary);
    if (!file) {
        seen.erase("secret " + name);
        ++seen["without " + name];
        return;
    }
    seen["secret " + name] = fnv1a({std::istreambuf_iterator<char>(file), {}});
}

}  // namespace

int main() {
    std::map<std::string, unsigned> seen;
    std::list<std::pair<std::string, std::atomic<unsigned>>> heard;
    for (const auto& path : words_of("BULKHEAD_COUNT"))
        if (const auto starts = count_start(path)) seen["starts"] = *starts;
    if (!words_of("BULKHEAD_WRONG").empty()) ::swapoff("/dev/none");
    for (const auto& port : words_of("BULKHEAD_LISTEN")) std::thread(answer, port).detach();
    for (const auto& port : words_of("BULKHEAD_HEAR")) {
        auto& [name, count] = heard.emplace_back("hear " + port, 0U);
        std::thread(hear, port, std::ref(count)).detach();
    }
    for (const auto& interface : words_of("BULKHEAD_CAN")) {
        auto& [name, count] = heard.emplace_back("can " + interface, 0U);
        std::thread(ride, interface, std::ref(count)).detach();
    }
    for (const auto& interface : words_of("BULKHEAD_BUS")) {
        auto& [name, count] = heard.emplace_back("bus " + interface, 0U);
        std::thread(count_frames, interface, std::ref(count)).detach();
    }
    for (const auto& path : words_of("BULKHEAD_LINE")) {
        auto& [name, count] = heard.emplace_back("line " + path, 0U);
        std::thread(talk, path, std::ref(count)).detach();
    }
    for (auto next = std::chrono::steady_clock::now();; next += 1s) {
        for (const auto& target : words_of("BULKHEAD_DIAL"))
            ++seen[(dial(address_of(target)) ? "dial " : "fail ") + target];
        for (const auto& target : words_of("BULKHEAD_ASK")) {
            ++seen["read " + target + ask(address_of(target), 3)];
            ++seen["write " + target + ask(address_of(target), 6)];
        }
        for (const auto& target : words_of("BULKHEAD_SAY")) say(target);
        for (const auto& name : words_of("BULKHEAD_SECRET")) look_for_secret(name, seen);
        for (const auto& [what, count] : heard) seen[what] = count;
        std::string report;
        for (const auto& [what, count] : seen)
            report += (report.empty() ? "" : ",") + ("\"" + what + "\":") + std::to_string(count);
        std::printf("reading: {%s}\n", report.c_str());
        std::fflush(stdout);
        std::this_thread::sleep_until(next + 1s);
    }
}
