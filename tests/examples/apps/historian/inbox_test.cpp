#include "examples/apps/historian/inbox.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace historian {
namespace {

class InboxTest : public ::testing::Test {
  protected:
    void SetUp() override { ASSERT_TRUE(inbox.listen(0)); }
    int dial() {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_port = htons(inbox.port());
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
        inbox.serve(1000);
        return fd;
    }
    void say(int fd, const std::string& text) {
        ASSERT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
        inbox.serve(1000);
    }
    std::vector<std::string> lines;
    Inbox inbox{[this](const std::string& line) { lines.push_back(line); }};
};

TEST_F(InboxTest, takes_lines_that_come_in_parts) {
    const int fd = dial();
    say(fd, "robot spin");
    EXPECT_TRUE(lines.empty());
    say(fd, "dle 1\nrobot spindle 2\n\n");
    EXPECT_EQ(lines, (std::vector<std::string>{"robot spindle 1", "robot spindle 2"}));
    ::close(fd);
    inbox.serve(1000);
    const int other = dial();
    say(other, "again\n");
    EXPECT_EQ(lines.back(), "again");
    ::close(other);
}

TEST_F(InboxTest, takes_no_more_of_a_line_than_it_holds_and_nothing_that_can_not_be_printed) {
    const int fd = dial();
    say(fd, "a\x1b[31m\tb\n");
    say(fd, std::string(1000, 'x') + "\n");
    EXPECT_EQ(lines.at(0), "a[31mb");
    EXPECT_EQ(lines.at(1).size(), Inbox::longest_line);
    ::close(fd);
}

TEST_F(InboxTest, lets_no_more_in_than_it_can_hold) {
    std::vector<int> all;
    for (std::size_t i = 0; i < Inbox::most_connections; ++i) all.push_back(dial());
    const int one_more = dial();
    char byte = 0;
    EXPECT_EQ(::read(one_more, &byte, 1), 0) << "it is closed at once";
    say(all.front(), "still heard\n");
    EXPECT_EQ(lines, (std::vector<std::string>{"still heard"}));
    for (const int fd : all) ::close(fd);
    ::close(one_more);
}

}  // namespace
}  // namespace historian
