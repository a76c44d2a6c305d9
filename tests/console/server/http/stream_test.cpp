// Streams and serial consoles on a real socket.
#include "console/server/http/json.hpp"
#include "crypto/encoding.hpp"
#include "tests/console/server/http/server_fixture.hpp"

namespace bulkhead::console {
namespace {

TEST_F(HttpServerTest, changes_are_pushed_and_a_beat_shows_that_the_line_lives) {
    Peer peer(server_->port());
    peer.say(get("/api/v1/stream"));
    EXPECT_TRUE(peer.hear("event: hello\ndata: {}\n\n").contains("Content-Type: text/event-stream"));
    fleet_.change({.gateway = "gw-1", .partition = "press", .kind = "partition"});
    EXPECT_TRUE(peer.hear_event().contains(
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

TEST_F(HttpServerTest, one_user_does_not_take_all_streams) {
    auto few = options();
    few.limits.streams_of_a_user = 2;
    start_anew(few);
    std::vector<Peer> peers;
    for (int count = 0; count < 2; ++count) {
        peers.emplace_back(server_->port());
        peers.back().say(get("/api/v1/stream", "vera"));
        peers.back().hear("data: {}\n\n");
    }
    EXPECT_TRUE(ask(get("/api/v1/stream", "vera")).contains(" 503 "));
    EXPECT_TRUE(ask(get("/api/v1/stream", "ida")).contains(" 200 "));
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
        peer.hear("\r\n\r\n");
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
    EXPECT_TRUE(reader.hear_event().contains("event: output\ndata: " + crypto::to_base64("login: ")));
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
    EXPECT_TRUE(second.hear_event().contains(crypto::to_base64("a")));
}

TEST_F(SerialConsoleTest, is_closed_when_asked) {
    const auto id = open();
    const auto closed = fleet_.relayed();
    EXPECT_TRUE(ask("DELETE " + base_ + "/" + id +
                    " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer session-vera\r\n\r\n")
                    .contains(" 204 "));
    EXPECT_TRUE(closed->cancelled);
}

TEST_F(SerialConsoleTest, is_closed_when_nobody_reads_it) {
    auto impatient = options();
    impatient.limits.unread = milliseconds(200);
    start_anew(impatient);
    const auto unread = open();
    while (!type(unread, "vera", "x").contains(" 404 ")) std::this_thread::sleep_for(milliseconds(20));
    while (!fleet_.relayed()->cancelled) std::this_thread::yield();  // forgotten first, then cancelled
}

}  // namespace
}  // namespace bulkhead::console
