#include "tests/vnet/router/site.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "base/file.hpp"
#include "spec/validate.hpp"
#include "tests/vnet/detached.hpp"

namespace bulkhead::vnet::router::test {
namespace {

// Tells everyone the address that it sees them under. No HTTPServer: that one asks for its own name, and
// waits for an answer.
constexpr const char* server = R"(python3 -u -c "
import http.server, socket, socketserver
socketserver.TCPServer.allow_reuse_address = True
socketserver.TCPServer.address_family = socket.FAMILY
class Mirror(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.client_address[0].encode()
        self.send_response(200)
        self.send_header(\"Content-Length\", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
socketserver.ThreadingTCPServer((\"ADDRESS\", PORT), Mirror).serve_forever()
")";

std::string server_on(const std::string& address, int port) {
    std::string text = server;
    const auto put = [&](std::string_view word, const std::string& value) {
        text.replace(text.find(word), word.size(), value);
    };
    put("FAMILY", address.find(':') == std::string::npos ? "AF_INET" : "AF_INET6");
    put("ADDRESS", address);
    put("PORT", std::to_string(port));
    return text;
}

Result<> start_router(const std::vector<std::string>& argv) {
    return vnet::test::start_detached("BULKHEAD_ROUTER", argv);
}

}  // namespace

void await(const Pen& pen, const std::string& command) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (pen.run(command) != 0)
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "never succeeded: " << command;
}

void Site::SetUp() {
    Lab::SetUp();
    std::string made = "/tmp/router-test-XXXXXX";
    folder = ::mkdtemp(made.data());
    ::chmod(folder.c_str(), 0711);
    routers = layout;
    routers.run = folder;
    router_driver = std::make_unique<RouterDriver>(routers, start_router, std::vector<model::Lack>{});
    const auto text = read_file(EXAMPLES "/networks/one-gateway.yaml", 1 << 20);
    const auto read = spec::read_spec(*text, "one-gateway.yaml");
    ASSERT_TRUE(read) << read.error().front().text();
    spec = *read;
    none.gateway = spec.gateway;

    // The cards are pairs whose other ends are in the world.
    world.emplace();
    const auto pid = std::to_string(world->pid());
    vnet::test::run(
        "ip link add enp2s0 type veth peer name far2 && ip link add enp3s0 type veth peer name far3 && "
        "ip link set far2 netns " +
        pid + " && ip link set far3 netns " + pid);
    ASSERT_EQ(world->run("ip link set far2 up && ip link set far3 up && "
                         "ip addr add 192.0.2.1/24 dev far2 && ip addr add 198.51.100.1/24 dev far3 && "
                         "ip addr add 203.0.113.7/32 dev lo && ip addr add 203.0.113.53/32 dev lo && "
                         "ip addr add 2001:db8:2::1/64 dev far2 nodad && "
                         "ip addr add 2001:db8:7::7/128 dev lo nodad"),
              0);
    world->start(server_on("203.0.113.7", 80), folder / "http");
    world->start(server_on("203.0.113.7", 81), folder / "http-undeclared");
    world->start(server_on("2001:db8:7::7", 80), folder / "http6");
    world->start(
        "dnsmasq -k --conf-file=/dev/null --no-resolv --no-hosts --no-daemon --log-queries "
        "--bind-interfaces --listen-address=203.0.113.53 --user=root "
        "--address=/example.com/203.0.113.7 --address=/other.test/203.0.113.8",
        folder / "names");
    for (const char* port : {"80", "81"})
        await(*world, std::string("bash -c \"exec 3<>/dev/tcp/203.0.113.7/") + port + "\"");
    await(*world, "curl -s -o /dev/null http://[2001:db8:7::7]/");
    await(*world, "busybox nslookup -type=a example.com 203.0.113.53");
    converge();
    robot_pen.emplace(port_of("robot-cell"));
    collector_pen.emplace(port_of("collector"));
}

void Site::TearDown() {
    robot_pen.reset();
    collector_pen.reset();
    remove_all();
    vnet::test::run("ip link del enp2s0; ip link del enp3s0");
    world.reset();
    std::filesystem::remove_all(folder);
    Lab::TearDown();
}

vnet::test::Planned Site::planned() const {
    return vnet::test::Planned({driver.get(), router_driver.get()});
}

model::Observed Site::look() {
    return planned().look();
}

std::size_t Site::apply() {
    return planned().apply(spec);
}

void Site::converge() {
    planned().converge(spec);
}

void Site::remove_all() {
    std::swap(spec, none);
    converge();
    std::swap(spec, none);
}

model::Port Site::port_of(const std::string& partition) const {
    const model::PartitionName name(partition);
    model::Port made;
    made.name = model::port_name(name, 0);
    made.mac = model::port_mac(spec.gateway, name, 0);
    return made;
}

State Site::wait_for(const std::function<bool(const State&)>& wanted) {
    auto process = HelperConnection::open(routers.router_control(acme), "router");
    EXPECT_TRUE(process) << process.error().text();
    while (process) {
        const auto payload = process->state(std::chrono::seconds(60));
        EXPECT_TRUE(payload) << payload.error().text();
        if (!payload) break;
        const auto state = decode_state(*payload);
        EXPECT_TRUE(state) << state.error().text();
        if (!state || wanted(*state)) return state.value_or(State{});
    }
    return {};
}

pid_t Site::router_pid() {
    return wait_for([](const State&) { return true; }).pid;
}

std::string Site::ask_for_address(const Pen& pen, int tries) {
    const auto script = folder / "lease.sh";
    EXPECT_TRUE(
        write_file_atomically(script,
                              "#!/bin/sh\n[ \"$1\" = bound ] || exit 0\n"
                              "ip addr flush dev eth0 scope global && ip addr add $ip/$mask dev eth0 && "
                              "ip route replace default via $router && "
                              "echo lease $ip/$mask from $serverid router $router dns $dns\n",
                              0755));
    std::string output;
    pen.run("busybox udhcpc -i eth0 -n -q -f -t " + std::to_string(tries) + " -T 1 -s " + script.string(),
            &output);
    const auto at = output.find("lease 10.");
    return at == std::string::npos ? output : output.substr(at, output.find('\n', at) - at);
}

}  // namespace bulkhead::vnet::router::test
