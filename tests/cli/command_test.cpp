// The command's own process against a real server on a real socket.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/cli/control_server.hpp"
#include "tests/cli/process.hpp"

namespace bulkhead::cli {
namespace {

using Words = Process::Words;

class Command : public testing::Test {
  protected:
    Command() {
        std::string pattern = testing::TempDir() + "cli-XXXXXX";
        folder_ = ::mkdtemp(pattern.data());
        server_ = std::make_unique<ControlServer>(socket());
        std::ofstream(spec()) << "kind: Gateway\n";
    }
    ~Command() override {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    std::string socket() const { return folder_ / "control.sock"; }
    std::string spec() const { return folder_ / "factory.yaml"; }
    Ended run(const Words& words, const std::string& input = {}) const {
        return Process::on_pipes(words, socket(), input).wait();
    }

    std::filesystem::path folder_;
    std::unique_ptr<ControlServer> server_;
};

TEST_F(Command, prints_data_on_stdout_and_nothing_else) {
    const Ended ended = run({"get", "partitions", "it-admin"});
    EXPECT_EQ(ended.exit, 0);
    EXPECT_EQ(
        ended.out,
        "GATEWAY press-line-3   hall-2   accelerator tcg (CPU has no vmx/svm)   generation 1 applied\n"
        "PARTITION   TENANT  STATE     HEALTH  SINCE   DEVICES   ZONE         LAST READING\n"
        "it-admin    it      running   ok      12 s    -         management   robot-cell spindle 1480 rpm\n");
    EXPECT_EQ(ended.err, "");
}

TEST_F(Command, prints_json_that_machines_can_read) {
    const Ended ended = run({"get", "partitions", "-o", "json", "--tenant", "acme"});
    const auto json = nlohmann::json::parse(ended.out);
    EXPECT_EQ(json["apiVersion"], "bulkhead/v1alpha1");
    EXPECT_EQ(json["items"].size(), 1U);
    EXPECT_EQ(json["items"][0]["application"]["last_output"], "spindle 1480 rpm");
    EXPECT_EQ(json["next"], "");
}

TEST_F(Command, an_option_leaves_the_argument_after_it_alone) {
    const Ended ended = run({"get", "partitions", "-o", "json", "--tenant", "acme", "robot-cell"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(nlohmann::json::parse(ended.out)["items"].size(), 1U);
    EXPECT_NE(run({"bundle", "inspect", "--name", "x", "nowhere.tar"}).err.find("nowhere.tar"),
              std::string::npos);
}

TEST_F(Command, suggests_the_name_that_was_meant) {
    const Ended ended = run({"describe", "partition", "robot-cel"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_EQ(ended.err,
              "error[not_found]: there is no partition robot-cel\n  mend: did you mean robot-cell?\n");
}

TEST_F(Command, usage_errors_exit_2_and_say_what_was_meant) {
    for (const auto& words : {Words{}, Words{"aply"}, Words{"get"}, Words{"get", "partitons"}, Words{"apply"},
                              Words{"apply", "--wiat"}, Words{"status", "-o", "xml"}, Words{"status", "more"},
                              Words{"lock", "press"}, Words{"apply", "-f", spec(), "--timeout", "5"}}) {
        const Ended ended = run(words);
        EXPECT_EQ(ended.exit, 2) << ended.err;
        EXPECT_EQ(ended.out, "");
        EXPECT_TRUE(ended.err.starts_with("error[invalid]: ")) << ended.err;
    }
}

TEST_F(Command, says_what_is_missing_and_what_it_may_be) {
    EXPECT_EQ(run({"get"}).err,
              "error[invalid]: get: KIND is missing\n"
              "  wanted: gateways, partitions, devices, zones, conduits, routers, flows, denials, events\n"
              "  mend: see bulkhead get --help\n");
    EXPECT_EQ(run({"describe", "partition"}).err,
              "error[invalid]: describe: NAME is missing\n  wanted: Its name; of a device also its id\n"
              "  mend: see bulkhead describe --help\n");
    EXPECT_EQ(run({"get", "gateways", "--context"}).err,
              "error[invalid]: get: an option's value is missing\n  mend: see bulkhead get --help\n");
}

TEST_F(Command, describes_none_of_several_of_a_name) {
    server_->twice = true;
    const Ended ended = run({"describe", "partition", "robot-cell"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_EQ(ended.err,
              "error[invalid]: more than one gateway has a partition robot-cell\n"
              "  wanted: one of press-line-3, press-line-4\n"
              "  mend: bulkhead describe partition robot-cell --gateway press-line-3\n");
    EXPECT_EQ(run({"describe", "partition", "robot-cell", "--gateway", "press-line-4"}).exit, 0);
}

TEST_F(Command, signing_out_with_nobody_signed_in_says_so) {
    const Ended ended = run({"logout"});
    EXPECT_EQ(ended.exit, 0);
    EXPECT_EQ(ended.err, "No context is current: nobody is signed in.\n");
}

TEST_F(Command, exits_3_and_says_how_to_start_a_manager_that_is_not_there) {
    server_.reset();
    for (const auto& words : {Words{"status"}, Words{"get", "zones"}, Words{"apply", "-f", spec()},
                              Words{"logs", "press", "-f"}}) {
        const Ended ended = run(words);
        EXPECT_EQ(ended.exit, 3);
        EXPECT_NE(ended.err.find("mend: start the manager: systemctl start bulkheadd"), std::string::npos);
    }
    EXPECT_EQ(run({"diff", "-f", spec()}).exit, 2);
}

TEST_F(Command, a_manager_that_says_unavailable_is_reached_all_the_same) {
    server_->busy = true;
    const Ended ended = run({"status"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_EQ(ended.err, "error[unavailable]: libvirt: libvirtd does not answer\n");
}

TEST_F(Command, prints_all_errors_of_a_spec_by_place) {
    server_->spec_is_wrong = true;
    for (const auto* verb : {"plan", "apply"}) {
        const Ended ended = run({verb, "-f", spec()});
        EXPECT_EQ(ended.exit, 1);
        EXPECT_EQ(ended.out, "");
        EXPECT_EQ(ended.err,
                  "error[invalid]: factory.yaml:9:5: unknown key 'memroy'\n"
                  "error[invalid]: factory.yaml:14:9: memory: '192MB' has a decimal unit\n"
                  "  wanted: a binary unit: 192MiB\n  mend: write memory: 192MiB\n2 errors\n");
    }
}

TEST_F(Command, diff_tells_equal_different_and_error_apart) {
    EXPECT_EQ(run({"diff", "-f", spec()}).exit, 1);
    server_->equal = true;
    const Ended equal = run({"diff", "-f", spec()});
    EXPECT_EQ(equal.exit, 0);
    EXPECT_EQ(equal.out + equal.err, "");
    server_->spec_is_wrong = true;
    EXPECT_EQ(run({"diff", "-f", spec()}).exit, 2);
    EXPECT_EQ(run({"diff", "-f", "/nowhere"}).exit, 2);
}

TEST_F(Command, plan_exits_1_if_apply_would_refuse) {
    const Ended ended = run({"plan", "-f", spec()});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_TRUE(ended.out.starts_with("+ create volume robot-cell/data 64MiB\n"));
    EXPECT_NE(ended.err.find("--allow-restart robot-cell --allow-detach can-1\n"), std::string::npos);
    server_->equal = true;
    EXPECT_EQ(run({"plan", "-f", spec()}).exit, 0);
}

TEST_F(Command, apply_sends_the_document_and_what_is_allowed) {
    const Ended ended = run({"apply", "-f", "-", "--allow-restart", "robot-cell,press", "--delete-volume",
                             "a/b", "--delete-volume", "c/d"},
                            "kind: Gateway\n");
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(ended.out, "");
    EXPECT_TRUE(ended.err.starts_with("1/6  create volume robot-cell/data 64MiB  done\n")) << ended.err;
    EXPECT_TRUE(ended.err.ends_with("Applied.   generation 2\n")) << ended.err;
    const auto request = server_->last_apply();
    EXPECT_EQ(request.document(), "kind: Gateway\n");
    EXPECT_EQ(request.document_name(), "<stdin>");
    EXPECT_EQ(request.permits().restart_size(), 2);
    EXPECT_EQ(request.permits().delete_volumes(1), "c/d");
}

TEST_F(Command, a_step_that_fails_fails_apply_even_if_the_manager_forgets_to_say_so) {
    server_->step_fails = true;
    const Ended ended = run({"apply", "-f", spec()});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_NE(ended.err.find("partition-base  failed: libvirt refused the domain\n"), std::string::npos)
        << ended.err;
    EXPECT_NE(ended.err.find("error[io]: partition/robot-cell: libvirt refused the domain\n"),
              std::string::npos);
}

TEST_F(Command, a_document_of_more_than_1_mib_is_refused_and_not_sent) {
    std::ofstream(spec()) << std::string(1024 * 1024 + 1, '#');
    EXPECT_EQ(run({"apply", "-f", spec()}).exit, 1);
    EXPECT_EQ(server_->last_apply().document(), "");
}

TEST_F(Command, wait_says_what_it_waits_for_and_returns_when_all_is_up) {
    server_->polls_until_healthy = 2;
    const Ended ended = run({"apply", "-f", spec(), "--wait"});
    EXPECT_EQ(ended.exit, 0);
    EXPECT_NE(ended.err.find("waiting: 2 of 3 up; robot-cell is degraded: no answer from unit 1 for 5 s\n"
                             "All partitions are up.\n"),
              std::string::npos)
        << ended.err;
}

TEST_F(Command, wait_gives_up_in_time_and_names_who_is_late) {
    server_->never_healthy = true;
    const Ended ended = run({"apply", "-f", spec(), "--wait", "--timeout", "4s"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_NE(ended.err.find("error[timeout]: partition/robot-cell: robot-cell is degraded"),
              std::string::npos);
}

TEST_F(Command, a_hanging_apply_ends_at_its_deadline) {
    server_->hangs = true;
    const Ended ended = run({"apply", "-f", spec(), "--timeout", "1s"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_NE(ended.err.find("error[timeout]: the manager did not finish within 1 s\n"), std::string::npos);
}

TEST_F(Command, interrupted_it_says_that_the_manager_goes_on_and_dies_of_the_signal) {
    server_->hangs = true;
    Process process = Process::on_terminal({"apply", "-f", spec()}, socket());
    ASSERT_TRUE(process.wait_for("1/6  create volume"));
    process.type("\x03");  // as the keyboard does
    const Ended ended = process.wait();
    EXPECT_EQ(ended.signal, SIGINT);
    EXPECT_NE(ended.out.find("\r\x1B[KNo longer watching. The manager goes on with it"), std::string::npos);
    EXPECT_EQ(ended.out.find("error["), std::string::npos);
}

TEST_F(Command, interrupted_while_waiting_it_ends_at_once) {
    server_->never_healthy = true;
    Process process = Process::on_pipes({"apply", "-f", spec(), "--wait"}, socket());
    ASSERT_TRUE(process.wait_for("waiting: 2 of 3 up"));
    process.kill(SIGINT);
    const Ended ended = process.wait();
    EXPECT_EQ(ended.signal, SIGINT);
    EXPECT_EQ(ended.err.find("All partitions are up"), std::string::npos);
}

TEST_F(Command, logs_can_not_drive_the_terminal_and_follow_until_interrupted) {
    EXPECT_EQ(run({"logs", "robot-cell"}).out, "12:00:00  ]0;ownedspindle 1480 rpm\n");
    Process process = Process::on_pipes({"logs", "robot-cell", "-f"}, socket());
    ASSERT_TRUE(process.wait_for("spindle"));
    process.kill(SIGTERM);
    EXPECT_EQ(process.wait().signal, SIGTERM);
}

TEST_F(Command, attach_is_raw_and_the_escape_restores_the_terminal) {
    Process process = Process::on_terminal({"attach", "press"}, socket());
    ASSERT_TRUE(process.wait_for("login on press"));
    EXPECT_TRUE(process.is_raw());
    process.type("\x03");  // goes to the partition
    ASSERT_TRUE(process.wait_for("echo:\x03"));
    process.type("ab\x1D and no more");
    const Ended ended = process.wait();
    EXPECT_EQ(ended.exit, 0);
    EXPECT_FALSE(process.is_raw());
    EXPECT_NE(ended.out.find("Left the console of press."), std::string::npos);
    EXPECT_EQ(server_->console_input().find("no more"), std::string::npos);
}

TEST_F(Command, attach_restores_the_terminal_when_killed_and_when_the_other_side_ends) {
    for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGSEGV, SIGABRT}) {
        Process process = Process::on_terminal({"attach", "press"}, socket());
        ASSERT_TRUE(process.wait_for("login on press"));
        process.kill(signal);
        EXPECT_EQ(process.wait().signal, signal);
        EXPECT_FALSE(process.is_raw());
    }
    Process process = Process::on_terminal({"attach", "press"}, socket());
    ASSERT_TRUE(process.wait_for("login on press"));
    process.type("Q");
    EXPECT_EQ(process.wait().exit, 0);
    EXPECT_FALSE(process.is_raw());
}

TEST_F(Command, attach_needs_a_terminal) {
    const Ended ended = run({"attach", "press"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_NE(ended.err.find("error[refused]: stdin is not a terminal\n"), std::string::npos);
}

TEST_F(Command, teardown_asks_on_a_terminal_and_refuses_elsewhere) {
    const Ended refused = run({"teardown"});
    EXPECT_EQ(refused.exit, 1);
    EXPECT_NE(refused.err.find("wanted: a terminal to ask on, or --yes\n"), std::string::npos);
    EXPECT_EQ(run({"teardown", "--yes"}).exit, 0);

    for (const auto& [answer, exit] : {std::pair{"y\n", 1}, {"press-line-3\n", 0}}) {
        Process process = Process::on_terminal({"teardown"}, socket());
        ASSERT_TRUE(process.wait_for("Type press-line-3 to go on: "));
        process.type(answer);
        EXPECT_EQ(process.wait().exit, exit);
    }
}

TEST_F(Command, passes_on_why_a_locked_partition_may_not_stop) {
    const Ended ended = run({"stop", "press"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_EQ(ended.err,
              "error[locked]: partition/press: press is locked by anna: tool change\n  mend: bulkhead unlock "
              "press\n");
    EXPECT_EQ(run({"start", "press", "--wait"}).exit, 0);
    EXPECT_EQ(run({"lock", "press", "--reason", "tool change"}).exit, 0);
    EXPECT_TRUE(server_->last_lock().locked());
    EXPECT_EQ(server_->last_lock().reason(), "tool change");
}

TEST_F(Command, doctor_exits_1_if_something_needed_is_missing) {
    const Ended ended = run({"doctor"});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_NE(ended.out.find(
                  "BPF          MISSING   CONFIG_NET_CLS_BPF is off\n  mend: boot a kernel that has it\n"),
              std::string::npos)
        << ended.out;
}

TEST_F(Command, events_go_on_where_a_list_ended) {
    const Ended ended = run({"get", "events", "press", "--limit", "7"});
    EXPECT_NE(ended.out.find("limit 7"), std::string::npos);
    EXPECT_EQ(ended.err, "More: bulkhead get events --page t42\n");
    EXPECT_EQ(run({"get", "events", "--limit", "0"}).exit, 2);
}

TEST_F(Command, completes_live_names_and_is_silent_without_a_manager) {
    EXPECT_EQ(run({"__complete", "restart", "ro"}).out, "robot-cell\tacme, running\n");
    EXPECT_EQ(run({"__complete", "get", "partitions", "--tenant", ""}).out, "acme\t\nborealis\t\nit\t\n");
    server_.reset();
    const Ended ended = run({"__complete", "restart", ""});
    EXPECT_EQ(ended.out + ended.err, "");
    EXPECT_EQ(ended.exit, 0);
}

TEST_F(Command, a_full_disk_is_no_success) {
    const std::string line = binary() + " --version >/dev/full 2>&1";
    EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 1);
}

TEST_F(Command, a_vendor_gets_from_an_empty_folder_to_a_verified_bundle) {
    using std::filesystem::perms;
    const std::string key = folder_ / "acme";
    const Ended made = run({"key", "generate", "--output", key});
    ASSERT_EQ(made.exit, 0) << made.err;
    EXPECT_EQ(made.out.substr(0, 8), "ed25519:");
    EXPECT_EQ(std::filesystem::status(key + ".key").permissions(), perms::owner_read | perms::owner_write);
    EXPECT_EQ(run({"key", "show", key + ".pub"}).out, made.out);
    EXPECT_EQ(run({"key", "generate", "--output", key}).exit, 1);  // never over an old one

    const std::string source = folder_ / "watch";
    const std::string bundle = folder_ / "watch.tar";
    ASSERT_EQ(run({"bundle", "init", source, "--tenant", "acme"}).exit, 0);
    std::ofstream(source + "/bin/watch") << "#!/bin/sh\n";
    EXPECT_NE(run({"bundle", "build", source, "--output", bundle}).err.find("is not executable"),
              std::string::npos);
    std::filesystem::permissions(source + "/bin/watch", perms::owner_exec,
                                 std::filesystem::perm_options::add);
    const Ended built = run({"bundle", "build", source, "--output", bundle});
    ASSERT_EQ(built.exit, 0) << built.err;
    EXPECT_EQ(built.out.substr(0, 13), "watch@sha256:");
    const Ended unsigned_yet = run({"bundle", "verify", bundle, "--key", key + ".pub"});
    EXPECT_EQ(unsigned_yet.exit, 1);
    EXPECT_NE(unsigned_yet.err.find("is unsigned"), std::string::npos);
    EXPECT_EQ(run({"bundle", "sign", bundle, "--key", key + ".key"}).out, built.out);
    EXPECT_EQ(run({"bundle", "verify", bundle, "--key", key + ".pub"}).out, built.out);
    EXPECT_NE(run({"bundle", "inspect", bundle}).out.find("bin/watch"), std::string::npos);
    EXPECT_EQ(run({"bundle", "sign", bundle}).exit, 2);
    EXPECT_EQ(run({"bundle", "sgin", bundle}).exit, 2);
}

TEST_F(Command, every_command_has_a_help_with_an_example) {
    const Ended all = run({"--help"});
    for (const auto* name :
         {"plan",    "apply",  "diff",    "get",    "describe", "logs",    "attach",   "start",      "stop",
          "restart", "lock",   "unlock",  "status", "doctor",   "version", "teardown", "completion", "enroll",
          "login",   "logout", "context", "sign",   "measure",  "secret",  "bundle",   "key"}) {
        EXPECT_NE(all.out.find(std::string("\n  ") + name + " "), std::string::npos) << name;
        const Ended help = run({name, "--help"});
        EXPECT_EQ(help.exit, 0);
        EXPECT_NE(help.out.find("\nExamples\n"), std::string::npos) << name;
    }
}

TEST_F(Command, the_committed_manual_page_is_fresh) {
    std::ifstream page(std::getenv("BULKHEAD_MAN_PAGE"));
    const std::string committed{std::istreambuf_iterator<char>(page), {}};
    EXPECT_EQ(run({"__man"}).out, committed) << "mend: bulkhead __man > docs/man/bulkhead.1";
}

}  // namespace
}  // namespace bulkhead::cli
