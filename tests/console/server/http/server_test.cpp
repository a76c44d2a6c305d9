// The server on a real socket: what a stranger may cost it, and TLS.
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "console/server/http/listener.hpp"
#include "crypto/certificate.hpp"
#include "tests/console/server/http/server_fixture.hpp"

namespace bulkhead::console {
namespace {

TEST_F(HttpServerTest, answers_many_requests_on_one_connection) {
    Peer peer(server_->port());
    for (int count = 0; count < 10; ++count) {
        peer.say(get("/healthz"));
        EXPECT_TRUE(peer.hear("ok\n").contains("HTTP/1.1 200"));
    }
}

TEST_F(HttpServerTest, a_body_is_read_whether_it_has_a_length_or_comes_in_chunks) {
    const std::string head = "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    const std::string body = R"({"user":"ida","password":"ida"})";
    EXPECT_TRUE(
        ask(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body).contains(" 200 "));
    EXPECT_TRUE(
        ask(head + "Transfer-Encoding: chunked\r\n\r\n1f\r\n" + body + "\r\n0\r\n\r\n").contains(" 200 "));
}

TEST_F(HttpServerTest, a_label_arrives_as_it_was_sent) {
    EXPECT_TRUE(ask(get("/api/v1/gateways?label=line=3&search=a%20b&label=hall%3Da")).contains(" 200 "));
    EXPECT_EQ(fleet_.last_list.labels(0), "line=3");
    EXPECT_EQ(fleet_.last_list.labels(1), "hall=a");
    EXPECT_EQ(fleet_.last_list.search(), "a b");
}

TEST_F(HttpServerTest, a_post_without_a_body_does_not_wait_for_one) {
    EXPECT_TRUE(ask("POST /api/v1/gateways/gw-1/partitions/robot-cell/stop HTTP/1.1\r\nHost: x\r\n"
                    "Authorization: Bearer session-ida\r\n\r\n")
                    .contains(" 200 "));
}

TEST_F(HttpServerTest, forms_and_ambiguous_lengths_are_refused) {
    const std::string head = "POST /api/v1/session HTTP/1.1\r\nHost: x\r\n";
    EXPECT_TRUE(ask(head + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b")
                    .contains("415"));
    EXPECT_TRUE(ask(head + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\na=b")
                    .contains("415"));
    EXPECT_TRUE(ask(head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd").contains("400"));
    EXPECT_TRUE(
        ask(head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").contains("400"));
    EXPECT_TRUE(ask(head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n").contains("400"));
}

TEST_F(HttpServerTest, a_body_that_nobody_read_is_never_taken_for_a_request) {
    Peer peer(server_->port());
    const std::string smuggled = get("/api/v1/users");
    peer.say("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(smuggled.size()) +
             "\r\n\r\n" + smuggled);
    const auto all = peer.hear_all();
    EXPECT_TRUE(all.contains("405")) << all;
    EXPECT_FALSE(all.contains(" 200 ")) << all;
}

TEST_F(HttpServerTest, a_body_too_large_is_refused_before_and_while_it_is_read) {
    const std::string head = "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    EXPECT_TRUE(ask(head + "Content-Length: 999999999999\r\n\r\n").contains("413"));
    Peer peer(server_->port());
    peer.say(head + "Transfer-Encoding: chunked\r\n\r\n");
    const std::string chunk = "8000\r\n" + std::string(0x8000, ' ') + "\r\n";
    for (int count = 0; count < 1000 && peer.say(chunk); ++count) continue;
    EXPECT_TRUE(answers());
}

TEST_F(HttpServerTest, headers_without_end_end_the_connection) {
    // More than the kernel keeps for a server that is slow to read, and to close.
    const auto ends = [&](const char* beginning, const std::string& chunk) {
        Peer peer(server_->port());
        peer.say(beginning);
        int chunks = 0;
        while (chunks < 1000 && peer.say(chunk)) ++chunks;
        return chunks < 1000;
    };
    std::string lines;
    while (lines.size() < 65536) lines += "X-A: b\r\n";
    EXPECT_TRUE(ends("GET /healthz HTTP/1.1\r\n", lines)) << "headers without number";
    EXPECT_TRUE(ends("GET /healthz HTTP/1.1\r\nX-A: ", std::string(65536, 'a'))) << "one without length";
    EXPECT_TRUE(answers());
}

TEST_F(HttpServerTest, a_request_that_drips_gets_no_more_time_than_another) {
    Peer peer(server_->port());
    peer.say("GET /healthz HTTP/1.1\r\n");
    const auto begin = std::chrono::steady_clock::now();
    std::jthread dripping([&](const std::stop_token& stop) {
        while (!stop.stop_requested() && peer.say("X")) std::this_thread::sleep_for(milliseconds(20));
    });
    EXPECT_FALSE(peer.hear_all().contains(" 200 "));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(HttpServerTest, ranges_by_the_thousand_cost_nothing) {
    std::string ranges = "Range: bytes=0-";
    while (ranges.size() < 8000) ranges += ",0-";
    EXPECT_TRUE(ask(get("/api/v1/openapi.json", "ida", ranges + "\r\n")).contains(" 200 "));
    EXPECT_TRUE(ask(get("/" + std::string(8000, 'a'))).contains(" 404 "));
    EXPECT_TRUE(ask(get("/" + std::string(9000, 'a'))).contains(" 414 "));
}

TEST_F(HttpServerTest, garbage_is_answered_or_closed_and_never_more) {
    for (const std::string garbage :
         {"\r\n\r\n", "GET\r\n\r\n", "\x16\x03\x01\x02", "GET / HTTP/9.9\r\n\r\n",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /%ff%00%zz HTTP/1.1\r\nHost: x\r\n\r\n",
          "BREW / HTTP/1.1\r\n\r\n",
          "GET /api/v1/gateways?a=%00&%= HTTP/1.1\r\nAuthorization: Bearer session-ida\r\n\r\n"}) {
        const auto line = ask(garbage);
        EXPECT_FALSE(line.contains(" 500 ")) << garbage << line;
    }
    EXPECT_TRUE(answers());
}

TEST(ListenerTest, one_address_does_not_take_all_threads) {
    const auto listener = http::Listener::open("127.0.0.1", 0, 8, 2).value();
    std::jthread running([&] {
        listener->run([](int fd) {
            pollfd polled{fd, POLLIN, 0};
            poll(&polled, 1, -1);
            send(fd, "served", 6, MSG_NOSIGNAL);
        });
    });
    Peer first(listener->port()), second(listener->port());
    Peer third(listener->port());
    EXPECT_TRUE(third.is_closed_by_server());
    Peer other(listener->port(), "127.0.0.2");
    other.say("x");
    EXPECT_EQ(other.hear("served"), "served");
    first.say("x");
    EXPECT_EQ(first.hear("served"), "served");
    listener->stop();
}

TEST_F(HttpServerTest, descriptors_beyond_those_of_select_are_served) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 2048) GTEST_SKIP() << "no more than " << limit.rlim_max << " descriptors allowed";
    const auto before = limit;
    limit.rlim_cur = 2048;
    setrlimit(RLIMIT_NOFILE, &limit);
    std::vector<Fd> taken;
    while (taken.empty() || taken.back().get() < 1100) taken.emplace_back(dup(0));
    EXPECT_TRUE(answers());
    taken.clear();
    setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(HttpServerTest, stopping_ends_streams_and_idle_connections_at_once) {
    Peer stream(server_->port());
    stream.say(get("/api/v1/stream"));
    stream.hear("data: {}\n\n");
    Peer idle(server_->port());
    idle.say(get("/healthz"));
    idle.hear("ok\n");
    const auto begin = std::chrono::steady_clock::now();
    server_->stop();
    running_.join();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
}

TEST_F(HttpServerTest, a_port_is_one_servers_alone) {
    HttpOptions options;
    options.port = server_->port();
    const auto second = HttpServer::open(fleet_, options);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::unavailable);
}

TEST(HttpOptionsTest, a_foreign_address_needs_tls) {
    FakeFleet fleet;
    for (const auto* address : {"0.0.0.0", "::", "192.0.2.1"}) {
        HttpOptions options;
        options.address = address;
        const auto refused = HttpServer::open(fleet, options);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Code::refused);
    }
    HttpOptions odd;
    odd.address = "127.evil.example";
    EXPECT_FALSE(HttpServer::open(fleet, odd));
}

class HttpsTest : public HttpServerTest {
  protected:
    HttpsTest() : folder_(std::filesystem::path(testing::TempDir()) / ("tls-" + std::to_string(getpid()))) {
        std::filesystem::create_directories(folder_);
    }
    ~HttpsTest() override { std::filesystem::remove_all(folder_); }
    void SetUp() override {
        certify("first");
        HttpOptions options;
        options.certificate = folder_ / "certificate.pem";
        options.key = folder_ / "key.pem";
        start(options);
    }
    // A CA of this name, and with it a certificate and key in place of the former.
    void certify(const std::string& name) {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        const auto request = [&](bool is_ca) {
            return crypto::CertificateRequest{.common_name = name,
                                              .names = {"127.0.0.1"},
                                              .is_ca = is_ca,
                                              .is_server = !is_ca,
                                              .not_before = now - std::chrono::hours(1),
                                              .not_after = now + std::chrono::hours(1)};
        };
        const auto ca_key = *crypto::generate_tls_key(), key = *crypto::generate_tls_key();
        const auto ca = *crypto::make_ca(ca_key, request(true));
        std::ofstream(folder_ / (name + ".pem")) << ca;
        std::ofstream(folder_ / "key.pem") << key;
        std::ofstream(folder_ / "certificate.pem")
            << *crypto::issue_certificate(ca, ca_key, *crypto::public_key_of(key), request(false));
    }
    bool curl(const std::string& ca, const std::string& more = {},
              const std::string& scheme = "https") const {
        const auto command = "curl -sf --max-time 20 --cacert " + (folder_ / (ca + ".pem")).string() + " " +
                             more + " " + scheme + "://127.0.0.1:" + std::to_string(server_->port()) +
                             "/healthz >/dev/null";
        return std::system(command.c_str()) == 0;
    }

    std::filesystem::path folder_;
};

TEST_F(HttpsTest, speaks_tls_1_3_and_nothing_older) {
    EXPECT_TRUE(server_->url().starts_with("https://127.0.0.1:"));
    EXPECT_TRUE(curl("first"));
    EXPECT_FALSE(curl("first", "--tls-max 1.2"));
    EXPECT_FALSE(curl("first", "--max-time 5", "http"));
}

TEST_F(HttpsTest, takes_a_renewed_certificate_without_a_restart) {
    ASSERT_TRUE(curl("first"));
    const auto before = std::filesystem::last_write_time(folder_ / "certificate.pem");
    certify("second");
    std::filesystem::last_write_time(folder_ / "certificate.pem", before + std::chrono::seconds(2));
    EXPECT_TRUE(curl("second"));
    EXPECT_FALSE(curl("first"));
}

}  // namespace
}  // namespace bulkhead::console
