#include "benchmarks/passthrough/measures.hpp"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>

#include "base/file.hpp"
#include "benchmarks/passthrough/client.hpp"
#include "benchmarks/passthrough/lines.hpp"
#include "examples/simulators/pty.hpp"
#include "passthrough/modbus/crc.hpp"
#include "passthrough/modbus/rtu.hpp"
#include "passthrough/slcan/guard.hpp"

namespace bulkhead::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::string_view modbus_rules =
    "modbus; unit 1 read holding-registers 0-99; unit 1 write coils 0-7";
constexpr std::string_view can_rules = "slcan 500000; send 0x201; receive 0x180/0x7f0";
constexpr std::size_t frames = 1000;
constexpr int patience_ms = 10'000;

double nanoseconds_since(Clock::time_point begun) {
    return std::chrono::duration<double, std::nano>(Clock::now() - begun).count();
}

// Writes `text` to the one, reads as many bytes from the other.
Result<> carry(int from, int to, std::string_view text) {
    std::size_t arrived = 0;
    std::size_t written = 0;
    std::array<char, 4096> bytes{};
    while (arrived < text.size()) {
        std::array<pollfd, 2> ready{pollfd{from, static_cast<short>(written < text.size() ? POLLOUT : 0), 0},
                                    pollfd{to, POLLIN, 0}};
        if (::poll(ready.data(), ready.size(), patience_ms) <= 0)
            return fail(Code::timeout, "bytes are lost");
        if ((ready[0].revents & POLLOUT) != 0)
            if (const ssize_t put = ::write(from, text.data() + written, text.size() - written); put > 0)
                written += static_cast<std::size_t>(put);
        if ((ready[1].revents & POLLIN) == 0) continue;
        const ssize_t got = ::read(to, bytes.data(), bytes.size());
        if (got <= 0 && errno != EAGAIN) return fail_errno("can't read the far end of the line");
        if (got > 0) arrived += static_cast<std::size_t>(got);
    }
    return {};
}

Result<Fd> open_raw(const std::string& path) {
    BULKHEAD_TRY_ASSIGN(Fd fd, open_file(path, O_RDWR | O_NOCTTY | O_NONBLOCK));
    termios settings{};
    if (::tcgetattr(fd.get(), &settings) != 0) return fail_errno("is no terminal", path);
    ::cfmakeraw(&settings);
    if (::tcsetattr(fd.get(), TCSANOW, &settings) != 0) return fail_errno("can't set the terminal", path);
    return fd;
}

}  // namespace

Result<Figures> round_trips(const Bed& bed, const std::vector<std::filesystem::path>& plcs) {
    Lines lines(bed.programs, bed.folder);
    BULKHEAD_TRY(lines.assign("owner", "one", plcs.at(1), ""));
    BULKHEAD_TRY(lines.assign("guard", "two", plcs.at(2), modbus_rules));
    for (const std::string name : {"shared", "other"})
        BULKHEAD_TRY(
            lines.assign(name, "of-" + name, plcs.at(3), modbus_rules, "115200 8N1; in turns of 1000 ms"));
    std::vector<std::pair<std::string, Client>> clients;
    BULKHEAD_TRY_ASSIGN(auto direct, Client::at_terminal(plcs.at(0)));
    clients.emplace_back("direct", std::move(direct));
    for (const std::string name : {"owner", "guard", "shared"}) {
        BULKHEAD_TRY_ASSIGN(Fd socket, lines.connect(name));
        BULKHEAD_TRY_ASSIGN(auto client, Client::at_socket(std::move(socket)));
        clients.emplace_back(name, std::move(client));
    }
    Figures figures;
    const std::size_t unmeasured = bed.rounds / 20 + 1;  // caches and branch predictors first
    for (std::size_t round = 0; round < unmeasured + bed.rounds; ++round)
        for (std::size_t turn = 0; turn < clients.size(); ++turn) {
            // Nobody comes always after the same one.
            auto& [name, client] = clients[(turn + round) % clients.size()];
            BULKHEAD_TRY_ASSIGN(const auto took, client.round_trip());
            if (round >= unmeasured) figures[name].push_back(static_cast<double>(took.count()));
        }
    return figures;
}

Result<Figures> hand_overs(const Bed& bed, const std::filesystem::path& plc) {
    Lines lines(bed.programs, bed.folder);
    Figures figures;
    BULKHEAD_TRY(lines.assign("line", "before", plc, modbus_rules));
    for (std::size_t round = 0; round < bed.rounds; ++round) {
        BULKHEAD_TRY_ASSIGN(Fd former, lines.connect("line"));
        BULKHEAD_TRY_ASSIGN(auto before, Client::at_socket(std::move(former)));
        BULKHEAD_TRY(before.round_trip());
        const auto begun = Clock::now();
        BULKHEAD_TRY(lines.release("line"));
        BULKHEAD_TRY(lines.assign("line", "next-" + std::to_string(round), plc, modbus_rules));
        figures["serving"].push_back(nanoseconds_since(begun));
        BULKHEAD_TRY_ASSIGN(Fd latter, lines.connect("line"));
        BULKHEAD_TRY_ASSIGN(auto next, Client::at_socket(std::move(latter)));
        BULKHEAD_TRY(next.round_trip());
        figures["answered"].push_back(nanoseconds_since(begun));
    }
    return figures;
}

Result<Figures> thousand_frames(const Bed& bed) {
    std::string text;
    for (std::size_t i = 0; i < frames; ++i) text += "t20180011223344556677\r";
    Lines lines(bed.programs, bed.folder);
    std::map<std::string, simulators::Pty> far;
    std::map<std::string, Fd> near;
    for (const std::string name : {"direct", "owner", "guard"}) {
        const auto link = bed.folder / (name + ".tty");
        BULKHEAD_TRY_ASSIGN(auto pty, simulators::Pty::open(link));
        if (name == "direct") {
            BULKHEAD_TRY_ASSIGN(near[name], open_raw(pty.name()));
        } else {
            BULKHEAD_TRY(lines.assign(name, name, link, name == "guard" ? can_rules : ""));
            BULKHEAD_TRY_ASSIGN(near[name], lines.connect(name));
        }
        BULKHEAD_TRY(carry(near[name].get(), pty.fd(), "S6\rO\r"));
        far.emplace(name, std::move(pty));
    }
    Figures figures;
    for (std::size_t round = 0; round <= bed.rounds; ++round)
        for (const auto& [name, pty] : far) {
            const auto begun = Clock::now();
            BULKHEAD_TRY(carry(near[name].get(), pty.fd(), text));
            if (round != 0) figures[name].push_back(nanoseconds_since(begun));
        }
    return figures;
}

Result<Figures> judgements(const Bed& bed) {
    constexpr unsigned rules = 64;
    constexpr unsigned at_once = 1000;
    std::string modbus = "unit 1 read holding-registers 0-9";
    std::string can = "send 0x100";
    for (unsigned i = 1; i < rules; ++i) {
        modbus +=
            "; unit 1 read holding-registers " + std::to_string(10 * i) + "-" + std::to_string(10 * i + 9);
        can += "; send 0x" + std::to_string(100 + i);
    }
    BULKHEAD_TRY_ASSIGN(auto requests, model::parse_modbus_guard(modbus));
    BULKHEAD_TRY_ASSIGN(auto bus, model::parse_can_guard(can));
    passthrough::modbus::Rtu rtu(std::move(requests));
    passthrough::slcan::Guard slcan(std::move(bus), 500'000);
    std::vector<std::byte> request{std::byte{1},         std::byte{3}, std::byte{630 >> 8},
                                   std::byte{630 & 255}, std::byte{0}, std::byte{10}};
    const auto sum = passthrough::modbus::crc(request);
    request.push_back(static_cast<std::byte>(sum & 255U));
    request.push_back(static_cast<std::byte>(sum >> 8U));
    const std::string frame = "t16380011223344556677\r";
    const std::string open = "S6\rO\r";
    slcan.from_guest(std::as_bytes(std::span(open)), Clock::now());
    Figures figures;
    for (std::size_t round = 0; round < bed.rounds; ++round)
        for (auto& [name, guard, bytes] :
             {std::tuple<std::string, passthrough::LineGuard*, std::span<const std::byte>>{
                  "request", &rtu, std::span<const std::byte>(request)},
              {"frame", &slcan, std::as_bytes(std::span(frame))}}) {
            const auto begun = Clock::now();
            for (unsigned i = 0; i < at_once; ++i)
                if (guard->from_guest(bytes, Clock::now()).to_line.empty())
                    return fail(Code::internal, "the guard refuses: " + guard->counts().last);
            figures[name].push_back(nanoseconds_since(begun) / at_once);
        }
    return figures;
}

}  // namespace bulkhead::benchmarks
