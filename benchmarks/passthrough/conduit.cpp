#include "benchmarks/passthrough/conduit.hpp"

#include <modbus.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "model/conduit_guard.hpp"
#include "vnet/driver.hpp"
#include "vnet/guard/driver.hpp"

namespace bulkhead::benchmarks {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::uint16_t guarded_port = 502;
constexpr std::uint16_t straight_port = 503;
constexpr int registers = 10;
constexpr const char* rules = "unit 1 read holding-registers 0-99; unit 1 write coils 0-7";
const model::TenantName tenant("bench");

struct Deleter {
    void operator()(modbus_t* context) const {
        modbus_close(context);
        modbus_free(context);
    }
};
using Context = std::unique_ptr<modbus_t, Deleter>;

std::unexpected<Error> modbus_failure(const std::string& what) {
    return fail(Code::io, what + ": " + modbus_strerror(errno));
}

model::Port wire_port(const Station& station) {
    model::Port port{model::PortName(station.card)};
    port.kind = model::PortKind::wire;
    return port;
}

Result<model::Port> host_port(const Station& station, const std::string& name) {
    model::Port port{model::end_port_name(model::EndName(name))};
    BULKHEAD_TRY_ASSIGN(port.mac, model::parse_mac(station.mac));
    BULKHEAD_TRY_ASSIGN(port.address, model::parse_ipv4(station.address));
    port.kind = model::PortKind::host;
    port.tenant = tenant;
    port.zone = model::ZoneName(name);
    port.wire = model::PortName(station.card);
    return port;
}

model::Port guard_port() {
    model::Port port{model::guard_port_name(tenant)};
    port.mac = model::guard_mac(model::GatewayName("bench"), tenant);
    port.kind = model::PortKind::guard;
    port.tenant = tenant;
    return port;
}

Result<> start(const std::filesystem::path& guard, const std::vector<std::string>& argv) {
    const pid_t child = ::fork();
    if (child < 0) return fail_errno("can't fork");
    if (child == 0) {
        if (::fork() != 0) ::_exit(0);
        std::vector<char*> words;
        for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        ::execv(guard.c_str(), words.data());
        ::_exit(127);
    }
    ::waitpid(child, nullptr, 0);
    return {};
}

// One client after the other.
void answer_all(int listener, modbus_mapping_t& map) {
    while (true) {
        const Context context(modbus_new_tcp(nullptr, 0));
        if (modbus_tcp_accept(context.get(), &listener) < 0) return;
        std::array<std::uint8_t, MODBUS_TCP_MAX_ADU_LENGTH> request{};
        for (int length = 0; (length = modbus_receive(context.get(), request.data())) >= 0;)
            if (length > 0) modbus_reply(context.get(), request.data(), length, &map);
    }
}

Result<Context> connect(const std::string& server, std::uint16_t port) {
    Context context(modbus_new_tcp(server.c_str(), port));
    modbus_set_slave(context.get(), 1);
    if (modbus_connect(context.get()) != 0)
        return modbus_failure("no connection to port " + std::to_string(port));
    return context;
}

// Of stdin.
void wait_for_end() {
    for (std::string line; std::getline(std::cin, line);) continue;
}

Result<double> round_trip(modbus_t* context) {
    std::array<std::uint16_t, registers> values{};
    const auto begun = Clock::now();
    if (modbus_read_registers(context, 0, registers, values.data()) != registers)
        return modbus_failure("no answer");
    return std::chrono::duration<double, std::nano>(Clock::now() - begun).count();
}

}  // namespace

Result<> stand(const std::filesystem::path& guard, const std::filesystem::path& folder, const Station& client,
               const Station& server) {
    model::Layout layout;
    layout.bpf = "/sys/fs/bpf/bench-conduit";
    layout.owner = "bench-conduit";
    layout.run = folder;
    BULKHEAD_TRY_ASSIGN(const auto driver, vnet::SwitchDriver::open(layout));
    vnet::guard::GuardDriver guards(layout, [&](const auto& argv) { return start(guard, argv); });
    BULKHEAD_TRY_ASSIGN(const auto from, host_port(client, "client"));
    BULKHEAD_TRY_ASSIGN(const auto to, host_port(server, "server"));
    for (const auto& port : {wire_port(client), wire_port(server), from, to, guard_port()})
        BULKHEAD_TRY(driver->execute(model::CreatePort{port}));
    const model::ConduitName guarded("guarded");
    BULKHEAD_TRY_ASSIGN(const auto allowed, model::parse_modbus_guard(rules));
    BULKHEAD_TRY(guards.execute(
        model::CreateGuard{{tenant,
                            model::guard_leg_name(tenant),
                            guard_port().mac,
                            {{guarded, {{from.address, to.address, guarded_port}}, {}, allowed}}}}));
    model::Rule rule{from.name, to.name, {model::Transport::tcp, guarded_port}, model::conduit_id(guarded)};
    rule.via = guard_port().name;
    BULKHEAD_TRY(driver->execute(model::OpenConduit{guarded, {rule}, {}}));
    const model::ConduitName straight("straight");
    rule = {from.name, to.name, {model::Transport::tcp, straight_port}, model::conduit_id(straight)};
    BULKHEAD_TRY(driver->execute(model::OpenConduit{straight, {rule}, {}}));
    std::cout << "{}" << std::endl;
    wait_for_end();
    BULKHEAD_TRY(guards.execute(model::DeleteGuard{tenant}));
    return vnet::destroy_switch(layout);
}

Result<> serve(const std::string& address) {
    const std::unique_ptr<modbus_mapping_t, void (*)(modbus_mapping_t*)> map(
        modbus_mapping_new(0, 0, registers, 0), modbus_mapping_free);
    std::vector<std::jthread> threads;
    std::vector<int> listeners;
    for (const std::uint16_t port : {guarded_port, straight_port}) {
        const Context context(modbus_new_tcp(address.c_str(), port));
        const int listener = modbus_tcp_listen(context.get(), 1);
        if (listener < 0) return modbus_failure("can't listen");
        listeners.push_back(listener);
        threads.emplace_back([listener, &map] { answer_all(listener, *map); });
    }
    std::cout << "{}" << std::endl;
    wait_for_end();
    for (const int listener : listeners) ::shutdown(listener, SHUT_RDWR);
    return {};
}

Result<Figures> ask(const std::string& server, std::size_t rounds) {
    BULKHEAD_TRY_ASSIGN(const Context guarded, connect(server, guarded_port));
    BULKHEAD_TRY_ASSIGN(const Context straight, connect(server, straight_port));
    Figures figures;
    const std::size_t unmeasured = rounds / 20 + 1;  // caches and branch predictors first
    for (std::size_t i = 0; i < unmeasured + rounds; ++i)
        for (const auto& [name, context] :
             {std::pair("straight", straight.get()), std::pair("guard", guarded.get())}) {
            BULKHEAD_TRY_ASSIGN(const double took, round_trip(context));
            if (i >= unmeasured) figures[name].push_back(took);
        }
    return figures;
}

}  // namespace bulkhead::benchmarks
