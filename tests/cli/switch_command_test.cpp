// explain, prove and the lists of traffic: the command's own process against canned answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/cli/control_server.hpp"
#include "tests/cli/process.hpp"

namespace bulkhead::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class SwitchCommand : public testing::Test {
  protected:
    SwitchCommand() {
        std::string pattern = testing::TempDir() + "cli-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        server_ = std::make_unique<ControlServer>(folder_ / "control.sock");
    }
    ~SwitchCommand() override {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    Ended run(const Process::Words& words) const {
        return Process::on_pipes(words, folder_ / "control.sock", {}).wait();
    }
    SwitchAnswers& answers() { return server_->switch_answers; }

    std::filesystem::path folder_;
    std::unique_ptr<ControlServer> server_;
};

// A context "hall" with a console that does not answer.
class Console {
  public:
    explicit Console(const std::filesystem::path& folder) {
        std::filesystem::create_directories(folder / "bulkhead");
        std::ofstream(folder / "bulkhead/contexts.yaml")
            << "current: hall\ncontexts:\n  - {name: hall, console: '127.0.0.1:1', pin: 'x'}\n";
        ::setenv("XDG_CONFIG_HOME", folder.c_str(), 1);
    }
    ~Console() { ::unsetenv("XDG_CONFIG_HOME"); }
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;
};

TEST_F(SwitchCommand, explain_asks_for_the_frame_in_words) {
    const auto ended = run({"explain", "robot-cell", "tcp 10.20.1.10:40000 > 10.20.9.2:8883"});
    EXPECT_EQ(ended.exit, 0);
    EXPECT_THAT(ended.out, HasSubstr("verdict     passes\n"));
    EXPECT_EQ(ended.err, "");
    EXPECT_EQ(answers().last_explain().interface(), "robot-cell");
    EXPECT_EQ(answers().last_explain().words(), "tcp 10.20.1.10:40000 > 10.20.9.2:8883");
}

TEST_F(SwitchCommand, explain_sends_the_packets_of_a_capture) {
    const auto path = folder_ / "lost.pcap";
    std::ofstream(path, std::ios::binary)
        << std::string("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\xff\xff\0\0\1\0\0\0", 24)
        << std::string("\0\0\0\0\0\0\0\0\3\0\0\0\3\0\0\0abc", 19);
    EXPECT_EQ(run({"explain", "robot-cell", "--pcap", path.string()}).exit, 0);
    ASSERT_EQ(answers().last_explain().frames_size(), 1);
    EXPECT_EQ(answers().last_explain().frames(0), "abc");
    std::ofstream(path, std::ios::binary) << "no capture";
    const auto refused = run({"explain", "robot-cell", "--pcap", path.string()});
    EXPECT_EQ(refused.exit, 1);
    EXPECT_THAT(refused.err, HasSubstr("it is no capture"));
}

TEST_F(SwitchCommand, explain_wants_words_or_a_capture) {
    EXPECT_EQ(run({"explain", "robot-cell"}).exit, 2);
    EXPECT_EQ(run({"explain", "robot-cell", "arp 1.2.3.4 > 1.2.3.5", "--pcap", "x"}).exit, 2);
}

TEST_F(SwitchCommand, a_disagreement_is_an_error) {
    answers().disagrees = true;
    const auto ended = run({"explain", "robot-cell", "arp 1.2.3.4 > 1.2.3.5"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_THAT(ended.out, HasSubstr("! the data says passes, the program dropped: service"));
    EXPECT_THAT(ended.err, HasSubstr("disagree about 1 frame"));
}

TEST_F(SwitchCommand, prove_exits_by_what_is_proved) {
    const auto proved = run({"prove", "--all"});
    EXPECT_EQ(proved.exit, 0);
    EXPECT_THAT(proved.out, HasSubstr("no packet can"));
    EXPECT_TRUE(answers().last_prove().all());
    answers().unproved = true;
    const auto ended = run({"prove", "--no-path", "robot-cell", "it-admin"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_THAT(ended.out, HasSubstr("robot-cell > it-admin: a packet can\n"));
    EXPECT_EQ(answers().last_prove().from(), "robot-cell");
    EXPECT_EQ(answers().last_prove().to(), "it-admin");
    EXPECT_FALSE(answers().last_prove().all());
}

TEST_F(SwitchCommand, prove_wants_to_know_what) {
    for (const Process::Words& words : {Process::Words{"prove"},
                                        {"prove", "--no-path", "a"},
                                        {"prove", "a", "b"},
                                        {"prove", "--all", "a"},
                                        {"prove", "--all", "--no-path", "a", "b"}})
        EXPECT_EQ(run(words).exit, 2);
}

TEST_F(SwitchCommand, machines_read_a_proof) {
    const auto json = nlohmann::json::parse(run({"prove", "--all", "-o", "json"}).out);
    EXPECT_EQ(json["proved"], true);
    EXPECT_EQ(json["cases"], "1204");
    EXPECT_EQ(json["counterexample"].size(), 0U);
}

TEST_F(SwitchCommand, capture_writes_a_file_that_explain_reads) {
    const auto path = (folder_ / "out.pcapng").string();
    const auto ended = run({"capture", "robot-cell", "-w", path, "--packets", "1", "--gateway", "hall-1"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("capturing interface bhrobot-cell-0 of robot-cell\n"
                                     "note: robot-cell does not run\n"
                                     "1 packets, 3 lost: they came too fast; ended after 1 packets\n"));
    EXPECT_EQ(answers().last_capture().subject(), "robot-cell");
    EXPECT_EQ(answers().last_capture().packets(), 1U);
    EXPECT_EQ(answers().last_capture().seconds(), 60U);
    EXPECT_EQ(answers().last_capture().gateway(), "hall-1");
    EXPECT_EQ(run({"explain", "robot-cell", "--pcap", path}).exit, 0);
    EXPECT_EQ(answers().last_explain().frames_size(), 1);
}

TEST_F(SwitchCommand, an_interrupted_capture_leaves_a_file_of_what_came) {
    answers().endless = true;
    const auto path = (folder_ / "out.pcapng").string();
    auto process = Process::on_pipes({"capture", "robot-cell", "-w", path}, folder_ / "control.sock", {});
    const auto head = SwitchAnswers::head_of_capture().size();
    while (!std::filesystem::exists(path) || std::filesystem::file_size(path) <= head)
        std::this_thread::yield();
    process.kill(SIGINT);
    const auto ended = process.wait();
    EXPECT_THAT(ended.err, HasSubstr("1 packets, 3 lost"));
    EXPECT_THAT(ended.err, Not(HasSubstr("error")));
    EXPECT_EQ(run({"explain", "robot-cell", "--pcap", path}).exit, 0);
}

TEST_F(SwitchCommand, a_capture_that_is_refused_leaves_a_file_as_it_was) {
    answers().refuses = true;
    const auto path = (folder_ / "out.pcapng").string();
    std::ofstream(path) << "what was there";
    const auto ended = run({"capture", "press", "-w", path});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_THAT(ended.err, HasSubstr("there is no interface or conduit 'press'"));
    EXPECT_THAT(ended.err, Not(HasSubstr("packets")));
    EXPECT_EQ(std::filesystem::file_size(path), 14U);
}

TEST_F(SwitchCommand, capture_wants_limits_that_are_numbers) {
    EXPECT_EQ(run({"capture", "lo", "--seconds", "0", "-w", (folder_ / "x").string()}).exit, 2);
    EXPECT_EQ(run({"capture", "lo", "--packets", "many", "-w", (folder_ / "x").string()}).exit, 2);
}

TEST_F(SwitchCommand, a_console_is_not_asked_to_look_into_a_switch) {
    const Console console(folder_);
    for (const Process::Words& words : {Process::Words{"explain", "robot-cell", "arp 1.2.3.4 > 1.2.3.5"},
                                        {"prove", "--all"},
                                        {"get", "flows"}}) {
        Process::Words there = words;
        there.insert(there.end(), {"--context", "hall"});
        const auto ended = run(there);
        EXPECT_EQ(ended.exit, 1) << words[0];
        EXPECT_THAT(ended.err, HasSubstr("a console does not look into a gateway's switch")) << words[0];
        EXPECT_THAT(ended.err, HasSubstr("use bulkhead on the gateway itself")) << words[0];
    }
}

// Nobody listens there, which is how it is seen that it was asked.
TEST_F(SwitchCommand, a_console_is_asked_for_what_gateways_report) {
    const Console console(folder_);
    for (const Process::Words& words : {Process::Words{"get", "denials"},
                                        {"get", "routers"},
                                        {"capture", "x", "-w", (folder_ / "x").string()}}) {
        Process::Words there = words;
        there.insert(there.end(), {"--context", "hall"});
        const auto ended = run(there);
        EXPECT_EQ(ended.exit, 3) << words[0];
        EXPECT_THAT(ended.err, HasSubstr("no console answers")) << words[0];
    }
}

TEST_F(SwitchCommand, lists_what_was_refused_and_what_is_open) {
    const auto denials = run({"get", "denials"});
    EXPECT_EQ(denials.exit, 0);
    EXPECT_THAT(denials.out, HasSubstr("no_conduit"));
    EXPECT_EQ(denials.err, "The latest 1 of 9; more with --limit, fewer with NAME or --tenant\n");
    const auto flows = run({"get", "flows", "-o", "json"});
    EXPECT_EQ(nlohmann::json::parse(flows.out)["items"][0]["rule"], 17);
}

TEST_F(SwitchCommand, lists_routers_by_their_tenant) {
    const auto routers = run({"get", "routers", "acme"});
    EXPECT_EQ(routers.exit, 0);
    EXPECT_THAT(routers.out, HasSubstr("mobile (used)"));
    const auto none = run({"get", "routers", "acm"});
    EXPECT_EQ(none.exit, 1);
    EXPECT_THAT(none.err, HasSubstr("there is no router acm"));
    EXPECT_THAT(none.err, HasSubstr("did you mean acme?"));
}

}  // namespace
}  // namespace bulkhead::cli
