// Bulkhead's switch as one of the beds of `./bench vnet`. One command a line on stdin, one JSON object a line
// as its answer; ends, and takes its pins away, with stdin.
//
//   bench-switch PINS                            (root, in the bed's network namespace)
//     port NAME INTERFACE MAC ADDRESS [RATE]     INTERFACE - : the port of a partition that is not running;
//     RATE in
//                                                bit/s: what it may send
//     rule FROM TO udp|tcp PORT                  no answer; remembered for the next of these:
//     open | close                               all are in force, or out of it
//     start                                      the driver makes taps for the ports `later`, and opens the
//     rules end                                        what a `start`, of whatever process, made goes away
//     memory                                     {"bytes": N}, the maps and programs of the switch
#include <cstdio>
#include <iostream>
#include <sstream>
#include <utility>

#include "benchmarks/vnet/switch.hpp"

namespace bulkhead::bench {
namespace {

class Session {
  public:
    explicit Session(std::string pins) : pins_(std::move(pins)) {}

    Result<std::string> answer(const std::string& line) {
        std::istringstream words(line);
        std::string command;
        words >> command;
        if (command == "rule") {
            BULKHEAD_TRY(rule(words));
            return "";
        }
        if (command == "memory") {
            BULKHEAD_TRY_ASSIGN(const std::uint64_t bytes, bpf_memory());
            return R"({"bytes": )" + std::to_string(bytes) + "}";
        }
        BULKHEAD_TRY(execute(command, words));
        return "{}";
    }

  private:
    Result<> execute(const std::string& command, std::istringstream& words) {
        if (command == "port") return port(words);
        if (command == "open") return bed_->open(std::exchange(rules_, {}));
        if (command == "close") return bed_->close(std::exchange(rules_, {}));
        if (command == "end") return take_down();
        if (command != "start") return fail(Code::invalid, "no such command: " + words.str());
        BULKHEAD_TRY_ASSIGN(driver_, start(later_, std::exchange(rules_, {})));
        return {};
    }

    Result<> port(std::istringstream& words) {
        std::string name;
        std::string interface;
        std::string mac;
        std::string address;
        words >> name >> interface >> mac >> address;
        model::Port port;
        port.name = model::PortName(name);
        port.partition = model::PartitionName(name);
        port.zone = model::ZoneName("bench");
        port.tenant = model::TenantName("bench");
        BULKHEAD_TRY_ASSIGN(port.mac, model::parse_mac(mac));
        BULKHEAD_TRY_ASSIGN(port.address, model::parse_ipv4(address));
        words >> port.rate;
        if (interface == "later") {
            later_.push_back(port);
            return {};
        }
        if (!bed_) {
            BULKHEAD_TRY_ASSIGN(bed_, Switch::open(pins_));
        }
        return bed_->admit(port, interface == "-" ? "" : interface);
    }

    Result<> rule(std::istringstream& words) {
        std::string from;
        std::string to;
        std::string transport;
        std::uint16_t port = 0;
        if (!(words >> from >> to >> transport >> port))
            return fail(Code::invalid, "no rule: " + words.str());
        const auto kind = transport == "tcp" ? model::Transport::tcp : model::Transport::udp;
        rules_.insert({model::PortName(from), model::PortName(to), {kind, port}, 1, 0, {}});
        return {};
    }

    std::string pins_;
    std::unique_ptr<Switch> bed_;
    std::unique_ptr<model::Driver> driver_;
    std::vector<model::Port> later_;
    std::set<model::Rule> rules_;
};

Result<> serve(const std::string& pins) {
    Session session(pins);
    for (std::string line; std::getline(std::cin, line);) {
        BULKHEAD_TRY_ASSIGN(const std::string said, session.answer(line));
        if (!said.empty()) std::cout << said << '\n' << std::flush;
    }
    return {};
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: bench-switch PINS\n", stderr);
        return 2;
    }
    if (const auto done = bulkhead::bench::serve(argv[1]); !done) {
        std::fprintf(stderr, "bench-switch: error: %s\n", done.error().text().c_str());
        return 1;
    }
    return 0;
}
