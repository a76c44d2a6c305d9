// The log and the PCR of a real swtpm, over restarts, crashes and strangers.
#include "partition-manager/trust/measurement_log.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "crypto/encoding.hpp"
#include "partition-manager/apply/schema.hpp"
#include "partition-manager/trust/measurer.hpp"
#include "partition-manager/trust/swtpm.hpp"
#include "tests/attestation/software_tpm.hpp"

namespace bulkhead::trust {
namespace {

using attestation::RecordType;
using testing::ElementsAre;
using testing::IsEmpty;

const MeasurementLog::Facts boot{{"kernel", "k"}, {"reset_count", "1"}};

class MeasuredLog : public testing::Test {
  protected:
    // A daemon's life: its own connections to the database and the TPM.
    struct Life {
        std::unique_ptr<storage::Database> database;
        std::unique_ptr<HostAnchor> host;
        std::unique_ptr<MeasurementLog> log;
    };
    Life live(const std::string& boot_id = "boot-1") {
        Life life{*storage::Database::open(folder_.path() / "state.db"), *HostAnchor::open(tpm_.tcti()), {}};
        EXPECT_TRUE(apply::migrate(*life.database));
        auto log = MeasurementLog::open(
            *life.database, *life.host, boot_id, boot,
            [this](const std::string& code, const std::string&) { reports_.push_back(code); });
        EXPECT_TRUE(log) << log.error().text();
        life.log = std::move(*log);
        return life;
    }
    static std::vector<RecordType> types(const MeasurementLog& log) {
        std::vector<RecordType> found;
        const auto records = attestation::parse_log(log.bytes());
        EXPECT_TRUE(records) << records.error().text();
        for (const auto& record : *records) found.push_back(record.type);
        return found;
    }
    static void expect_agreement(const Life& life) {
        const auto records = attestation::parse_log(life.log->bytes());
        ASSERT_TRUE(records);
        EXPECT_EQ(crypto::to_hex(attestation::replay(*records)),
                  crypto::to_hex(*life.host->read_pcr(attestation::measurement_pcr)));
    }

    testing_support::TemporaryFolder folder_;
    testing_support::SoftwareTpm tpm_;
    std::vector<std::string> reports_;
};

TEST_F(MeasuredLog, begins_with_the_boot_and_goes_on_over_restarts_of_the_daemon) {
    {
        auto life = live();
        EXPECT_TRUE(life.log->is_new());
        ASSERT_TRUE(life.log->append(RecordType::partition_start, {{"uuid", "u"}}));
        expect_agreement(life);
    }
    const auto life = live();
    EXPECT_FALSE(life.log->is_new());
    EXPECT_THAT(types(*life.log), ElementsAre(RecordType::boot, RecordType::partition_start));
    EXPECT_THAT(reports_, IsEmpty());
    EXPECT_FALSE(life.log->extended_outside());
}

TEST_F(MeasuredLog, begins_anew_after_a_reset_of_the_tpm) {
    {
        auto life = live();
        ASSERT_TRUE(life.log->append(RecordType::partition_stop, {}));
    }
    tpm_.restart();
    const auto life = live("boot-2");
    EXPECT_EQ(life.log->boot_id(), "boot-2");
    EXPECT_THAT(types(*life.log), ElementsAre(RecordType::boot));
    expect_agreement(life);
}

TEST_F(MeasuredLog, extends_the_one_record_that_a_crash_left_unextended) {
    {
        auto life = live();
        const attestation::Record record{1, RecordType::partition_start, "boot-1", {{"uuid", "u"}}};
        ASSERT_TRUE(life.database->run("INSERT INTO measurement VALUES (1, ?)",
                                       {storage::Value{crypto::to_hex(attestation::encode_record(record))}}));
    }
    const auto life = live();
    EXPECT_THAT(types(*life.log), ElementsAre(RecordType::boot, RecordType::partition_start));
    expect_agreement(life);
    EXPECT_FALSE(life.log->extended_outside());
}

// Its answer may have been lost after it did what it was asked.
TEST_F(MeasuredLog, keeps_a_record_of_which_the_tpm_does_not_say_whether_it_has_it) {
    {
        auto life = live();
        tpm_.stop();
        EXPECT_FALSE(life.log->append(RecordType::partition_start, {{"uuid", "u"}}));
        EXPECT_FALSE(life.log->append(RecordType::partition_start, {{"uuid", "v"}}));
    }
    const auto database = *storage::Database::open(folder_.path() / "state.db");
    EXPECT_EQ(database->query("SELECT record FROM measurement").value().size(), 2U);
}

TEST_F(MeasuredLog, ends_a_start_that_was_measured_and_never_carried_out) {
    {
        auto life = live();
        for (const char* uuid : {"started", "unstarted"})
            ASSERT_TRUE(
                life.log->append(RecordType::partition_start, {{"uuid", uuid}, {"start_number", "3"}}));
        ASSERT_TRUE(life.database->run("INSERT INTO measured_run VALUES ('started', 'press', 3, '', '')"));
    }
    auto life = live();
    model::Layout layout;
    layout.state = folder_.path();
    Vtpms vtpms({.layout = layout}, *life.database, *life.host);
    const auto open = [&] { return Measurer::open({*life.database, *life.log, vtpms, {}, {}, {}}); };
    ASSERT_TRUE(open());
    ASSERT_TRUE(open()) << "and does so once";
    const auto records = attestation::parse_log(life.log->bytes()).value();
    ASSERT_EQ(records.size(), 4U);
    EXPECT_EQ(records.back().type, RecordType::partition_stop);
    EXPECT_EQ(records.back().facts.at("uuid"), "unstarted");
    EXPECT_EQ(records.back().facts.at("start_number"), "3");
    expect_agreement(life);
}

// Who took over a swtpm owns that folder.
TEST(StateOfASwtpm, is_not_left_by_a_link_in_the_place_of_its_lock) {
    const testing_support::TemporaryFolder folder;
    const Launch launch = [](const auto&, const auto&, uid_t) { return Result<>(); };
    const Swtpm swtpm{"/usr/bin/swtpm", folder.path(), 0, launch};
    EXPECT_TRUE(swtpm.wait_until_free());
    std::filesystem::create_symlink("/dev/null", folder.path() / ".lock");
    EXPECT_FALSE(swtpm.wait_until_free());
}

TEST_F(MeasuredLog, agrees_with_the_tpm_wherever_the_daemon_was_killed) {
    {
        live();
    }
    for (int round = 0; round < 12; ++round) {
        std::array<int, 2> pipe{};
        ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            auto life = live();
            while (life.log->append(RecordType::partition_stop, {{"uuid", "u"}}))
                if (::write(pipe[1], "x", 1) != 1) break;
            ::_exit(1);
        }
        ::close(pipe[1]);
        std::array<char, 1> one{};
        for (int i = 0; i <= round % 4; ++i) ASSERT_EQ(::read(pipe[0], one.data(), 1), 1);
        ::kill(child, SIGKILL);
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        ::close(pipe[0]);
        const auto life = live();
        expect_agreement(life);
        EXPECT_FALSE(life.log->extended_outside());
    }
    EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(MeasuredLog, says_that_somebody_else_extended_the_pcr_and_keeps_what_it_knows) {
    {
        const auto life = live();
        ASSERT_TRUE(life.host->extend(attestation::measurement_pcr, std::string(32, 'x')));
    }
    auto life = live();
    EXPECT_TRUE(life.log->extended_outside());
    EXPECT_THAT(reports_, ElementsAre("attestation.outside"));
    EXPECT_TRUE(life.log->append(RecordType::partition_stop, {}));
    EXPECT_THAT(types(*life.log), ElementsAre(RecordType::boot, RecordType::partition_stop));
}

TEST_F(MeasuredLog, says_that_the_pcr_was_extended_before_there_was_a_log) {
    ASSERT_TRUE((*HostAnchor::open(tpm_.tcti()))->extend(attestation::measurement_pcr, std::string(32, 'x')));
    EXPECT_TRUE(live().log->extended_outside());
    EXPECT_THAT(reports_, ElementsAre("attestation.outside"));
}

}  // namespace
}  // namespace bulkhead::trust
