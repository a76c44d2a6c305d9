// The server on a real socket: what a stranger may cost it, streams, and TLS.
#include "console/server/http/server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/fd.hpp"
#include "console/server/http/json.hpp"
#include "crypto/certificate.hpp"
#include "crypto/encoding.hpp"
#include "tests/console/server/http/fake_fleet.hpp"

namespace bulkhead::console {
namespace {

using std::chrono::milliseconds;

// A client that says exactly what a test wants said.
class Peer {
  public:
    explicit Peer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        timeval patience{.tv_sec = 30, .tv_usec = 0};
        setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        connected_ = connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    }
    bool connected() const { return connected_; }
    bool say(std::string_view text) {
        while (!text.empty()) {
            const auto sent = send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    // Until what was heard contains `end`, or the server has closed.
    std::string hear(const std::string& end) {
        std::size_t from = 0;
        while (true) {
            if (const auto at = heard_.find(end, from); at != std::string::npos) {
                auto text = heard_.substr(0, at + end.size());
                heard_.erase(0, at + end.size());
                return text;
            }
            char bytes[4096];
            const auto got = recv(fd_.get(), bytes, sizeof(bytes), 0);
            if (got <= 0) return std::exchange(heard_, {});
            heard_.append(bytes, static_cast<std::size_t>(got));
        }
    }
    std::string hear_all() { return hear("\n\n\n no server says this \n\n\n"); }
    bool is_closed_by_server() { return hear_all().empty(); }
    void leave() { fd_.reset(); }

  private:
    Fd fd_;
    bool connected_ = false;
    std::string heard_;
};

std::string get(const std::string& path, const std::string& user = "ida", const std::string& more = {}) {
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer session-" + user + "\r\n" + more +
           "\r\n";
}

class HttpServerTest : public testing::Test {
  protected:
    void start(const HttpOptions& options) {
        auto opened = HttpServer::open(fleet_, options);
        ASSERT_TRUE(opened) << opened.error().text();
        server_ = *std::move(opened);
        running_ = std::jthread([this] { server_->run(); });
    }
    void SetUp() override {
        HttpOptions options;
        options.limits = {.streams = 3,
                          .beat = milliseconds(50),
                          .operation = milliseconds(2000),
                          .unread = milliseconds(200)};
        options.request_time = milliseconds(500);
        start(options);
    }
    void TearDown() override {
        if (server_) server_->stop();
    }
    std::string ask(const std::string& text) {
        Peer peer(server_->port());
        peer.say(text);
        auto answer = peer.hear("\r\n\r\n");
        return answer.substr(0, answer.find("\r\n"));
    }
    bool answers() { return ask(get("/healthz")).contains(" 200 "); }

    FakeFleet fleet_;
    std::unique_ptr<HttpServer> server_;
    std::jthread running_;
};

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
        ask(head + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body).contains("200"));
    EXPECT_TRUE(
        ask(head + "Transfer-Encoding: chunked\r\n\r\n1f\r\n" + body + "\r\n0\r\n\r\n").contains("200"));
}

TEST_F(HttpServerTest, a_post_without_a_body_does_not_wait_for_one) {
    EXPECT_TRUE(ask("POST /api/v1/gateways/gw-1/partitions/robot-cell/stop HTTP/1.1\r\nHost: x\r\n"
                    "Authorization: Bearer session-ida\r\n\r\n")
                    .contains("200"));
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
    EXPECT_FALSE(all.contains("200")) << all;
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
    Peer many(server_->port());
    many.say("GET /healthz HTTP/1.1\r\n");
    int lines = 0;
    while (lines < 100'000 && many.say("X-A: b\r\n")) ++lines;
    EXPECT_LT(lines, 100'000);
    Peer one(server_->port());
    one.say("GET /healthz HTTP/1.1\r\nX-A: ");
    int chunks = 0;
    while (chunks < 1000 && one.say(std::string(65536, 'a'))) ++chunks;
    EXPECT_LT(chunks, 1000);
    EXPECT_TRUE(answers());
}

TEST_F(HttpServerTest, a_request_that_drips_gets_no_more_time_than_another) {
    Peer peer(server_->port());
    peer.say("GET /healthz HTTP/1.1\r\n");
    const auto begin = std::chrono::steady_clock::now();
    std::jthread dripping([&](const std::stop_token& stop) {
        while (!stop.stop_requested() && peer.say("X")) std::this_thread::sleep_for(milliseconds(20));
    });
    EXPECT_FALSE(peer.hear_all().contains("200"));
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

TEST_F(HttpServerTest, changes_are_pushed_and_a_beat_shows_that_the_line_lives) {
    Peer peer(server_->port());
    peer.say(get("/api/v1/stream"));
    EXPECT_TRUE(peer.hear("event: hello\ndata: {}\n\n").contains("Content-Type: text/event-stream"));
    fleet_.change({.gateway = "gw-1", .partition = "press", .kind = "partition"});
    EXPECT_TRUE(peer.hear("\n\n").contains(
        "event: change\ndata: {\"gateway\":\"gw-1\",\"partition\":\"press\",\"kind\":\"partition\"}"));
    EXPECT_TRUE(peer.hear(":\n\n").ends_with(":\n\n"));
}

TEST_F(HttpServerTest, a_stream_ends_with_its_session) {
    Peer peer(server_->port());
    peer.say(get("/api/v1/stream"));
    peer.hear("data: {}\n\n");
    fleet_.sign_out("session-ida");
    EXPECT_TRUE(peer.hear("0\r\n\r\n").ends_with("0\r\n\r\n"));
}

TEST_F(HttpServerTest, streams_are_bounded_and_come_free_again) {
    std::vector<Peer> peers;
    for (int count = 0; count < 3; ++count) {
        peers.emplace_back(server_->port());
        peers.back().say(get("/api/v1/stream"));
        peers.back().hear("data: {}\n\n");
    }
    EXPECT_TRUE(ask(get("/api/v1/stream")).contains(" 503 "));
    EXPECT_TRUE(answers());
    peers.clear();
    while (!ask(get("/api/v1/stream")).contains(" 200 ")) std::this_thread::yield();  // seen at the next beat
}

TEST_F(HttpServerTest, output_of_an_application_is_followed_to_its_end) {
    Peer peer(server_->port());
    peer.say(get("/api/v1/gateways/gw-1/partitions/robot-cell/logs?lines=5", "vera"));
    while (!fleet_.relayed()) std::this_thread::yield();
    const auto relayed = fleet_.relayed();
    api::LogsRequest asked;
    ASSERT_TRUE(asked.ParseFromString(relayed->request));
    EXPECT_EQ(asked.lines(), 5U);
    EXPECT_TRUE(asked.follow());
    api::LogLine line;
    line.set_text("speed 3\nevent: forged");
    relayed->events.message(line.SerializeAsString());
    EXPECT_TRUE(peer.hear("}\n\n").contains(R"(data: {"time":"","text":"speed 3\nevent: forged"})"));
    relayed->events.end({});
    EXPECT_TRUE(peer.hear("0\r\n\r\n").contains("event: end\ndata: {\"errors\":[]}"));
}

class SerialConsoleTest : public HttpServerTest {
  protected:
    const std::string base_ = "/api/v1/gateways/gw-1/partitions/robot-cell/console";
    std::string open() {
        Peer peer(server_->port());
        peer.say("POST " + base_ + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer session-vera\r\n\r\n");
        const auto head = peer.hear("\r\n\r\n");
        return http::Json::parse(peer.hear("}"))["id"];
    }
    std::string type(const std::string& id, const std::string& user, const std::string& text) {
        const auto body = R"({"data":")" + crypto::to_base64(text) + R"("})";
        return ask("POST " + base_ + "/" + id + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer session-" +
                   user + "\r\nContent-Type: application/json\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    static std::string output(const std::string& text) {
        api::ConsoleOutput message;
        message.set_data(text);
        return message.SerializeAsString();
    }
};

TEST_F(SerialConsoleTest, carries_bytes_both_ways_and_is_its_openers_alone) {
    const auto id = open();
    const auto relayed = fleet_.relayed();
    Peer reader(server_->port());
    reader.say(get(base_ + "/" + id, "vera"));
    relayed->events.message(output("login: "));
    EXPECT_TRUE(reader.hear("\n\n").contains("event: output\ndata: " + crypto::to_base64("login: ")));
    EXPECT_TRUE(type(id, "vera", "root\n").contains(" 204 "));
    api::ConsoleInput input;
    ASSERT_TRUE(input.ParseFromString(relayed->written.back()));
    EXPECT_EQ(input.data(), "root\n");
    EXPECT_TRUE(type(id, "ida", "x").contains(" 404 "));
    EXPECT_TRUE(ask(get(base_ + "/" + id, "ida")).contains(" 404 "));
    relayed->events.end({Error{Code::unavailable, "the gateway went away", "", "", ""}});
    EXPECT_TRUE(reader.hear("0\r\n\r\n").contains("the gateway went away"));
}

TEST_F(SerialConsoleTest, a_second_reader_takes_over_without_a_gap) {
    const auto id = open();
    Peer first(server_->port());
    first.say(get(base_ + "/" + id, "vera"));
    first.hear("\r\n\r\n");
    Peer second(server_->port());
    second.say(get(base_ + "/" + id, "vera"));
    second.hear("\r\n\r\n");
    EXPECT_TRUE(first.hear("0\r\n\r\n").ends_with("0\r\n\r\n"));
    fleet_.relayed()->events.message(output("a"));
    EXPECT_TRUE(second.hear("\n\n").contains(crypto::to_base64("a")));
}

TEST_F(SerialConsoleTest, is_closed_when_asked_and_when_nobody_reads_it) {
    const auto id = open();
    const auto closed = fleet_.relayed();
    EXPECT_TRUE(ask("DELETE " + base_ + "/" + id +
                    " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer session-vera\r\n\r\n")
                    .contains(" 204 "));
    EXPECT_TRUE(closed->cancelled);
    const auto unread = open();
    while (!type(unread, "vera", "x").contains(" 404 ")) std::this_thread::sleep_for(milliseconds(20));
    EXPECT_TRUE(fleet_.relayed()->cancelled);
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

TEST_F(HttpServerTest, speaks_tls_1_3_and_nothing_older) {
    const auto folder =
        std::filesystem::path(testing::TempDir()) / ("bulkhead-tls-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const auto request = [&](const std::string& name, bool is_ca) {
        return crypto::CertificateRequest{.common_name = name,
                                          .names = {"127.0.0.1"},
                                          .is_ca = is_ca,
                                          .is_server = !is_ca,
                                          .not_before = now - std::chrono::hours(1),
                                          .not_after = now + std::chrono::hours(1)};
    };
    const auto ca_key = *crypto::generate_tls_key(), key = *crypto::generate_tls_key();
    const auto ca = *crypto::make_ca(ca_key, request("ca", true));
    const auto certificate =
        *crypto::issue_certificate(ca, ca_key, *crypto::public_key_of(key), request("console", false));
    std::ofstream(folder / "ca.pem") << ca;
    std::ofstream(folder / "key.pem") << key;
    std::ofstream(folder / "certificate.pem") << certificate;
    TearDown();
    running_.join();
    HttpOptions options;
    options.certificate = folder / "certificate.pem";
    options.key = folder / "key.pem";
    start(options);
    EXPECT_TRUE(server_->url().starts_with("https://127.0.0.1:"));
    const auto curl = [&](const std::string& more) {
        return std::system(("curl -sf --max-time 20 --cacert " + (folder / "ca.pem").string() + " " + more +
                            " " + server_->url() + "/healthz >/dev/null")
                               .c_str());
    };
    EXPECT_EQ(curl(""), 0);
    EXPECT_NE(curl("--tls-max 1.2"), 0);
    EXPECT_NE(std::system(("curl -sf --max-time 5 http://127.0.0.1:" + std::to_string(server_->port()) +
                           "/healthz >/dev/null")
                              .c_str()),
              0);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace bulkhead::console
